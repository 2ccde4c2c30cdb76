"""One request in a transaction of its own: where an event may have come before, or a row was refused among others.

An event is known by its hook and its key. A second one with the same key stores nothing and is told what became of
the first, except that a refused event which can be mapped now takes the first one's place and id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.errors import OutboxUnavailableError
from bridge.model import EventState, Receipt
from bridge.outbox.counters import counters
from bridge.outbox.inbox.rows import DELIVERY_COLUMNS, EVENT_COLUMNS, REQUEST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction
    from bridge.outbox.inbox.batch import Stored
    from bridge.outbox.inbox.rows import EventRow, RequestRow

TRIES = 5
"""Each failed try means that another process changed the same event in between."""


def record_alone(outbox: Outbox, request: RequestRow, stored: Stored | None = None) -> tuple[Receipt, ...]:
    """Store a request, or find the events that came before its own; a receipt per event.

    `stored` is what has been stored of it already. Raises OutboxUnavailableError, and OutboxError when the database
    refused a row.
    """
    done = stored.receipts if stored is not None else (None,) * len(request.events)
    with outbox.write() as transaction:
        number = stored.request_id if stored is not None and any(done) else _add_request(transaction, request)
        keeper = _Keeper(transaction, request, number, transaction.now())
        receipts = _keep(keeper, request.events, done)
        if not keeper.kept and not any(done):
            transaction.run("drop_request", request_id=number)
        counters.add(outbox, transaction, _tally(request, receipts, done))
    return receipts


def _add_request(transaction: Transaction, request: RequestRow) -> int:
    row = transaction.needed_row("add_request", **dict(zip(REQUEST_COLUMNS, request.values, strict=True)))
    return int(row["id"])


def _keep(keeper: _Keeper, events: Sequence[EventRow], done: Sequence[Receipt | None]) -> tuple[Receipt, ...]:
    """Two requests with the same two keys meet them in the same order, so neither waits for the other."""
    receipts = dict(enumerate(done))
    for index in sorted(receipts, key=lambda index: events[index].key):
        receipts[index] = receipts[index] or keeper.keep(events[index])
    return tuple([receipt for receipt in receipts.values() if receipt])


class _Keeper:
    """Keeps the events of one request."""

    def __init__(self, transaction: Transaction, request: RequestRow, request_id: int, now: int) -> None:
        self.request_id = request_id
        self.kept = 0
        self._transaction = transaction
        self._hook_id = request.hook_id
        self._now = now

    def keep(self, event: EventRow) -> Receipt:
        """Store an event, or find the one that came before it."""
        columns = {"request_id": self.request_id, **dict(zip(EVENT_COLUMNS, event.values, strict=True))}
        for _ in range(TRIES):
            row = self._transaction.row("add_event", **columns)
            if row:
                return self._became(int(row["id"]), event, duplicate=False)
            first = self._transaction.row("first_event", hook_id=self._hook_id, key=event.key)
            receipt = self._answer_of(first, event, columns) if first else None
            if receipt:
                return receipt
        raise OutboxUnavailableError("the same event is being stored by several others; try again")

    def _answer_of(self, first: Row, event: EventRow, columns: dict[str, object]) -> Receipt | None:
        """The receipt of a duplicate; None when the first one has just changed or its key is free now."""
        if first["key_until"] is not None and first["key_until"] <= self._now:
            self._transaction.run("free_key", event_id=first["id"], key=event.key)
            return None
        if first["state"] == EventState.REFUSED and event.state != EventState.REFUSED:
            if not self._transaction.run("replace_refused", event_id=first["id"], **columns):
                return None
            self._transaction.run("drop_request_if_empty", request_id=first["request_id"])
            return self._became(first["id"], event, duplicate=True)
        return Receipt(event_id=first["id"], state=EventState(first["state"]), reason=first["reason"], duplicate=True)

    def _became(self, event_id: int, event: EventRow, *, duplicate: bool) -> Receipt:
        self.kept += 1
        self._add_deliveries(event_id, event)
        return Receipt(event_id=event_id, state=event.state, reason=event.reason, duplicate=duplicate)

    def _add_deliveries(self, event_id: int, event: EventRow) -> None:
        ids: list[int] = []
        for delivery in event.deliveries:
            row = self._transaction.needed_row(
                "add_delivery",
                event_id=event_id,
                waits_for=None if delivery.waits_for is None else ids[delivery.waits_for],
                available_at=self._now,
                **dict(zip(DELIVERY_COLUMNS, delivery.values, strict=True)),
            )
            ids.append(int(row["id"]))
        pairs = zip(ids, event.deliveries, strict=True)
        self._transaction.run_many("add_payload", [{"delivery_id": number, "body": one.body} for number, one in pairs])


def _tally(request: RequestRow, receipts: Sequence[Receipt], done: Sequence[Receipt | None]) -> counters.CounterDeltas:
    tally = counters.CounterDeltas()
    for receipt, before in zip(receipts, done, strict=True):
        if before is None:
            state = "duplicate" if receipt.duplicate else receipt.state.name.lower()
            tally.note("events", hook=request.hook, state=state)
    return tally
