"""What a person writes to choose events and deliveries, read."""

from __future__ import annotations

from typing import Any

from bridge import address
from bridge.errors import LeadbridgeError


def one(what: str) -> dict[str, Any]:
    """What an id or an address chooses: `event_id`, `delivery_id`, `call_id` or `lead`. Raises LeadbridgeError."""
    kinds = {"evt": "event_id", "dlv": "delivery_id", "call": "call_id"}
    prefix, _, number = what.partition("_")
    if prefix in kinds and number.isdecimal():
        return {kinds[prefix]: int(number)}
    if "@" in what:
        return {"lead": address.normalised(what)}
    raise LeadbridgeError(f"{what!r} is neither an address nor an id; ids look like evt_12, dlv_12 or call_12")
