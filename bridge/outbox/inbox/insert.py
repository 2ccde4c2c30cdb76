"""The one way in which requests, events and their deliveries become rows: whoever adds any does it by these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from bridge.model import DeliveryState, Order
from bridge.outbox.inbox.rows import DELIVERY_COLUMNS, EVENT_COLUMNS, REQUEST_COLUMNS
from bridge.outbox.precedence import end_what_came_before

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from bridge.outbox.counters.counters import CounterDeltas
    from bridge.outbox.engine.transaction import Row, Transaction
    from bridge.outbox.inbox.rows import DeliveryRow, EventRow, RequestRow

REQUESTS: Final = ("id", *REQUEST_COLUMNS)
EVENTS: Final = ("id", "request_id", "variant", *EVENT_COLUMNS)
DELIVERIES: Final = ("id", "event_id", "replay", "waits_for", "state", "available_at", *DELIVERY_COLUMNS)
PAYLOADS: Final = ("delivery_id", "body")
_ACCOUNT: Final = DELIVERY_COLUMNS.index("account_id")
_PENDING: Final = int(DeliveryState.PENDING)
_BLOCKED: Final = int(DeliveryState.BLOCKED)


class Ids(NamedTuple):
    """Free ids, to be given in this order, and the time at which they were taken."""

    requests: Sequence[int]
    events: Sequence[int]
    deliveries: Iterator[int]
    now: int


def take_ids(transaction: Transaction, *, requests: int = 0, events: int = 0, deliveries: int = 0) -> Ids:
    """So many ids of each table that nobody else gets. On SQLite they are to be used before others are taken."""
    row = transaction.needed_row("free_ids", requests=requests, events=events, deliveries=deliveries)
    own = transaction.own_time
    return Ids(
        _numbers(row, "requests", requests),
        _numbers(row, "events", events),
        iter(_numbers(row, "deliveries", deliveries)),
        int(row["now"]) if own is None else own,
    )


def _numbers(row: Row, table: str, count: int) -> Sequence[int]:
    """SQLite reports the first free id, PostgreSQL all of them."""
    found: int | Sequence[int] = row[table]
    return range(found, found + count) if isinstance(found, int) else found


def add_requests(transaction: Transaction, requests: Iterable[tuple[int, RequestRow]]) -> None:
    """Add requests, each under its id."""
    transaction.run_rows("add_requests", REQUESTS, [(number, *one.values) for number, one in requests])


def add_events(
    transaction: Transaction, events: Collection[tuple[int, int, EventRow]], *, are_current: bool = True
) -> set[int]:
    """Add events, each under its id and that of its request; the ids of those whose key was free.

    With `are_current` False they do not stand for their keys, and no key has to be free.

    They are added in the order of their keys: two processes that add the same two never wait for each other.
    """
    rows = numbered_events(events, are_current=are_current)
    ids = {number for number, _, _ in events}
    if transaction.run_rows("add_events", EVENTS, rows) == len(rows):
        return ids
    return ids & {row["id"] for row in transaction.rows("events_between", first=min(ids), last=max(ids))}


def numbered_events(
    events: Iterable[tuple[int, int, EventRow]], *, are_current: bool = True
) -> list[tuple[object, ...]]:
    """Rows in the order of EVENTS, and among each other in that of their keys."""
    return [
        (number, request_id, 0 if are_current else number, *one.values)
        for number, request_id, one in sorted(events, key=_key)
    ]


def _key(event: tuple[int, int, EventRow]) -> str:
    return event[2].key


def add_deliveries(
    transaction: Transaction,
    events: Iterable[tuple[int, Sequence[DeliveryRow]]],
    ids: Ids,
    deltas: CounterDeltas,
    *,
    replay: int = 0,
) -> None:
    """Add deliveries to their events, due at once but for those that wait for another one of the same event.

    A withdrawal ends what its lead had waiting; what that adds to the totals is added to `deltas`.
    """
    rows, payloads, withdrawing = numbered_deliveries(events, ids.deliveries, now=ids.now, replay=replay)
    transaction.run_rows("add_deliveries", DELIVERIES, rows)
    transaction.run_rows("add_payloads", PAYLOADS, payloads)
    for _, event_id in sorted(withdrawing):  # two processes lock the accounts in the same order
        deltas.update(end_what_came_before(transaction, event_id, ids.now))


class NumberedDeliveries(NamedTuple):
    """Rows in the order of DELIVERIES and PAYLOADS, and the accounts and events of withdrawals."""

    rows: list[tuple[object, ...]]
    payloads: list[tuple[object, ...]]
    withdrawing: list[tuple[int, int]]


def numbered_deliveries(
    events: Iterable[tuple[int, Sequence[DeliveryRow]]], ids: Iterator[int], *, now: int | None, replay: int = 0
) -> NumberedDeliveries:
    """The deliveries of events under the next ids; the database's own time where `now` is None."""
    numbered = NumberedDeliveries([], [], [])
    for event_id, deliveries in events:
        mine = [next(ids) for _ in deliveries]
        for number, one in zip(mine, deliveries, strict=True):
            first = None if one.waits_for is None else mine[one.waits_for]
            state = _PENDING if first is None else _BLOCKED
            numbered.rows.append((number, event_id, replay, first, state, now, *one.values))
            numbered.payloads.append((number, one.body))
        if deliveries and deliveries[0].order == Order.WITHDRAWAL:
            numbered.withdrawing.append((cast("int", deliveries[0].values[_ACCOUNT]), event_id))
    return numbered
