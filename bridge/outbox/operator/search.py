"""Choosing events and their deliveries by what they have in common, some at a time and from an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.model import MINUTE_MS, DeadReason, DeliveryState, EventState, Kind, Priority, Target
from bridge.outbox.engine.transaction import from_row
from bridge.outbox.registry.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

CHUNK: Final = 500
"""How many events one reading looks at."""

LEAST_CHUNK: Final = 100
"""How many are looked at where some may not fit."""

BUDGET: Final = 10_000
"""How many events are looked at for one page."""

_OF_LANE: Final = {
    None: ("event_ids_open", "event_ids_delivered", "event_ids_dead"),
    DeliveryState.PENDING: ("event_ids_open",),
    DeliveryState.BLOCKED: ("event_ids_blocked",),
    DeliveryState.DELIVERED: ("event_ids_delivered",),
    DeliveryState.DEAD: ("event_ids_dead",),
}
"""The queries that together give all events of a lane whose deliveries may be in a state."""

STRAGGLERS_MS: Final = MINUTE_MS
"""Ids and times of receipt grow together but for events that were stored so much later than they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """What chosen events and deliveries have in common; None for what does not matter.

    `reason` is the reason of an ignored or refused event, that of a dead delivery, or Zoho's code. `priority`
    chooses open deliveries only, `target` those of a list or journey by its name or key. Times are milliseconds UTC of
    the receipt, `until` excluded.
    """

    event_id: int | None = None
    delivery_id: int | None = None
    lead: str | None = None
    hook: str | None = None
    kind: Kind | None = None
    event_state: EventState | None = None
    delivery_state: DeliveryState | None = None
    reason: str | None = None
    lane_id: int | None = None
    target: str | None = None
    api: str | None = None
    priority: Priority | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An event with one of its deliveries; without any, everything from `delivery_id` on is None."""

    event_id: int
    received_at: int
    hook: str
    kind: Kind
    event_state: EventState
    event_reason: str
    lead: str
    delivery_id: int | None
    replay: int | None
    state: DeliveryState | None
    priority: Priority | None
    reason: DeadReason | None
    code: str
    available_at: int | None
    ended_at: int | None
    lane_id: int | None
    target: Target | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of what fits, newest first, each event with all of its deliveries that fit.

    `before` is where the next page starts, None at the end. `searched_to` is the receipt (ms UTC) of the oldest event
    looked at, None when there was none: a page may end early, because few fit of the many that were looked at.
    """

    found: tuple[Chosen, ...]
    before: int | None
    searched_to: int | None


def newest(outbox: Outbox, selector: Selector, *, limit: int, before: int | None = None, budget: int = BUDGET) -> Page:
    """The newest events that fit, at most `limit`, with their deliveries.

    `before` is the id of an event: only older ones are given, so what comes meanwhile moves no page. `budget` bounds
    how many events are looked at.
    """
    found: list[Chosen] = []
    looked, events = 0, 0
    oldest = before
    chunk = limit + 1 if selector == Selector() else max(limit + 1, LEAST_CHUNK)
    for ids, some in chosen(outbox, selector, before=before, chunk=chunk):
        for one in some:
            if not found or one.event_id != found[-1].event_id:
                if events == limit:
                    return Page(found=tuple(found), before=found[-1].event_id, searched_to=found[-1].received_at)
                events += 1
            found.append(one)
        looked, oldest = looked + len(ids), ids[-1]
        if looked >= budget:
            break
    else:
        return Page(found=tuple(found), before=None, searched_to=_receipt(outbox, oldest))
    return Page(found=tuple(found), before=oldest, searched_to=_receipt(outbox, oldest))


def chosen(
    outbox: Outbox, selector: Selector, *, after: int = 0, before: int | None = None, chunk: int = CHUNK
) -> Iterator[tuple[tuple[int, ...], tuple[Chosen, ...]]]:
    """All that fit, newest first and some at a time, with the ids of the events that were looked at for them.

    `after` and `before` are ids of events, both excluded. What comes while this runs is left out. Only events that may
    fit are looked at: the indexes of hooks and lanes by state name them.
    """
    first, last = bounds(outbox, selector)
    first, last = max(first, after), last if before is None else min(last, before - 1)
    while last > first:
        with outbox.read() as transaction:
            ids = _candidates(transaction, selector, after=first, up_to=last, limit=chunk)
            if not ids:
                return
            rows = transaction.rows("selected", ids=transaction.ids(ids), **_marks(selector))
            found = tuple(map(_chosen, rows))
        yield ids, found
        last = ids[-1] - 1


def bounds(outbox: Outbox, selector: Selector) -> tuple[int, int]:
    """The ids between which all that fit lie, the first one excluded."""
    with outbox.read() as transaction:
        if selector.event_id is not None:
            return selector.event_id - 1, selector.event_id
        if selector.delivery_id is not None:
            row = transaction.row("event_of_delivery", delivery_id=selector.delivery_id)
            return (row["event_id"] - 1, row["event_id"]) if row else (0, 0)
        row = transaction.row("last_event_id")
        last = int(row["id"] or 0) if row else 0
        first = 0 if selector.since is None else _id_before(transaction, selector.since - STRAGGLERS_MS, last)
        last = last if selector.until is None else _id_before(transaction, selector.until + STRAGGLERS_MS, last)
        return first, last


def _id_before(transaction: Transaction, at: int, last: int) -> int:
    """An id before the first event received at or after a time, by halving."""
    low, high = 0, last
    while low < high:
        middle = (low + high) // 2
        row = transaction.row("id_at", id=middle + 1)
        if row is None or row["received_at"] >= at:
            high = middle
        else:
            low = middle + 1
    return low


def _receipt(outbox: Outbox, event_id: int | None) -> int | None:
    with outbox.read() as transaction:
        row = transaction.row("id_at", id=event_id) if event_id is not None else None
    return row["received_at"] if row else None


def _candidates(transaction: Transaction, selector: Selector, *, after: int, up_to: int, limit: int) -> tuple[int, ...]:
    """The newest ids of events that may fit, at most `limit`, from the index that leaves out the most."""
    ids: set[int] = set()
    for query, values in _indexes(transaction, selector):
        rows = transaction.rows(query, after=after, up_to=up_to, limit=limit, **values)
        ids.update(row["id"] for row in rows)
    return tuple(sorted(ids, reverse=True)[:limit])


def _indexes(transaction: Transaction, selector: Selector) -> Sequence[tuple[str, Mapping[str, object]]]:
    """The queries that together give all events that may fit: one for each hook or lane, and each state."""
    if selector.lead is not None:
        return [("event_ids_of_lead", {"lead": selector.lead})]
    if selector.delivery_state is DeliveryState.CLAIMED:
        return [("event_ids_claimed", {})]
    has_lane = selector.lane_id is not None or selector.target is not None
    if has_lane or selector.delivery_state not in (None, DeliveryState.DELIVERED):
        lanes = transaction.rows("lane_ids", lane_id=selector.lane_id, target=selector.target, api=selector.api)
        queries = _OF_LANE[selector.delivery_state]
        return [(query, {"lane_id": row["id"]}) for row in lanes for query in queries]
    if selector.hook is not None or selector.event_state not in (None, EventState.ACCEPTED):
        of_events = EventState if selector.event_state is None else (selector.event_state,)
        hooks = transaction.rows("hook_ids", hook=selector.hook)
        return [("event_ids_of_hook", {"hook_id": row["id"], "state": int(one)}) for row in hooks for one in of_events]
    return [("event_ids", {})]


def _marks(selector: Selector) -> dict[str, object]:
    return {
        "delivery_id": selector.delivery_id,
        "lead": selector.lead,
        "hook": selector.hook,
        "kind": selector.kind and selector.kind.value,
        "event_state": selector.event_state and int(selector.event_state),
        "delivery_state": selector.delivery_state and int(selector.delivery_state),
        "reason": selector.reason,
        "lane_id": selector.lane_id,
        "target": selector.target,
        "api": selector.api,
        "priority": None if selector.priority is None else int(selector.priority),
        "since": selector.since,
        "until": selector.until,
    }


def _chosen(row: Row) -> Chosen:
    has_delivery = row["delivery_id"] is not None
    return from_row(
        Chosen,
        row,
        kind=Kind(row["kind"]),
        event_state=EventState(row["event_state"]),
        lead=row["lead"] or "",
        state=DeliveryState(row["state"]) if has_delivery else None,
        priority=Priority(row["priority"]) if has_delivery else None,
        reason=DeadReason(row["reason"]) if row["reason"] else None,
        code=row["code"] or "",
        target=target_of(row) if has_delivery else None,
    )
