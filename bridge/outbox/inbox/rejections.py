"""Requests that were rejected: nothing of them is stored but how many there were, by hook, reason and minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.model import HOUR_MS, MINUTE_MS
from bridge.outbox.engine.text import storable
from bridge.outbox.engine.transaction import from_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.engine.database import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejections:
    """How many requests of a hook were rejected for one reason, and when the last one was.

    `hook` is empty for names that no hook ever had.
    """

    hook: str
    why: str
    count: int
    last_at: int


def add_rejections(outbox: Outbox, counts: Mapping[tuple[str, str], int], *, at: int) -> None:
    """Add what was rejected lately, by hook and reason. To be called every few seconds and never per request."""
    rows = [
        {"hook": storable(hook), "why": why, "minute": at // MINUTE_MS, "count": count, "last_at": at}
        for (hook, why), count in sorted(counts.items())
        if count
    ]
    if rows:
        with outbox.write() as transaction:
            transaction.run_many("add_rejections", rows)


def rejections(outbox: Outbox, *, since: int, hook: str | None = None) -> tuple[Rejections, ...]:
    """What was rejected after `since` (exact to a minute), of one hook or of all."""
    with outbox.read() as transaction:
        rows = transaction.rows("rejections", minute=since // MINUTE_MS, since=since, hook=hook)
    return tuple(from_row(Rejections, row, count=int(row["total"])) for row in rows)


def rejections_by_hour(outbox: Outbox, *, since: int) -> Mapping[str, Mapping[int, int]]:
    """How many requests of each hook were rejected, by the hours since 1970 from the one of `since` (ms UTC) on."""
    with outbox.read() as transaction:
        rows = transaction.rows("rejections_by_hour", minute=since // HOUR_MS * 60)
    found: dict[str, dict[int, int]] = {}
    for row in rows:
        found.setdefault(row["hook"], {})[row["hour"]] = int(row["total"])
    return found
