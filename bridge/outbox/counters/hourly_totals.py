"""How the totals grew, hour by hour: enough to know a hook's usual traffic without counting rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from bridge.model import HOUR_MS
from bridge.outbox.engine.transaction import from_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.counters.counters import Labels
    from bridge.outbox.engine.database import Outbox

KEEP_HOURS = 15 * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A total as it stood at `seen_at`, the first look in its hour."""

    hour: int
    value: int
    seen_at: int


def note_totals(outbox: Outbox) -> bool:
    """Store the totals of this hour, if nobody has yet; whether this call did. Purges what is older than 15 days."""
    hour = outbox.now() // HOUR_MS
    with outbox.read() as transaction:
        if transaction.row("noted_hour", hour=hour) is not None:
            return False
    with outbox.write() as transaction:
        transaction.run("drop_totals", before=hour - KEEP_HOURS)
        now = transaction.now()
        transaction.run("note_totals", hour=hour, now=now)
        return bool(transaction.run("note_look", hour=hour, now=now))


def totals_by_hour(outbox: Outbox, name: str, *, since: int) -> Mapping[Labels, tuple[Mark, ...]]:
    """The marks of a total (`events`, `deliveries`) from the hour of `since` on, by its labels, oldest first.

    Those of `looks` say when the totals were stored; a total without a mark in such an hour was 0 then.
    """
    with outbox.read() as transaction:
        rows = transaction.rows("totals_by_hour", name=name, since=since // HOUR_MS)
    return {
        tuple(json.loads(labels).items()): tuple(from_row(Mark, row, value=int(row["value"])) for row in group)
        for labels, group in groupby(rows, key=lambda row: row["labels"])
    }
