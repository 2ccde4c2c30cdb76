"""What a person writes to choose events and deliveries, read: on the command line and in the address of a page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bridge import address, zoho
from bridge.errors import LeadbridgeError
from bridge.model import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, DeliveryState, EventState, Kind, Priority
from bridge.outbox.operator import Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT_STATES: Final = {state.name.lower(): state for state in EventState}
DELIVERY_STATES: Final = {state.name.lower(): state for state in DeliveryState}
PRIORITIES: Final = {kind.name.lower(): kind for kind in Priority}
KINDS: Final = {kind.value: kind for kind in Kind}
APIS: Final = {api.name: api.name for api in zoho.lead_apis()}

MARKS: Final = ("hook", "state", "reason", "kind", "lane", "target", "api", "priority", "since", "until")
"""The names by which events and deliveries are chosen, next to an id or an address (`what`)."""

_CHOICES: Final[Mapping[str, Mapping[str, Any]]] = {
    "state": {**EVENT_STATES, **DELIVERY_STATES},
    "kind": KINDS,
    "priority": PRIORITIES,
    "api": APIS,
}
_SPAN: Final = re.compile(r"(\d{1,9})\s*(s|min|h|d)", re.ASCII)
_UNIT_MS: Final = {"s": SECOND_MS, "min": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_LARGEST_ID: Final = 2**63 - 1
_LATEST: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000


def selector_of(given: Mapping[str, str | None], *, now: int) -> Selector:
    """The selector of texts by name: `what` and those of MARKS; one that is empty or missing chooses nothing.

    `now` (ms UTC) is what spans such as 2h count from. Raises LeadbridgeError that names what cannot be read.
    """
    text = {name: value for name, value in given.items() if value}
    for name, choices in _CHOICES.items():
        if name in text and text[name] not in choices:
            raise LeadbridgeError(f"there is no {name} {text[name]!r}; there are {', '.join(choices)}")
    chosen = one(text["what"]) if "what" in text else {}
    if "call_id" in chosen:
        raise LeadbridgeError("a call is only shown; choose by event, delivery or address here")
    return Selector(
        **chosen,
        hook=text.get("hook"),
        reason=text.get("reason"),
        target=text.get("target"),
        api=text.get("api"),
        event_state=EVENT_STATES.get(text.get("state", "")),
        delivery_state=DELIVERY_STATES.get(text.get("state", "")),
        kind=KINDS.get(text.get("kind", "")),
        lane_id=_number(text["lane"], "a lane is a number") if "lane" in text else None,
        priority=PRIORITIES.get(text.get("priority", "")),
        since=moment(text["since"], now) if "since" in text else None,
        until=moment(text["until"], now) if "until" in text else None,
    )


def is_everything(selector: Selector) -> bool:
    """Whether a selector chooses all there is."""
    return selector == Selector()


def one(what: str) -> dict[str, Any]:
    """What an id or an address chooses: `event_id`, `delivery_id`, `call_id` or `lead`. Raises LeadbridgeError."""
    kinds = {"evt": "event_id", "dlv": "delivery_id", "call": "call_id"}
    prefix, _, number = what.partition("_")
    if prefix in kinds and (known := whole_number(number)) is not None:
        return {kinds[prefix]: known}
    if "@" in what:
        return {"lead": address.normalised(what)}
    raise LeadbridgeError(f"{what!r} is neither an address nor an id; ids look like evt_12, dlv_12 or call_12")


def event_id_of(name: str) -> int:
    """The number of an event's id such as evt_12. Raises LeadbridgeError."""
    found: int | None = one(name).get("event_id") if name.startswith("evt_") else None
    if found is None:
        raise LeadbridgeError(f"{name!r} is not an event; an event's id looks like evt_12")
    return found


def moment(text: str, now: int) -> int:
    """A time as people write it, in ms UTC: so long ago (`2h`), a date, or a date and time. Raises LeadbridgeError.

    What lies before 1970 or after 9999, where nothing is, is the nearest time within.
    """
    span = _SPAN.fullmatch(text.strip())
    try:
        if span:
            found = now - int(span.group(1)) * _UNIT_MS[span.group(2)]
        else:
            read = datetime.fromisoformat(text)
            found = round((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() * 1000)
        return min(max(found, 0), _LATEST)
    except (ValueError, OverflowError):
        raise LeadbridgeError(f"{text!r} is not a time; write 30min, 2h, 3d, 2026-11-21 or 2026-11-21T09:30") from None


def whole_number(text: str) -> int | None:
    """The number that a text of ASCII digits is, the largest id there can be for any larger; None for other texts."""
    return min(int(text[:20]), _LARGEST_ID) if text.isdecimal() and text.isascii() else None


def _number(text: str, rule: str) -> int:
    found = whole_number(text)
    if found is None:
        raise LeadbridgeError(f"{rule}, which {text!r} is not")
    return found
