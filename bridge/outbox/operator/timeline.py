"""Why did Ada not get the mail: everything the outbox knows of an event, its deliveries and their calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from bridge.model import DeadReason, DeliveryState, EventState, Kind, OnDoubt, Priority, Target
from bridge.outbox.engine.bodies import unpacked
from bridge.outbox.engine.transaction import from_row
from bridge.outbox.registry.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStory:
    """One delivery's part in a call, and the call. `answered_at` is None when no answer came."""

    call_id: int
    started_at: int
    answered_at: int | None
    outcome: str
    result: str
    code: str
    message: str
    http_status: int | None
    call_code: str
    call_message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStory:
    """One delivery with its attempts, oldest first. `held_reason` is its lane's; `call_id` the call in flight."""

    delivery_id: int
    action_no: int
    replay: int
    target: Target
    lane_id: int
    state: DeliveryState
    priority: Priority
    on_doubt: OnDoubt
    lead: str
    received_at: int
    available_at: int
    first_try_at: int | None
    attempts_count: int
    ignored_count: int
    call_id: int | None
    waits_for: int | None
    reason: DeadReason | None
    code: str
    ended_at: int | None
    held_reason: str
    body: bytes | None = field(repr=False)
    attempts: tuple[AttemptStory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStory:
    """One event with its deliveries in the order of their actions.

    `seen` is how often the same event came, `seen_at` when it came last (None: it came once); `sent_at` is the sender's
    time.
    """

    event_id: int
    request_id: int
    item: int
    hook: str
    received_at: int
    kind: Kind
    type: str
    state: EventState
    reason: str
    key: str
    mapping_set_id: int | None
    lead: str
    seen: int
    seen_at: int | None
    sent_at: int | None
    notes: bytes = field(repr=False)
    deliveries: tuple[DeliveryStory, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    """The request of an event as it came. `body` is None once it was purged."""

    request_id: int
    hook: str
    received_at: int
    content_type: str
    meta: bytes
    body: bytes | None = field(repr=False)

    @property
    def received_first_at(self) -> int:
        """When it came; of a request that was received again by a replay, when it came the first time."""
        first: int = orjson.loads(self.meta or b"{}").get("received_first_at", self.received_at)
        return first


def find_events(
    outbox: Outbox,
    *,
    lead: str | None = None,
    event_id: int | None = None,
    delivery_id: int | None = None,
    call_id: int | None = None,
    hook: str | None = None,
    state: EventState | None = None,
    limit: int = 50,
) -> tuple[EventStory, ...]:
    """The whole story of the newest events that fit, newest first.

    Exactly one of `lead` (the normalised address), `event_id`, `delivery_id`, `call_id` and `hook` (with `state`)
    chooses them; with none of these, the newest of all. Raises ValueError when more than one is given.
    """
    choices = {"lead": lead, "event_id": event_id, "delivery_id": delivery_id, "call_id": call_id, "hook": hook}
    given = {name: value for name, value in choices.items() if value is not None}
    if len(given) > 1 or (state is not None and hook is None):
        raise ValueError(
            f"cannot look for {' and '.join(given) or 'a state'} at once; give one (a state goes with a hook)"
        )
    with outbox.read() as transaction:
        rows = _events(transaction, given, state, limit)
        return tuple(_event(transaction, row) for row in rows)


def request_of(outbox: Outbox, event_id: int) -> StoredRequest | None:
    """The request that brought an event, None when there is no such event."""
    with outbox.read() as transaction:
        row = transaction.row("request_of", event_id=event_id)
    if row is None:
        return None
    return from_row(
        StoredRequest,
        row,
        request_id=row["id"],
        meta=row["meta"] or b"",
        body=None if row["body"] is None else unpacked(row["body"]),
    )


def _events(
    transaction: Transaction, given: Mapping[str, object], state: EventState | None, limit: int
) -> Sequence[Row]:
    if "hook" in given:
        # State by state, each from the end of its index; `events_by_hook` would sort all events of the hook.
        states = EventState if state is None else (state,)
        values = {"hook": given["hook"], "limit": limit}
        rows = [row for one in states for row in transaction.rows("events_by_hook", state=int(one), **values)]
        return sorted(rows, key=lambda row: -int(row["id"]))[:limit]
    (choice, value), *_ = [*given.items(), ("newest", None)]
    return transaction.rows(f"events_by_{choice}", value=value, limit=limit)


def _event(transaction: Transaction, row: Row) -> EventStory:
    deliveries = transaction.rows("deliveries_of_event", event_id=row["id"])
    return from_row(
        EventStory,
        row,
        event_id=row["id"],
        kind=Kind(row["kind"]),
        state=EventState(row["state"]),
        key=row["key"] or "",
        lead=row["lead"] or "",
        notes=row["notes"] or b"",
        deliveries=tuple(_delivery(transaction, delivery) for delivery in deliveries),
    )


def _delivery(transaction: Transaction, row: Row) -> DeliveryStory:
    attempts = transaction.rows("attempts_of_delivery", delivery_id=row["id"])
    return from_row(
        DeliveryStory,
        row,
        delivery_id=row["id"],
        target=target_of(row),
        state=DeliveryState(row["state"]),
        priority=Priority(row["priority"]),
        on_doubt=OnDoubt(row["on_doubt"]),
        attempts_count=row["attempts"],
        reason=DeadReason(row["reason"]) if row["reason"] else None,
        code=row["code"] or "",
        held_reason=row["held_reason"] or "",
        attempts=tuple(_attempt(attempt) for attempt in attempts),
    )


def _attempt(row: Row) -> AttemptStory:
    return from_row(
        AttemptStory,
        row,
        message=row["message"] or "",
        call_code=row["call_code"] or "",
        call_message=row["call_message"] or "",
    )
