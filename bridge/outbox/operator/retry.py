"""Retrying by hand: a dead delivery becomes pending again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState
from bridge.outbox.acts import jobs
from bridge.outbox.counters import counters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction


def retry(outbox: Outbox, delivery_ids: Iterable[int], *, job_id: int | None = None) -> int:
    """Make dead deliveries pending again, with a fresh 72 hours; how many came back, those that follow included.

    They are items of the job `job_id`, if one is given: then what is done already is left alone.

    A delivery that died because an earlier action did brings that one back too and waits for it; actions that died
    with a retried one wait for it again. What is not dead is left alone.
    """
    deltas = counters.CounterDeltas()
    retried: set[int] = set()
    with outbox.write() as transaction:
        now = transaction.now()
        chosen = jobs.taken(transaction, job_id, delivery_ids)
        for delivery_id in chosen:
            _retry(transaction, delivery_id, now, deltas, retried)
        jobs.settle(transaction, job_id, {one: "retried" if one in retried else "unchanged" for one in chosen})
        counters.add(outbox, transaction, deltas)
    return len(retried)


def _retry(
    transaction: Transaction, delivery_id: int, now: int, deltas: counters.CounterDeltas, retried: set[int]
) -> None:
    row = transaction.row("retryable", delivery_id=delivery_id)
    if row is None:
        return
    waits = row["waits_for"] is not None and row["prerequisite_state"] != DeliveryState.DELIVERED
    state = DeliveryState.BLOCKED if waits else DeliveryState.PENDING
    count = transaction.run("retry", delivery_id=delivery_id, state=int(state), now=now)
    retried.add(delivery_id)
    deltas.note("dead", -count, api=row["api"], reason=row["reason"] or DeadReason.PERMANENT.value)
    if waits and row["prerequisite_state"] == DeliveryState.DEAD:
        _retry(transaction, row["waits_for"], now, deltas, retried)
    for dependent in transaction.rows("dead_waiting_for", waits_for=delivery_id):
        _retry(transaction, dependent["id"], now, deltas, retried)
