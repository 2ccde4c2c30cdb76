"""Erasing a person: traces are found in every table and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.model import DeadReason, DeliveryState, Order
from bridge.outbox.counters import counters
from bridge.outbox.engine.bodies import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row

PAGE: Final = 200
TABLES: Final = ("requests", "events", "fetched", "deliveries", "payloads", "attempts", "calls")
"""Every table that can hold something of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A row in which a person was found; `call_id` counts for attempts only."""

    table: str
    row_id: int
    call_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEvent:
    """One event of a person."""

    event_id: int
    request_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBody:
    """What is stored of a request, and how many events it brought."""

    body: bytes | None
    meta: bytes | None
    events: int


def events_of_person(outbox: Outbox, lead: str) -> tuple[PersonEvent, ...]:
    """The events known to be of this person."""
    with outbox.read() as transaction:
        return tuple(
            PersonEvent(event_id=row["id"], request_id=row["request_id"])
            for row in transaction.rows("events_of_person", lead=lead)
        )


def forget_event(outbox: Outbox, event_id: int, *, found: Callable[[bytes], bool]) -> int | None:
    """Erase an event's person and its deliveries; how many there were, None when a call has one in flight.

    None also while a withdrawal is on its way: erased, it would leave the person on the list.

    The event stays, without anything of the person, so that a repeat by its sender is still known as one, unless its
    key itself holds what `found` finds.
    """
    deltas = counters.CounterDeltas()
    with outbox.write() as transaction:
        transaction.run("overwrite_what_is_deleted")
        transaction.row("lock_event", event_id=event_id)
        deliveries = transaction.rows("deliveries_of_person", event_id=event_id)
        if any(map(_must_end_first, deliveries)):
            return None
        for row in deliveries:
            for query in ("forget_attempts", "forget_payload", "forget_delivery"):
                transaction.run(query, delivery_id=row["id"])
            if row["state"] == DeliveryState.DEAD:
                deltas.note("dead", -1, api=row["api"], reason=row["reason"] or DeadReason.PERMANENT.value)
        event = transaction.row("scan_events", after=event_id - 1, limit=1)
        transaction.run("forget_fetched", event_id=event_id)
        transaction.run("forget_event", event_id=event_id, key=_remaining_key(event, found))
        counters.add(outbox, transaction, deltas)
    return len(deliveries)


def _must_end_first(row: Row) -> bool:
    is_open = row["state"] in (DeliveryState.PENDING, DeliveryState.BLOCKED)
    return row["state"] == DeliveryState.CLAIMED or (is_open and row["ordered"] == Order.WITHDRAWAL)


def body_of(outbox: Outbox, request_id: int) -> StoredBody:
    """What is stored of a request."""
    with outbox.read() as transaction:
        row = transaction.row("body_of_request", request_id=request_id)
    if row is None:
        return StoredBody(body=None, meta=None, events=0)
    return StoredBody(
        body=None if row["body"] is None else unpacked(row["body"]),
        meta=None if row["meta"] is None else bytes(row["meta"]),
        events=row["events"],
    )


def rewrite_request(outbox: Outbox, request_id: int, *, body: bytes | None, meta: bytes | None) -> None:
    """Replace what is stored of a request."""
    with outbox.write() as transaction:
        transaction.run("overwrite_what_is_deleted")
        stored = None if body is None else packed(body, compress=outbox.compress_bodies)
        transaction.run("rewrite_request", request_id=request_id, body=stored, meta=meta)


def blank(outbox: Outbox, trace: Trace, *, found: Callable[[bytes], bool]) -> None:
    """Remove the text from a row of `events` (its notes, and a key that names the person), `fetched`, `attempts` or
    `calls`.
    """
    with outbox.write() as transaction:
        transaction.run("overwrite_what_is_deleted")
        match trace.table:
            case "events":
                row = transaction.row("scan_events", after=trace.row_id - 1, limit=1)
                key = _remaining_key(row, found)
                transaction.run("rewrite_event", id=trace.row_id, key=key)
            case "fetched":
                transaction.run("forget_fetched", event_id=trace.row_id)
            case "attempts":
                transaction.run("rewrite_attempt", id=trace.row_id, call_id=trace.call_id)
            case _:
                transaction.run("rewrite_call", id=trace.row_id)


def traces(
    outbox: Outbox, found: Callable[[bytes], bool], *, progress: Callable[[str, int], None] | None = None
) -> Iterator[Trace]:
    """Every row in which `found` finds the person, table by table. It reads everything, a little at a time."""
    for table in TABLES:
        after, after_call = 0, 0
        while rows := _page(outbox, table, after, after_call):
            yield from (_trace(table, row) for row in rows if any(map(found, _texts(row))))
            after, after_call = rows[-1]["id"], rows[-1]["call_id"] if table == "attempts" else 0
            if progress is not None:
                progress(table, after)


def _page(outbox: Outbox, table: str, after: int, after_call: int) -> Sequence[Row]:
    parameters: dict[str, object] = {"after": after, "limit": PAGE}
    if table == "attempts":
        parameters["after_call"] = after_call
    with outbox.read() as transaction:
        return transaction.rows(f"scan_{table}", **parameters)


def _texts(row: Row) -> Iterator[bytes]:
    """Everything in a row that can hold text."""
    for value in dict(row).values():
        if isinstance(value, str):
            yield value.encode("utf-8", "surrogatepass")
        elif isinstance(value, bytes | memoryview):
            yield unpacked(bytes(value))


def _trace(table: str, row: Row) -> Trace:
    return Trace(table=table, row_id=row["id"], call_id=row["call_id"] if table == "attempts" else 0)


def _remaining_key(event: Row | None, found: Callable[[bytes], bool]) -> str | None:
    key: str | None = event["key"] if event else None
    return None if key is None or found(key.encode()) else key
