"""Leads found by less than their address: by one spelled nearly so, by its start, or by what is computed from it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox.engine.database import Outbox

LOOKED_AT = 2_000
LIKENESS = 0.84
CHUNK = 5_000


def near_spellings(outbox: Outbox, lead: str, *, limit: int = 3) -> tuple[str, ...]:
    """Leads that are known and spelled nearly so, the closest first. Only those that start alike are looked at."""
    known: set[str] = set()
    with outbox.read() as transaction:
        for length in (3, 1):
            rows = transaction.rows("leads_from", low=lead[:length], limit=LOOKED_AT)
            known |= {row["lead"] for row in rows if row["lead"].startswith(lead[:1])}
    return tuple(get_close_matches(lead, sorted(known - {lead}), n=limit, cutoff=LIKENESS))


MOST_LIKE = 20
"""So many addresses that start alike are listed."""


def leads_like(outbox: Outbox, start: str, *, limit: int = MOST_LIKE) -> tuple[str, ...]:
    """Leads whose address starts so, in the order of their addresses."""
    low = start.strip().lower()
    with outbox.read() as transaction:
        rows = transaction.rows("leads_from", low=low, limit=limit)
    return tuple(row["lead"] for row in rows if row["lead"].startswith(low))


def lead_that(outbox: Outbox, fits: Callable[[str], bool]) -> str | None:
    """The first lead that fits; None when no lead does. Every lead may be read, some thousands at a time."""
    low = ""
    while True:
        with outbox.read() as transaction:
            leads = [row["lead"] for row in transaction.rows("leads_from", low=low, limit=CHUNK)]
        found = next(filter(fits, leads), None)
        if found is not None or len(leads) < CHUNK:
            return found
        low = leads[-1]
