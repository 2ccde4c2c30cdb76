"""A request as rows, made by the thread that received it, so that the one that commits has little left to do.

What is only known in the transaction stands apart: the ids, and the time from which a delivery may go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from bridge.errors import OutboxError
from bridge.model import EventState, Order
from bridge.outbox.engine.bodies import packed
from bridge.outbox.engine.text import storable
from bridge.outbox.registry.hooks import hook_id
from bridge.outbox.registry.known_ids import MAX_KNOWN
from bridge.outbox.registry.targets import ORDERS, account_id, lane_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Kind, NewDelivery, NewEvent, NewRequest, Problem, Target
    from bridge.outbox.engine.database import Outbox

REQUEST_COLUMNS: Final = ("hook_id", "received_at", "content_type", "meta", "body")
EVENT_COLUMNS: Final = (
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
    "sent_at",
    "inputs",
    "outcome",
)
DELIVERY_COLUMNS: Final = (
    "action_no",
    "account_id",
    "lane_id",
    "ordered",
    "priority",
    "on_doubt",
    "lead",
    "received_at",
)

_STATE: Final = EVENT_COLUMNS.index("state")
_REASON: Final = EVENT_COLUMNS.index("reason")
_NOTES: Final = EVENT_COLUMNS.index("notes")
_KEY_UNTIL: Final = EVENT_COLUMNS.index("key_until")


class DeliveryRow(NamedTuple):
    """A delivery: `values` in the order of DELIVERY_COLUMNS. `waits_for` counts the event's rows from 0.

    `order` is the number of an `Order`.
    """

    lane_id: int
    order: int
    lead: str
    values: tuple[object, ...]
    waits_for: int | None
    body: bytes


class EventRow(NamedTuple):
    """An event: `values` in the order of EVENT_COLUMNS, its deliveries in the order of their actions."""

    key: str
    kind: Kind
    state: EventState
    reason: str
    lead: str
    sent_at: int | None
    inputs: bytes
    outcome: bytes
    values: tuple[object, ...]
    deliveries: tuple[DeliveryRow, ...]

    @property
    def withdraws(self) -> bool:
        """Whether by this event somebody leaves."""
        return bool(self.deliveries) and self.deliveries[0].order == Order.WITHDRAWAL

    @property
    def has_id(self) -> bool:
        """Whether its key is an id; else it is its content, which counts for some time only."""
        return self.values[_KEY_UNTIL] is None

    def ignored(self, reason: str) -> EventRow:
        """The same event, ignored for this reason, with nothing to deliver."""
        return self._without_deliveries(EventState.IGNORED, reason)

    def refused(self, problem: Problem) -> EventRow:
        """The same event, refused for this problem, with nothing to deliver."""
        notes = orjson.dumps({"problems": [problem.as_json()]})
        return self._without_deliveries(EventState.REFUSED, problem.code, notes)

    def _without_deliveries(self, state: EventState, reason: str, notes: bytes | None = None) -> EventRow:
        values = list(self.values)
        values[_STATE], values[_REASON] = int(state), reason
        values[_NOTES] = values[_NOTES] if notes is None else notes
        return self._replace(state=state, reason=reason, values=tuple(values), deliveries=())


class RequestRow(NamedTuple):
    """A request: `values` in the order of REQUEST_COLUMNS. `request_id` is its own once it is stored."""

    hook: str
    hook_id: int
    values: tuple[object, ...]
    events: tuple[EventRow, ...]
    request_id: int | None = None


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
        tuple(
            [event_row(outbox, event, request.received_at, number, request.mapping_set_id) for event in request.events]
        ),
    )


def event_row(
    outbox: Outbox, event: NewEvent, received_at: int, hook_number: int, mapping_set_id: int | None
) -> EventRow:
    """An event as a row. Raises as `rows_of` does."""
    key, reason, lead = storable(event.key), storable(event.reason), storable(event.lead)
    values = (
        event.item,
        hook_number,
        received_at,
        event.kind._value_,
        storable(event.type),
        event.state._value_,
        reason,
        key,
        event.key_until,
        mapping_set_id,
        lead or None,
        event.notes,
        event.sent_at,
        event.inputs,
        event.outcome,
    )
    rows = delivery_rows(outbox, received_at, event.deliveries)
    return EventRow(
        key, event.kind, event.state, reason, lead, event.sent_at, event.inputs, event.outcome, values, rows
    )


def delivery_rows(outbox: Outbox, received_at: int, deliveries: Sequence[NewDelivery]) -> tuple[DeliveryRow, ...]:
    """The deliveries of one event as rows, in the order of their actions. New accounts and lanes are made.

    Raises OutboxError for a delivery that waits for one that does not come before it, OutboxUnavailableError.
    """
    if len(deliveries) > 1:
        deliveries = sorted(deliveries, key=_action_no)
    places = {delivery.action_no: place for place, delivery in enumerate(deliveries)}
    return tuple([_delivery_row(outbox, received_at, one, places) for one in deliveries])


def _delivery_row(outbox: Outbox, received_at: int, delivery: NewDelivery, places: dict[int, int]) -> DeliveryRow:
    """A row. Its constants are plain numbers and texts: the drivers take long over a member of an enumeration."""
    action_no, prerequisite = delivery.action_no, delivery.waits_for
    waits_for = None if prerequisite is None else places.get(prerequisite)
    if prerequisite is not None and (waits_for is None or prerequisite >= action_no):
        raise OutboxError(f"action {action_no} waits for action {prerequisite}, which does not come before it")
    account, lane, order = _place(outbox, delivery.target)
    if delivery.withdraws:
        order = int(Order.WITHDRAWAL)
    lead = storable(delivery.lead)
    values = (
        action_no,
        account,
        lane,
        order,
        delivery.priority._value_,
        delivery.on_doubt._value_,
        lead,
        received_at,
    )
    return DeliveryRow(lane, order, lead, values, waits_for, delivery.body)


def _place(outbox: Outbox, target: Target) -> tuple[int, int, int]:
    """The account's id, the lane's id and the order of the lane's deliveries; account and lane are made if new."""
    known = outbox.known_places.get(target)
    if known is None:
        if len(outbox.known_places) > MAX_KNOWN:
            outbox.known_places.clear()
        known = account_id(outbox, target.account), lane_id(outbox, target), int(ORDERS.get(target.api, Order.FREE))
        outbox.known_places[target] = known
    return known


def _action_no(delivery: NewDelivery) -> int:
    return delivery.action_no
