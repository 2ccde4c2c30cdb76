"""A person's no: what waits is given up, and what was given up counts as looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState, EventState
from bridge.outbox.acts import jobs
from bridge.outbox.counters import counters
from bridge.outbox.queue.dependents import bury_dependents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

DISMISSED = "dismissed"
"""The reason of an event that a person needs nothing more of."""

CANCELLED = DeadReason.CANCELLED.value


def cancel(outbox: Outbox, delivery_ids: Iterable[int], *, job_id: int | None = None) -> int:
    """Give up what is pending or blocked, and mark what is dead as decided; how many of them changed.

    Actions that wait for a cancelled one die with it. What a call has in flight is left alone: it may have arrived.
    They are items of the job `job_id`, if one is given: then what is done already is left alone.
    """
    deltas = counters.CounterDeltas()
    with outbox.write() as transaction:
        now = transaction.now()
        chosen = jobs.taken(transaction, job_id, delivery_ids)
        cancelled = [one for one in chosen if cancel_one(transaction, one, now, deltas)]
        bury_dependents(transaction, cancelled, now, deltas)
        jobs.settle(transaction, job_id, {one: "cancelled" if one in cancelled else "unchanged" for one in chosen})
        counters.add(outbox, transaction, deltas)
    return len(cancelled)


def dismiss(outbox: Outbox, event_ids: Iterable[int], *, job_id: int | None = None) -> int:
    """Decide that refused events need nothing more: they count as ignored from now on; how many changed.

    They are items of the job `job_id`, if one is given: then what is done already is left alone.
    """
    deltas = counters.CounterDeltas()
    results: dict[int, str] = {}
    with outbox.write() as transaction:
        for event_id in jobs.taken(transaction, job_id, event_ids):
            row = transaction.row("dismiss_event", event_id=event_id, reason=DISMISSED)
            results[event_id] = "unchanged" if row is None else DISMISSED
            if row is not None:
                deltas.note_mapped_again(row["hook"], EventState.REFUSED, EventState.IGNORED)
        jobs.settle(transaction, job_id, results)
        counters.add(outbox, transaction, deltas)
    return sum(result == DISMISSED for result in results.values())


def cancel_one(transaction: Transaction, delivery_id: int, now: int, deltas: counters.CounterDeltas) -> bool:
    """Cancel one delivery within a transaction; whether that changed it."""
    row = transaction.row("cancellable", delivery_id=delivery_id)
    if row is None:
        return False
    if row["state"] == DeliveryState.DEAD:
        return _review(transaction, row, deltas)
    changed = transaction.run("cancel_open", delivery_id=delivery_id, now=now)
    deltas.note_dead(row["api"], DeadReason.CANCELLED, changed)
    return bool(changed)


def _review(transaction: Transaction, row: Row, deltas: counters.CounterDeltas) -> bool:
    changed = transaction.run("cancel_dead", delivery_id=row["id"])
    deltas.note("dead", -changed, api=row["api"], reason=row["reason"] or DeadReason.PERMANENT.value)
    deltas.note("dead", changed, api=row["api"], reason=CANCELLED)
    return bool(changed)
