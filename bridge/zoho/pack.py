"""How many deliveries a call may carry by size."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import ClaimedDelivery

MAX_BYTES = 100_000
"""What Zoho takes in a form body is not documented; 200 of the longest addresses stay below this."""


def fits(deliveries: Sequence[ClaimedDelivery], max_bytes: int = MAX_BYTES) -> int:
    """How many deliveries, from the first on, fit in so many bytes once encoded; at least 1 if there is one."""
    used = 0
    for count, delivery in enumerate(deliveries):
        used += len(quote_plus(delivery.body))
        if used > max_bytes and count > 0:
            return count
    return len(deliveries)
