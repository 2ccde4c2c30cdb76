"""A request as rows, made by the thread that received it, so that the one that commits has little left to do.

What is only known in the transaction stands apart: the ids, and the time from which a delivery may go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bridge.errors import OutboxError
from bridge.model import DeliveryState, EventState
from bridge.outbox.engine.bodies import packed
from bridge.outbox.engine.text import storable
from bridge.outbox.registry.hooks import hook_id
from bridge.outbox.registry.targets import MAX_KNOWN, ORDERED_API, account_id, lane_id

if TYPE_CHECKING:
    from bridge.model import NewDelivery, NewEvent, NewRequest, Target
    from bridge.outbox.engine.database import Outbox

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
    "ordered",
    "priority",
    "state",
    "on_doubt",
    "lead",
    "received_at",
)

_PENDING: Final = int(DeliveryState.PENDING)
_BLOCKED: Final = int(DeliveryState.BLOCKED)


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
    body = packed(request.body, compress=outbox.compress_bodies)
    return RequestRow(
        hook,
        number,
        (number, request.received_at, storable(request.content_type), request.meta, body),
        tuple([_event_row(outbox, request, number, event) for event in request.events]),
    )


def _event_row(outbox: Outbox, request: NewRequest, number: int, event: NewEvent) -> EventRow:
    key, reason, deliveries = storable(event.key), storable(event.reason), event.deliveries
    if len(deliveries) > 1:
        deliveries = tuple(sorted(deliveries, key=_action_no))
    places = {delivery.action_no: place for place, delivery in enumerate(deliveries)}
    values = (
        event.item,
        number,
        request.received_at,
        event.kind._value_,
        storable(event.type),
        event.state._value_,
        reason,
        key,
        event.key_until,
        request.mapping_set_id,
        storable(event.lead) or None,
        event.notes,
    )
    rows = tuple([_delivery_row(outbox, request.received_at, one, places) for one in deliveries])
    return EventRow(key, event.state, reason, values, rows)


def _delivery_row(outbox: Outbox, received_at: int, delivery: NewDelivery, places: dict[int, int]) -> DeliveryRow:
    """A row. Its constants are plain numbers and texts: the drivers take long over a member of an enumeration."""
    action_no, prerequisite = delivery.action_no, delivery.waits_for
    waits_for = None if prerequisite is None else places.get(prerequisite)
    if prerequisite is not None and (waits_for is None or prerequisite >= action_no):
        raise OutboxError(f"action {action_no} waits for action {prerequisite}, which does not come before it")
    values = (
        action_no,
        *_place(outbox, delivery.target),
        delivery.priority._value_,
        _PENDING if waits_for is None else _BLOCKED,
        delivery.on_doubt._value_,
        storable(delivery.lead),
        received_at,
    )
    return DeliveryRow(values, waits_for, delivery.body)


def _place(outbox: Outbox, target: Target) -> tuple[int, int, int]:
    """The account's id, the lane's id and whether the lane is ordered (1 or 0); account and lane are made if new."""
    known = outbox.known_places.get(target)
    if known is None:
        if len(outbox.known_places) > MAX_KNOWN:
            outbox.known_places.clear()
        known = account_id(outbox, target.account), lane_id(outbox, target), int(target.api == ORDERED_API)
        outbox.known_places[target] = known
    return known


def _action_no(delivery: NewDelivery) -> int:
    return delivery.action_no
