"""Addresses that look like one that was asked for: most often it is a slip of the pen, at the form or here."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox

LOOKED_AT = 2_000
LIKENESS = 0.84


def near_spellings(outbox: Outbox, lead: str, *, limit: int = 3) -> tuple[str, ...]:
    """Leads that are known and spelled nearly so, the closest first. Only those that start alike are looked at."""
    known: set[str] = set()
    with outbox.read() as transaction:
        for length in (3, 1):
            rows = transaction.rows("leads_from", low=lead[:length], limit=LOOKED_AT)
            known |= {row["lead"] for row in rows if row["lead"].startswith(lead[:1])}
    return tuple(get_close_matches(lead, sorted(known - {lead}), n=limit, cutoff=LIKENESS))


def leads_like(outbox: Outbox, start: str, *, limit: int = 20) -> tuple[str, ...]:
    """Leads whose address starts so, in the order of their addresses."""
    low = start.strip().lower()
    with outbox.read() as transaction:
        rows = transaction.rows("leads_from", low=low, limit=limit)
    return tuple(row["lead"] for row in rows if row["lead"].startswith(low))
