"""Replaying one event: its open deliveries give way to new ones, in one transaction with the job's progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeliveryState, EventState
from bridge.outbox.counters import counters, jobs
from bridge.outbox.engine.text import storable
from bridge.outbox.operator.cancel import cancel_one
from bridge.outbox.queue.ordering import promote
from bridge.outbox.registry.targets import ORDERED_API, account_id, lane_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.model import NewDelivery, NewEvent
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction


def overtaken_by(outbox: Outbox, event_id: int, lead: str) -> int | None:
    """The first later event of the same person that became deliveries, None if there is none."""
    with outbox.read() as transaction:
        row = transaction.row("later_event_of_lead", event_id=event_id, lead=lead)
    return row["id"] if row else None


def store_replay(
    outbox: Outbox,
    event_id: int,
    event: NewEvent,
    *,
    mapping_set_id: int | None,
    job: tuple[int, Mapping[str, int]] | None = None,
) -> bool:
    """Give an event what today's mapping made of it, and its deliveries; False when a call has one in flight.

    What is pending or blocked of the event is cancelled. The new deliveries get the event's next replay number, so
    that any number of replays works. `job` is the job to advance to this event, with its counts.
    """
    places = places_of(outbox, event.deliveries)
    tally = counters.CounterDeltas()
    with outbox.write() as transaction:
        now = transaction.now()
        transaction.row("lock_event", event_id=event_id)
        before = transaction.rows("states_of_event", event_id=event_id)
        if any(row["state"] == DeliveryState.CLAIMED for row in before):
            return False
        waiting = [row["id"] for row in before if row["state"] in (DeliveryState.PENDING, DeliveryState.BLOCKED)]
        for delivery_id in waiting:
            cancel_one(transaction, delivery_id, now, tally)
        _note_state(transaction, event_id, event, tally)
        transaction.run("map_event_again", event_id=event_id, mapping_set_id=mapping_set_id, **columns_of(event))
        replay = max((row["replay"] for row in before), default=-1) + 1
        add_deliveries(transaction, event_id, event.deliveries, places, replay=replay, now=now)
        promote(transaction, waiting, now)
        if job is not None:
            jobs.advance(transaction, job[0], cursor=event_id, counts=job[1])
        counters.add(outbox, transaction, tally)
    return True


def _note_state(transaction: Transaction, event_id: int, event: NewEvent, tally: counters.CounterDeltas) -> None:
    """Count that an event has changed its state."""
    row = transaction.row("event_before", event_id=event_id)
    if row is not None and row["state"] != event.state:
        tally.note("remapped", -1, hook=row["hook"], state=EventState(row["state"]).name.lower())
        tally.note("remapped", hook=row["hook"], state=event.state.name.lower())


def places_of(outbox: Outbox, deliveries: Sequence[NewDelivery]) -> dict[int, dict[str, object]]:
    """The account and the lane of each delivery by its action's number, made where they are new."""
    return {
        one.action_no: {"account_id": account_id(outbox, one.target.account), "lane_id": lane_id(outbox, one.target)}
        for one in deliveries
    }


def columns_of(event: NewEvent) -> dict[str, object]:
    """What of a stored event changes when it is mapped again."""
    return {
        "state": int(event.state),
        "reason": storable(event.reason),
        "kind": event.kind.value,
        "lead": storable(event.lead) or None,
        "notes": event.notes,
    }


def add_deliveries(
    transaction: Transaction,
    event_id: int,
    deliveries: Sequence[NewDelivery],
    places: Mapping[int, Mapping[str, object]],
    *,
    replay: int,
    now: int,
) -> None:
    """Add deliveries to an event that is stored already, due now but for those that wait for another."""
    ids: dict[int, int] = {}
    for one in sorted(deliveries, key=lambda delivery: delivery.action_no):
        row = transaction.row(
            "add_replayed",
            event_id=event_id,
            replay=replay,
            action_no=one.action_no,
            state=int(DeliveryState.PENDING if one.waits_for is None else DeliveryState.BLOCKED),
            ordered=int(one.target.api == ORDERED_API),
            on_doubt=one.on_doubt.value,
            lead=storable(one.lead),
            now=now,
            waits_for=None if one.waits_for is None else ids[one.waits_for],
            priority=int(one.priority),
            **places[one.action_no],
        )
        ids[one.action_no] = int(row["id"]) if row else 0
        transaction.run("add_payload", delivery_id=ids[one.action_no], body=one.body)
