"""Subscribes that repeat what Zoho accepted last: delivered without a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.outbox.counters import counters
from bridge.outbox.queue.batch_selection import choose
from bridge.outbox.queue.claim import claimed_delivery
from bridge.outbox.queue.dependents import release_dependents

if TYPE_CHECKING:
    from bridge.model import ClaimedDelivery
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

MAX_SETTLED: Final = 50


def settle_unchanged(outbox: Outbox, lane_id: int, *, within_ms: int) -> tuple[ClaimedDelivery, ...]:
    """Settle the deliveries at the head of a lane that equal the last accepted one of their lead; those settled.

    Equal means: the same lane, the same fields, accepted no longer than `within_ms` ago, and no other subscribe of the
    lead accepted since. A replay is never settled so: somebody wants it sent. They end as delivered with the code
    `unchanged`; what waited for them becomes pending.
    """
    with outbox.read() as transaction:
        if _unchanged_head(transaction, lane_id, within_ms) is None:
            return ()
    deltas = counters.CounterDeltas()
    settled: list[ClaimedDelivery] = []
    with outbox.write() as transaction:
        transaction.row("lock_account_of_lane", lane_id=lane_id)
        while len(settled) < MAX_SETTLED and (row := _unchanged_head(transaction, lane_id, within_ms)):
            now = transaction.now()
            if transaction.run("settle_unchanged", delivery_id=row["id"], now=now):
                settled.append(claimed_delivery(row))
                release_dependents(transaction, [row["id"]], now)
                deltas.note("deliveries", api=row["api"], state="delivered", reason="")
        counters.add(outbox, transaction, deltas)
    return tuple(settled)


def _unchanged_head(transaction: Transaction, lane_id: int, within_ms: int) -> Row | None:
    now = transaction.now()
    head = choose(transaction, lane_id, 1, now).ids[:1]
    return transaction.row("unchanged", delivery_id=head[0], now=now, since=now - within_ms) if head else None
