"""Which deliveries of a lane make the next call, and in which order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from bridge.model import MINUTE_MS, DeliveryState, Order, Priority

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.outbox.engine.transaction import Row, Transaction

MAX_MERGED: Final = 20
"""The most deliveries of one lead that become one call."""

FRONT: Final = 200
"""How many more rows of a lane than wanted are read: some of them may have to wait for others."""

LONGEST_CALL_MS: Final = 10 * MINUTE_MS
"""No call lasts longer, so one that started earlier is not in flight any more."""


class Choice(NamedTuple):
    """Deliveries for one call, in the order in which they go; `cohort` when they are half of a poisoned one.

    `repeats` are further ones of the same leads, where they fill the front of the lane and the call is not full, each
    with its place among those of its lead, from 1.
    """

    ids: Sequence[int] = ()
    cohort: int | None = None
    repeats: Mapping[int, int] = {}


def choose(transaction: Transaction, lane_id: int, batch: int, now: int) -> Choice:
    """What is due: live first, then waiting, then bulk, each by the time it became available, each lead once.

    A cohort goes alone, and not while its other half is in flight, since what came of that one counts. Subscribes of
    the same lead that follow each other in this lane go together.
    """
    in_flight = transaction.rows("cohorts_in_flight", lane_id=lane_id, now=now, since=now - LONGEST_CALL_MS)
    twins = {row["cohort"] ^ 1 for row in in_flight}
    due = [row for row in _due(transaction, lane_id, 2 * batch, now) if row["cohort"] not in twins]
    if not due:
        return Choice()
    cohort = due[0]["cohort"]
    candidates = [row for row in due if row["cohort"] is None]
    if cohort is not None:
        rows = transaction.rows("due_of_cohort", lane_id=lane_id, cohort=cohort, now=now, batch=2 * batch)
        candidates = _in_order(rows)
    by_lead: dict[str, Row] = {}
    for row in candidates:
        by_lead.setdefault(row["lead"], row)
    heads = list(by_lead.values())[:batch]
    chosen = [found for head in heads for found in _merged(transaction, lane_id, head, now)]
    in_the_way = cohort is None and len(due) >= 2 * batch and len(heads) < batch
    return Choice(chosen, cohort, _repeats(candidates) if in_the_way else {})


def _repeats(candidates: Iterable[Row]) -> dict[int, int]:
    """All but the first of each lead, with their places among those of their lead, from 1."""
    seen: Counter[str] = Counter()
    places: dict[int, int] = {}
    for row in candidates:
        places[row["id"]] = seen[row["lead"]]
        seen[row["lead"]] += 1
    return {delivery_id: place for delivery_id, place in places.items() if place}


def _due(transaction: Transaction, lane_id: int, enough: int, now: int) -> list[Row]:
    """The first ones that are due, priority by priority, so that a long row of waiting leads does not block bulk."""
    found: list[Row] = []
    for one in Priority:
        if len(found) < enough:
            values = {"lane_id": lane_id, "priority": int(one), "now": now}
            found += _in_order(transaction.rows("due", batch=enough, front=enough + FRONT, **values))
    return found


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["priority"], row["available_at"], row["id"]))


def _merged(transaction: Transaction, lane_id: int, head: Row, now: int) -> list[int]:
    """A delivery and those of the same lead that must follow it anyway, as far as they go to the same place."""
    if head["ordered"] != Order.LIST:
        return [head["id"]]
    rows = transaction.rows(
        "neighbours", account_id=head["account_id"], lead=head["lead"], id=head["id"], limit=MAX_MERGED
    )
    same = (lane_id, head["ordered"], head["cohort"], rows[0]["on_doubt"])
    found: list[int] = []
    for row in rows:
        alike = (row["lane_id"], row["ordered"], row["cohort"], row["on_doubt"]) == same
        waits = row["available_at"] > now and row["first_try_at"] is not None  # else it was only deferred
        if not alike or row["state"] != DeliveryState.PENDING or waits:
            break
        found.append(row["id"])
    return found
