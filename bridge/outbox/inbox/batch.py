"""Several requests in one transaction, a statement for each table: what makes a commit cheap for each of them.

SQLite is asked for the next free ids first. PostgreSQL, where every question is a way to another host and back, does
all by one statement, which finds the ids itself: there the rows carry their places in the batch instead, from 1 on.
An event that came before is left out; `alone` then looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bridge.model import Receipt
from bridge.outbox.counters import counters
from bridge.outbox.inbox.rows import DELIVERY_COLUMNS, EVENT_COLUMNS, REQUEST_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction
    from bridge.outbox.inbox.rows import EventRow, RequestRow

    Rows = list[tuple[object, ...]]

_REQUESTS: Final = ("id", *REQUEST_COLUMNS)
_EVENTS: Final = ("id", "request_id", *EVENT_COLUMNS)
_DELIVERIES: Final = ("id", "event_id", "waits_for", "available_at", *DELIVERY_COLUMNS)
_PAYLOADS: Final = ("delivery_id", "body")
_REQUEST_ARRAYS: Final = tuple([f"request_{name}" for name in _REQUESTS])
_EVENT_ARRAYS: Final = tuple([f"event_{name}" for name in (*_EVENTS, "labels")])
_DELIVERY_ARRAYS: Final = tuple([f"delivery_{name}" for name in (*_DELIVERIES, "body")])
_HOOK: Final = _EVENTS.index("hook_id")
_KEY: Final = _EVENTS.index("key")


class Stored(NamedTuple):
    """What became of a request: a receipt for each event, None for one that came before.

    `whole` says whether there is a receipt for each; the request itself was kept when there is one at all.
    """

    request_id: int
    receipts: tuple[Receipt | None, ...]
    whole: bool


def record_batch(outbox: Outbox, transaction: Transaction, requests: Sequence[RequestRow]) -> list[Stored]:
    """Store what is new of these requests. A row that the database refuses is raised by the driver."""
    add = _add_in_turn if transaction.dialect == "sqlite" else _add_at_once
    ids = add(outbox, transaction, requests)
    events = iter(ids.events)
    return [_stored(number, one.events, events, ids.new) for number, one in zip(ids.requests, requests, strict=True)]


def _stored(request_id: int, rows: Sequence[EventRow], ids: Iterator[int], new: Container[int]) -> Stored:
    receipts = [
        Receipt(event_id=number, state=row.state, reason=row.reason, duplicate=False) if number in new else None
        for row, number in zip(rows, ids, strict=False)  # those of the next request stay in `ids`
    ]
    return Stored(request_id, tuple(receipts), None not in receipts)


class _Ids(NamedTuple):
    """The ids that requests and events got, in the order of the batch, and those of the events that were new."""

    requests: Sequence[int]
    events: Sequence[int]
    new: Container[int]


class _Rows(NamedTuple):
    """The rows of a batch: `labels` of events are what their total is counted under, `bodies` those of deliveries."""

    requests: Rows
    events: Rows
    labels: list[counters.Labels]
    deliveries: Rows
    bodies: list[bytes]


def _rows(requests: Sequence[RequestRow], first: Sequence[int], now: int | None) -> _Rows:
    """Rows with ids that count from the first of requests, of events and of deliveries."""
    rows = _Rows([], [], [], [], [])
    request_id, event_id, delivery_id = first
    for request in requests:
        rows.requests.append((request_id, *request.values))
        for event in request.events:
            rows.events.append((event_id, request_id, *event.values))
            rows.labels.append(counters.event_labels(request.hook, event.state))
            mine = delivery_id
            for delivery in event.deliveries:
                waits_for = None if delivery.waits_for is None else mine + delivery.waits_for
                rows.deliveries.append((delivery_id, event_id, waits_for, now, *delivery.values))
                rows.bodies.append(delivery.body)
                delivery_id += 1
            event_id += 1
        request_id += 1
    return rows


def _add_in_turn(outbox: Outbox, transaction: Transaction, requests: Sequence[RequestRow]) -> _Ids:
    """Add the rows table by table, under ids that nobody else takes while this transaction lasts."""
    first = transaction.needed_row("first_free_ids")
    rows = _rows(requests, (first["requests"], first["events"], first["deliveries"]), transaction.now())
    end = first["events"] + len(rows.events)
    new: Container[int] = range(first["events"], end)
    if transaction.run_rows("add_events", _EVENTS, rows.events) < len(rows.events):
        new = {row["id"] for row in transaction.rows("events_from", first=first["events"])}
        rows = _only(rows, new)
    if rows.events:
        transaction.run_rows("add_requests", _REQUESTS, rows.requests)
        transaction.run_rows("add_deliveries", _DELIVERIES, rows.deliveries)
        transaction.run_rows("add_payloads", _PAYLOADS, _payloads(rows))
        counters.add(outbox, transaction, counters.CounterDeltas([("events", labels) for labels in rows.labels]))
    return _Ids(range(first["requests"], first["requests"] + len(requests)), range(first["events"], end), new)


def _payloads(rows: _Rows) -> Rows:
    return [(row[0], body) for row, body in zip(rows.deliveries, rows.bodies, strict=True)]


def _only(rows: _Rows, new: Container[object]) -> _Rows:
    """The rows of new events, and of requests with one."""
    events = [index for index, row in enumerate(rows.events) if row[0] in new]
    requests = {rows.events[index][1] for index in events}
    deliveries = [index for index, row in enumerate(rows.deliveries) if row[1] in new]
    return _Rows(
        [row for row in rows.requests if row[0] in requests],
        [rows.events[index] for index in events],
        [rows.labels[index] for index in events],
        [rows.deliveries[index] for index in deliveries],
        [rows.bodies[index] for index in deliveries],
    )


def _add_at_once(outbox: Outbox, transaction: Transaction, requests: Sequence[RequestRow]) -> _Ids:
    """Add the rows of all tables by one statement. Each takes its columns as arrays."""
    rows = _rows(requests, (1, 1, 1), transaction.own_time)
    events = [(*row, counters.as_text(labels)) for row, labels in zip(rows.events, rows.labels, strict=True)]
    # Two processes that add the same two keys do so in the same order, so neither waits for the other.
    events.sort(key=_hook_and_key)
    deliveries = [(*row, body) for row, body in zip(rows.deliveries, rows.bodies, strict=True)]
    columns = (
        _columns(_REQUEST_ARRAYS, rows.requests)
        | _columns(_EVENT_ARRAYS, events)
        | _columns(_DELIVERY_ARRAYS, deliveries)
    )
    counts = {"requests": len(requests), "events": len(events), "deliveries": len(deliveries)}
    row = transaction.row_of_arrays("record_batch", columns, shard=counters.shard(outbox), **counts)
    return _Ids(row["requests"], row["events"], frozenset(row["new"]))


def _columns(names: Sequence[str], rows: Rows) -> dict[str, Sequence[object]]:
    return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())


def _hook_and_key(row: tuple[object, ...]) -> tuple[object, object]:
    return row[_HOOK], row[_KEY]
