"""Choosing events and their deliveries by what they have in common, range of ids by range of ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState, EventState, Kind, Priority, Target
from bridge.outbox.registry.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

STEP = 2_000
"""How many ids one reading covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """What chosen events and deliveries have in common; None for what does not matter.

    `reason` is the reason of an ignored or refused event, that of a dead delivery, or Zoho's code. `priority`
    chooses open deliveries only. Times are milliseconds UTC of the receipt, `until` excluded.
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


def newest(outbox: Outbox, selector: Selector, *, limit: int) -> tuple[Chosen, ...]:
    """The newest that fit, newest first, at most `limit`."""
    first, last = bounds(outbox, selector)
    found: list[Chosen] = []
    while last > first and len(found) < limit:
        after = max(first, last - STEP)
        found.extend(reversed(_range(outbox, selector, after, last)))
        last = after
    return tuple(found[:limit])


def chosen(outbox: Outbox, selector: Selector, *, after: int | None = None) -> Iterator[tuple[int, tuple[Chosen, ...]]]:
    """All that fit, oldest first, with the last id of each range: what comes while this runs is left out.

    `after` goes on where a former run ended.
    """
    first, last = bounds(outbox, selector)
    first = first if after is None else max(first, after)
    while first < last:
        up_to = min(first + STEP, last)
        yield up_to, _range(outbox, selector, first, up_to)
        first = up_to


def bounds(outbox: Outbox, selector: Selector) -> tuple[int, int]:
    """The ids between which all that fit lie, the first one excluded."""
    with outbox.read() as transaction:
        if selector.event_id is not None:
            return selector.event_id - 1, selector.event_id
        if selector.delivery_id is not None:
            row = transaction.row("event_of_delivery", delivery_id=selector.delivery_id)
            return (row["event_id"] - 1, row["event_id"]) if row else (0, 0)
        if selector.lead is not None:
            row = transaction.row("event_ids_of_lead", lead=selector.lead)
            return (row["first_id"] - 1, row["last_id"]) if row and row["first_id"] else (0, 0)
        row = transaction.row("last_event_id")
        last = int(row["id"] or 0) if row else 0
        return (_id_before(transaction, selector.since, last) if selector.since is not None else 0), last


def _id_before(transaction: Transaction, since: int, last: int) -> int:
    """An id before the first event received at or after `since`, by halving. A minute is left for stragglers."""
    low, high = 0, last
    while low < high:
        middle = (low + high) // 2
        row = transaction.row("id_at", id=middle + 1)
        if row is None or row["received_at"] >= since - 60_000:
            high = middle
        else:
            low = middle + 1
    return low


def _range(outbox: Outbox, selector: Selector, after: int, up_to: int) -> tuple[Chosen, ...]:
    columns = {
        "event_id": selector.event_id,
        "delivery_id": selector.delivery_id,
        "lead": selector.lead,
        "hook": selector.hook,
        "kind": selector.kind and selector.kind.value,
        "event_state": selector.event_state and int(selector.event_state),
        "delivery_state": selector.delivery_state and int(selector.delivery_state),
        "reason": selector.reason,
        "lane_id": selector.lane_id,
        "api": selector.api,
        "priority": None if selector.priority is None else int(selector.priority),
        "since": selector.since,
        "until": selector.until,
    }
    with outbox.read() as transaction:
        return tuple(map(_chosen, transaction.rows("selected", after=after, up_to=up_to, **columns)))


def _chosen(row: Row) -> Chosen:
    has_delivery = row["delivery_id"] is not None
    return Chosen(
        event_id=row["event_id"],
        received_at=row["received_at"],
        hook=row["hook"],
        kind=Kind(row["kind"]),
        event_state=EventState(row["event_state"]),
        event_reason=row["event_reason"],
        lead=row["lead"] or "",
        delivery_id=row["delivery_id"],
        replay=row["replay"],
        state=DeliveryState(row["state"]) if has_delivery else None,
        priority=Priority(row["priority"]) if has_delivery else None,
        reason=DeadReason(row["reason"]) if row["reason"] else None,
        code=row["code"] or "",
        available_at=row["available_at"],
        ended_at=row["ended_at"],
        lane_id=row["lane_id"],
        target=target_of(row) if has_delivery else None,
    )
