"""One request in a transaction of its own: where an event may have come before, or a row was refused among others.

An event is known by its hook and its key. A second one with the same key stores nothing and is told what became of
the first, except that a refused event which can be mapped now takes the first one's place and id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.errors import OutboxUnavailableError
from bridge.model import EventState, Receipt
from bridge.outbox import counters
from bridge.outbox.rows import DELIVERY_COLUMNS, EVENT_COLUMNS, REQUEST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.database import Outbox, Row, Transaction
    from bridge.outbox.rows import EventRow, RequestRow

TRIES = 5
"""Each failed try means that another process changed the same event in between."""


def record_alone(outbox: Outbox, request: RequestRow) -> tuple[Receipt, ...]:
    """Store a request, or find the events that came before its own; a receipt per event.

    Raises OutboxUnavailableError, and OutboxError when the database refused a row.
    """
    with outbox.write() as transaction:
        receipts = _record(transaction, request)
        counters.add(outbox, transaction, _tally(request, receipts))
    return receipts


def _record(transaction: Transaction, request: RequestRow) -> tuple[Receipt, ...]:
    row = transaction.needed_row("add_request", **dict(zip(REQUEST_COLUMNS, request.values, strict=True)))
    keeper = _Keeper(transaction, request, int(row["id"]), transaction.now())
    # Two requests with the same two keys meet them in the same order, so neither waits for the other.
    order = sorted(range(len(request.events)), key=lambda index: request.events[index].key)
    receipts = {index: keeper.keep(request.events[index]) for index in order}
    if not keeper.kept:
        transaction.run("drop_request", request_id=keeper.request_id)
    return tuple(receipts[index] for index in range(len(request.events)))


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


def _tally(request: RequestRow, receipts: Sequence[Receipt]) -> counters.Tally:
    tally = counters.Tally()
    for receipt in receipts:
        state = "duplicate" if receipt.duplicate else receipt.state.name.lower()
        tally.note("events", hook=request.hook, state=state)
    return tally
