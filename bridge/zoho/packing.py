"""What may go into a call: which addresses at all, and how many deliveries by their size."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import orjson

from bridge import address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import ClaimedDelivery

MAX_BYTES = 100_000
"""What Zoho takes in a form body is not documented; 200 of the longest addresses stay below this."""


def unsendable(delivery: ClaimedDelivery) -> str | None:
    """Why Zoho would refuse the address of a stored delivery, as the end of a sentence, or None.

    It was looked at when its event came; but rules change, and one bad address poisons the call of 200. Trigger
    Leads and Add Leads take their addresses as one text with commas between them.
    """
    body = orjson.loads(delivery.body)
    given = body.get("lead_email", body.get("Lead Email")) if isinstance(body, dict) else None
    return None if given is None else address.problem(str(given))


def fits(deliveries: Sequence[ClaimedDelivery], max_bytes: int = MAX_BYTES) -> int:
    """How many deliveries, from the first on, fit in so many bytes once encoded; at least 1 if there is one."""
    used = 0
    for count, delivery in enumerate(deliveries):
        used += len(quote_plus(delivery.body))
        if used > max_bytes and count > 0:
            return count
    return len(deliveries)
