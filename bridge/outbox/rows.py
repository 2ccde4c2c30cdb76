"""A request as rows, made by the thread that received it, so that the one that commits has little left to do.

What is only known in the transaction stands apart: the ids, and the time from which a delivery may go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bridge.errors import OutboxError
from bridge.model import DeliveryState, EventState
from bridge.outbox.hooks import hook_id
from bridge.outbox.targets import account_id, lane_id
from bridge.outbox.text import storable

if TYPE_CHECKING:
    from bridge.model import NewDelivery, NewEvent, NewRequest
    from bridge.outbox.database import Outbox

ORDERED_APIS = frozenset({"subscribe"})
"""Fields belong to the account, so what one lead subscribes with goes one at a time, in the order of receipt."""

REQUEST_COLUMNS = ("hook_id", "received_at", "content_type", "meta", "body")
EVENT_COLUMNS = (
    "item",
    "hook_id",
    "received_at",
    "kind",
    "type",
    "state",
    "reason",
    "key",
    "key_until",
    "mapping_set_id",
    "lead",
    "notes",
)
DELIVERY_COLUMNS = (
    "action_no",
    "account_id",
    "lane_id",
    "class",
    "state",
    "ordered",
    "on_doubt",
    "lead",
    "received_at",
)


class DeliveryRow(NamedTuple):
    """A delivery: `values` in the order of DELIVERY_COLUMNS. `waits_for` counts the event's rows from 0."""

    values: tuple[object, ...]
    waits_for: int | None
    body: bytes


class EventRow(NamedTuple):
    """An event: `values` in the order of EVENT_COLUMNS, its deliveries in the order of their actions."""

    key: str
    state: EventState
    reason: str
    values: tuple[object, ...]
    deliveries: tuple[DeliveryRow, ...]


class RequestRow(NamedTuple):
    """A request: `values` in the order of REQUEST_COLUMNS."""

    hook: str
    hook_id: int
    values: tuple[object, ...]
    events: tuple[EventRow, ...]


def rows_of(outbox: Outbox, request: NewRequest) -> RequestRow:
    """A request as rows. New hooks, accounts and lanes are made, each in a transaction of its own.

    Raises OutboxError for a delivery that waits for one that does not come before it, OutboxUnavailableError.
    """
    hook = storable(request.hook)
    number = hook_id(outbox, hook)
    return RequestRow(
        hook=hook,
        hook_id=number,
        values=(number, request.received_at, storable(request.content_type), request.meta, request.body),
        events=tuple([_event_row(outbox, request, number, event) for event in request.events]),
    )


def _event_row(outbox: Outbox, request: NewRequest, number: int, event: NewEvent) -> EventRow:
    key, reason = storable(event.key), storable(event.reason)
    ordered = sorted(event.deliveries, key=_action_no) if len(event.deliveries) > 1 else event.deliveries
    places = {delivery.action_no: place for place, delivery in enumerate(ordered)}
    return EventRow(
        key=key,
        state=event.state,
        reason=reason,
        values=(
            event.item,
            number,
            request.received_at,
            event.kind.value,
            storable(event.type),
            int(event.state),
            reason,
            key,
            event.key_until,
            request.mapping_set_id,
            storable(event.lead) or None,
            event.notes,
        ),
        deliveries=tuple([_delivery_row(outbox, request, one, places) for one in ordered]),
    )


def _delivery_row(outbox: Outbox, request: NewRequest, delivery: NewDelivery, places: dict[int, int]) -> DeliveryRow:
    waits_for = None
    if delivery.waits_for is not None:
        waits_for = places.get(delivery.waits_for)
        if waits_for is None or delivery.waits_for >= delivery.action_no:
            raise OutboxError(
                f"action {delivery.action_no} waits for action {delivery.waits_for}, which does not come before it"
            )
    target = delivery.target
    return DeliveryRow(
        values=(
            delivery.action_no,
            account_id(outbox, target.account),
            lane_id(outbox, target),
            int(delivery.delivery_class),
            int(DeliveryState.PENDING if waits_for is None else DeliveryState.BLOCKED),
            int(target.api in ORDERED_APIS),
            delivery.on_doubt.value,
            storable(delivery.lead),
            request.received_at,
        ),
        waits_for=waits_for,
        body=delivery.body,
    )


def _action_no(delivery: NewDelivery) -> int:
    return delivery.action_no
