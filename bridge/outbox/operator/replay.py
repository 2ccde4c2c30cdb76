"""Replaying one event: its open deliveries give way to new ones, in one transaction with the job's progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeliveryState, EventState
from bridge.outbox.acts import jobs
from bridge.outbox.counters import counters
from bridge.outbox.engine.text import storable
from bridge.outbox.inbox import insert
from bridge.outbox.inbox.rows import delivery_rows
from bridge.outbox.operator.cancel import cancel_one
from bridge.outbox.queue.deferral import promote
from bridge.outbox.registry.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import NewEvent, Target
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction
    from bridge.outbox.inbox.rows import DeliveryRow


def journeys_of_changes(outbox: Outbox, event_id: int) -> tuple[tuple[Target, str], ...]:
    """The journeys, with their leads, that other events of this one's key have started or will start."""
    with outbox.read() as transaction:
        rows = transaction.rows("journeys_of_changes", event_id=event_id)
    return tuple((target_of(row), row["lead"]) for row in rows)


def store_replay(
    outbox: Outbox,
    event_id: int,
    event: NewEvent,
    *,
    mapping_set_id: int | None,
    job: tuple[int, str] | None = None,
) -> bool:
    """Give an event what today's mapping made of it, and its deliveries; False when a call has one in flight.

    What is pending or blocked of the event is cancelled. The new deliveries get the event's next replay number, so
    that any number of replays works. `job` is the job that this event is an item of, with the item's result: one that
    is done already is left alone.
    """
    with outbox.read() as transaction:
        received_at = transaction.needed_row("receipt_of_event", event_id=event_id)["received_at"]
    rows = delivery_rows(outbox, received_at, event.deliveries)
    deltas = counters.CounterDeltas()
    with outbox.write() as transaction:
        now = transaction.now()
        if job is not None and not jobs.taken(transaction, job[0], (event_id,)):
            return True
        transaction.row("lock_event", event_id=event_id)
        before = transaction.rows("states_of_event", event_id=event_id)
        if any(row["state"] == DeliveryState.CLAIMED for row in before):
            return False
        waiting = [row["id"] for row in before if row["state"] in (DeliveryState.PENDING, DeliveryState.BLOCKED)]
        for delivery_id in waiting:
            cancel_one(transaction, delivery_id, now, deltas)
        _note_state(transaction, event_id, event, deltas)
        transaction.run("map_event_again", event_id=event_id, mapping_set_id=mapping_set_id, **columns_of(event))
        deltas.update(add_replayed(transaction, event_id, rows, before))
        promote(transaction, waiting, now)
        if job is not None:
            jobs.settle(transaction, job[0], {event_id: job[1]})
        counters.add(outbox, transaction, deltas)
    return True


def _note_state(transaction: Transaction, event_id: int, event: NewEvent, deltas: counters.CounterDeltas) -> None:
    """Count that an event has changed its state."""
    row = transaction.row("event_before", event_id=event_id)
    if row is not None and row["state"] != event.state:
        deltas.note_mapped_again(row["hook"], EventState(row["state"]), event.state)


def columns_of(event: NewEvent) -> dict[str, object]:
    """What of a stored event changes when it is mapped again."""
    return {
        "state": int(event.state),
        "reason": storable(event.reason),
        "kind": event.kind.value,
        "lead": storable(event.lead) or None,
        "notes": event.notes,
        "sent_at": event.sent_at,
        "outcome": event.outcome,
    }


def add_replayed(
    transaction: Transaction, event_id: int, deliveries: Sequence[DeliveryRow], before: Sequence[Row]
) -> counters.CounterDeltas:
    """Add deliveries to an event that has others from `before`, under its next replay number; adds to the totals."""
    ids = insert.take_ids(transaction, deliveries=len(deliveries))
    replay = max((row["replay"] for row in before), default=-1) + 1
    deltas = counters.CounterDeltas()
    insert.add_deliveries(transaction, [(event_id, deliveries)], ids, deltas, replay=replay)
    return deltas
