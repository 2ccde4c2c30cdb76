"""Receiving: a request, its events and their deliveries become durable in one transaction, each event once.

An event is known by its hook and its key. A second one with the same key stores nothing and is told what became of
the first, except that a refused event which can be mapped now takes the first one's place and id.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, NamedTuple

from bridge.errors import OutboxError, OutboxUnavailableError
from bridge.model import DeliveryState, EventState, Receipt, Target
from bridge.outbox import counters
from bridge.outbox.hooks import hook_ids
from bridge.outbox.targets import account_id, lane_ids
from bridge.outbox.text import storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.model import NewDelivery, NewEvent, NewRequest
    from bridge.outbox.database import Outbox, Row, Transaction

TRIES = 5
"""Each failed try means that another process changed the same event in between."""

ORDERED_APIS = frozenset({"subscribe"})
"""Fields belong to the account, so what one lead subscribes with goes one at a time, in the order of receipt."""


def record(outbox: Outbox, request: NewRequest) -> tuple[Receipt, ...]:
    """Keep a request durably; one receipt per event, in the order of the events.

    Raises OutboxUnavailableError when nothing was kept and the sender should try again, OutboxError when the
    database refused a row.
    """
    places = _Places.find(outbox, (request,))
    with outbox.write() as transaction:
        receipts = _record(transaction, request, places)
        counters.add(outbox, transaction, _tally(request, receipts))
    return receipts


def record_many(outbox: Outbox, requests: Sequence[NewRequest]) -> tuple[tuple[Receipt, ...] | OutboxError, ...]:
    """Keep several requests with one commit; for each its receipts, or the error that kept it out alone.

    Raises OutboxUnavailableError when none was kept.
    """
    places = _Places.find(outbox, requests)
    tally = counters.Tally()
    results: list[tuple[Receipt, ...] | OutboxError] = []
    with outbox.write() as transaction:
        for request in requests:
            result = _record_apart(transaction, request, places)
            results.append(result)
            if not isinstance(result, OutboxError):
                tally += _tally(request, result)
        counters.add(outbox, transaction, tally)
    return tuple(results)


class _Places(NamedTuple):
    """The ids of everything a request refers to, found before its transaction."""

    hooks: Mapping[str, int]
    lanes: Mapping[Target, int]
    accounts: Mapping[str, int]

    @classmethod
    def find(cls, outbox: Outbox, requests: Sequence[NewRequest]) -> _Places:
        events = [event for request in requests for event in request.events]
        targets = {_storable_target(delivery.target) for event in events for delivery in event.deliveries}
        accounts = {target.account for target in targets}
        return cls(
            hook_ids(outbox, (storable(request.hook) for request in requests)),
            lane_ids(outbox, targets),
            {name: account_id(outbox, name) for name in accounts},
        )


def _record_apart(transaction: Transaction, request: NewRequest, places: _Places) -> tuple[Receipt, ...] | OutboxError:
    try:
        with transaction.savepoint():
            return _record(transaction, request, places)
    except OutboxUnavailableError:
        raise
    except OutboxError as error:
        return error


def _record(transaction: Transaction, request: NewRequest, places: _Places) -> tuple[Receipt, ...]:
    now = transaction.now()
    hook_id = places.hooks[storable(request.hook)]
    row = transaction.row(
        "add_request",
        hook_id=hook_id,
        received_at=request.received_at,
        content_type=storable(request.content_type),
        meta=request.meta,
        body=request.body,
    )
    keeper = _Keeper(transaction, request, places, hook_id, _id(row), now)
    # Two requests with the same two keys meet them in the same order, so neither waits for the other.
    order = sorted(range(len(request.events)), key=lambda index: request.events[index].key)
    receipts = {index: keeper.keep(request.events[index]) for index in order}
    if not keeper.kept:
        transaction.run("drop_request", request_id=keeper.request_id)
    return tuple(receipts[index] for index in range(len(request.events)))


class _Keeper:
    """Keeps the events of one request."""

    def __init__(
        self,
        transaction: Transaction,
        request: NewRequest,
        places: _Places,
        hook_id: int,
        request_id: int,
        now: int,
    ) -> None:
        self.request_id = request_id
        self.kept = 0
        self._transaction = transaction
        self._request = request
        self._places = places
        self._hook_id = hook_id
        self._now = now

    def keep(self, event: NewEvent) -> Receipt:
        """Store an event, or find the one that came before it."""
        columns = self._columns(event)
        for _ in range(TRIES):
            row = self._transaction.row("add_event", **columns)
            if row:
                return self._became(_id(row), event, duplicate=False)
            first = self._transaction.row("first_event", hook_id=self._hook_id, key=columns["key"])
            receipt = self._answer_of(first, event, columns) if first else None
            if receipt:
                return receipt
        raise OutboxUnavailableError("the same event is being stored by several others; try again")

    def _answer_of(self, first: Row, event: NewEvent, columns: Mapping[str, object]) -> Receipt | None:
        """The receipt of a duplicate; None when the first one has just changed or its key is free now."""
        if first["key_until"] is not None and first["key_until"] <= self._now:
            self._transaction.run("free_key", event_id=first["id"], key=columns["key"])
            return None
        if first["state"] == EventState.REFUSED and event.state != EventState.REFUSED:
            if not self._transaction.run("replace_refused", event_id=first["id"], **columns):
                return None
            self._transaction.run("drop_request_if_empty", request_id=first["request_id"])
            return self._became(first["id"], event, duplicate=True)
        return Receipt(event_id=first["id"], state=EventState(first["state"]), reason=first["reason"], duplicate=True)

    def _became(self, event_id: int, event: NewEvent, *, duplicate: bool) -> Receipt:
        self.kept += 1
        self._add_deliveries(event_id, event)
        return Receipt(event_id=event_id, state=event.state, reason=event.reason, duplicate=duplicate)

    def _add_deliveries(self, event_id: int, event: NewEvent) -> None:
        ids: dict[int, int] = {}
        for delivery in sorted(event.deliveries, key=lambda delivery: delivery.action_no):
            if delivery.waits_for is not None and delivery.waits_for not in ids:
                raise OutboxError(
                    f"action {delivery.action_no} waits for action {delivery.waits_for}, which does not come before it"
                )
            row = self._transaction.row("add_delivery", event_id=event_id, **self._delivery_columns(delivery, ids))
            ids[delivery.action_no] = _id(row)
        bodies = [{"delivery_id": ids[delivery.action_no], "body": delivery.body} for delivery in event.deliveries]
        self._transaction.run_many("add_payload", bodies)

    def _columns(self, event: NewEvent) -> dict[str, object]:
        return {
            "request_id": self.request_id,
            "item": event.item,
            "hook_id": self._hook_id,
            "received_at": self._request.received_at,
            "kind": event.kind.value,
            "type": storable(event.type),
            "state": int(event.state),
            "reason": storable(event.reason),
            "key": storable(event.key),
            "key_until": event.key_until,
            "mapping_set_id": self._request.mapping_set_id,
            "lead": storable(event.lead) or None,
            "notes": event.notes,
        }

    def _delivery_columns(self, delivery: NewDelivery, ids: Mapping[int, int]) -> dict[str, object]:
        waits = delivery.waits_for is not None
        target = _storable_target(delivery.target)
        return {
            "action_no": delivery.action_no,
            "account_id": self._places.accounts[target.account],
            "lane_id": self._places.lanes[target],
            "class": int(delivery.delivery_class),
            "state": int(DeliveryState.BLOCKED if waits else DeliveryState.PENDING),
            "ordered": int(target.api in ORDERED_APIS),
            "on_doubt": delivery.on_doubt.value,
            "lead": storable(delivery.lead),
            "received_at": self._request.received_at,
            "available_at": self._now,
            "waits_for": ids[delivery.waits_for] if delivery.waits_for is not None else None,
        }


def _tally(request: NewRequest, receipts: Sequence[Receipt]) -> counters.Tally:
    tally = counters.Tally()
    for receipt in receipts:
        state = "duplicate" if receipt.duplicate else receipt.state.name.lower()
        tally.note("events", hook=storable(request.hook), state=state)
    return tally


def _storable_target(target: Target) -> Target:
    parts = {field.name: getattr(target, field.name) for field in fields(target)}
    changed = {name: storable(text) for name, text in parts.items() if storable(text) != text}
    return replace(target, **changed) if changed else target


def _id(row: Row | None) -> int:
    if row is None:
        raise OutboxUnavailableError("the outbox gave no id for a new row")
    return int(row["id"])
