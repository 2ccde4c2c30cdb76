"""Several requests in one transaction, a statement for each table: what makes a commit cheap for each of them.

Only requests of which every event is new go this way. The others are left to `alone`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bridge.model import Receipt
from bridge.outbox import counters
from bridge.outbox.rows import DELIVERY_COLUMNS, EVENT_COLUMNS, REQUEST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bridge.outbox.database import Outbox, Transaction
    from bridge.outbox.rows import EventRow, RequestRow

_REQUESTS = ("id", *REQUEST_COLUMNS)
_EVENTS = ("id", "request_id", *EVENT_COLUMNS)
_DELIVERIES = ("id", "event_id", "waits_for", "available_at", *DELIVERY_COLUMNS)
_PAYLOADS = ("delivery_id", "body")


class _Placed(NamedTuple):
    """A request with the ids that it and its events got."""

    request_id: int
    request: RequestRow
    events: Sequence[tuple[int, EventRow]]


def record_batch(
    outbox: Outbox, transaction: Transaction, requests: Sequence[RequestRow]
) -> list[tuple[Receipt, ...] | None]:
    """Store these requests; for each its receipts, or None when an event of it came before and nothing was kept.

    A row that the database refuses is raised by the driver, and then none is kept.
    """
    ids = _Ids.reserve(transaction, requests)
    placed = [
        _Placed(next(ids.requests), request, [(next(ids.events), event) for event in request.events])
        for request in requests
    ]
    new = _add_events(transaction, placed)
    if new:
        transaction.run_rows("add_requests", _REQUESTS, [(one.request_id, *one.request.values) for one in new])
        _add_deliveries(transaction, new, ids)
        counters.add(outbox, transaction, _tally(new))
    kept = {one.request_id for one in new}
    return [_receipts(one) if one.request_id in kept else None for one in placed]


class _Ids(NamedTuple):
    """Ids that nobody else uses, in the order in which they were given out, and the time of the transaction."""

    requests: Iterator[int]
    events: Iterator[int]
    deliveries: Iterator[int]
    now: int

    @classmethod
    def reserve(cls, transaction: Transaction, requests: Sequence[RequestRow]) -> _Ids:
        events = [event for request in requests for event in request.events]
        counts = {
            "requests": len(requests),
            "events": len(events),
            "deliveries": sum([len(event.deliveries) for event in events]),
        }
        row = transaction.needed_row("reserve_ids", now=transaction.own_time, **counts)
        requests_ids, event_ids, delivery_ids = (_each(row[name], count) for name, count in counts.items())
        return cls(requests_ids, event_ids, delivery_ids, int(row["now"]))


def _each(given: int | list[int], count: int) -> Iterator[int]:
    """SQLite gives the first free id, and all after it are ours too; PostgreSQL gives each."""
    return iter(given if isinstance(given, list) else range(given, given + count))


def _add_events(transaction: Transaction, placed: Sequence[_Placed]) -> Sequence[_Placed]:
    """Add the events, and give the requests of which every event was new."""
    rows = [(number, one.request_id, *event.values) for one in placed for number, event in one.events]
    # Two processes that add the same two keys do so in the same order, so neither waits for the other.
    rows.sort(key=_by_hook_and_key)
    if transaction.run_rows("add_events", _EVENTS, rows) == len(rows):
        return placed
    stored = {row["id"] for request in placed for row in transaction.rows("events_of", request_id=request.request_id)}
    new = [one for one in placed if all(number in stored for number, _ in one.events)]
    kept = {one.request_id for one in new}
    for one in placed:
        if one.request_id not in kept:
            transaction.run("drop_events_of", request_id=one.request_id)
    return new


def _by_hook_and_key(row: tuple[object, ...]) -> tuple[object, object]:
    return row[3], row[9]


def _add_deliveries(transaction: Transaction, new: Sequence[_Placed], ids: _Ids) -> None:
    deliveries: list[tuple[object, ...]] = []
    payloads: list[tuple[object, ...]] = []
    for one in new:
        for event_id, event in one.events:
            mine = [next(ids.deliveries) for _ in event.deliveries]
            for number, row in zip(mine, event.deliveries, strict=True):
                waits_for = None if row.waits_for is None else mine[row.waits_for]
                deliveries.append((number, event_id, waits_for, ids.now, *row.values))
                payloads.append((number, row.body))
    if deliveries:
        transaction.run_rows("add_deliveries", _DELIVERIES, deliveries)
        transaction.run_rows("add_payloads", _PAYLOADS, payloads)


def _tally(new: Sequence[_Placed]) -> counters.Tally:
    tally = counters.Tally()
    for one in new:
        for _, event in one.events:
            tally.note("events", hook=one.request.hook, state=event.state.name.lower())
    return tally


def _receipts(placed: _Placed) -> tuple[Receipt, ...]:
    return tuple(
        [
            Receipt(event_id=number, state=event.state, reason=event.reason, duplicate=False)
            for number, event in placed.events
        ]
    )
