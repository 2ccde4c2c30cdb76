"""What follows the end of a delivery: the actions of its event that wait for it, and the next of its lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason
from bridge.outbox.queue.deferral import promote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.counters.counters import CounterDeltas
    from bridge.outbox.engine.transaction import Transaction


def release_dependents(transaction: Transaction, delivered: Sequence[int], now: int) -> None:
    """Make pending what waited for deliveries that have just been delivered."""
    transaction.run_each("unblock", [{"waits_for": delivery_id} for delivery_id in delivered], now=now)
    promote(transaction, delivered, now)


def bury_dependents(transaction: Transaction, dead: Sequence[int], now: int, deltas: CounterDeltas) -> None:
    """Give up what waited for deliveries that were given up, and what waited for that, to the end of the chain."""
    frontier = list(dead)
    while frontier:
        promote(transaction, frontier, now)
        rows = [row for prerequisite in frontier for row in _bury(transaction, prerequisite, now)]
        for _, api in rows:
            deltas.note_dead(api, DeadReason.PREREQUISITE)
        frontier = [delivery_id for delivery_id, _ in rows]


def _bury(transaction: Transaction, prerequisite: int, now: int) -> list[tuple[int, str]]:
    waiting = transaction.rows("blocked_by", waits_for=prerequisite)
    for row in waiting:
        transaction.run("bury_dependent", delivery_id=row["id"], now=now)
    return [(row["id"], row["api"]) for row in waiting]
