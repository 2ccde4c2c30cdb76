"""What pacing looks at: the lanes with work, and when there will be some."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bridge.model import Lane, Priority
from bridge.outbox.queue import deferral
from bridge.outbox.queue.batch_selection import FRONT
from bridge.outbox.queue.leases import return_leases
from bridge.outbox.registry.targets import ORDERS, api_id, target_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row


def pending_apis(outbox: Outbox) -> frozenset[tuple[str, str]]:
    """The APIs with pending deliveries, each with its account: no other has lanes to look at.

    Deliveries whose deliverer died are given back first.
    """
    return_leases(outbox)
    with outbox.read() as transaction:
        return frozenset((row["account"], row["api"]) for row in transaction.rows("pending_apis"))


def lanes(outbox: Outbox, account: str, api: str, *, cap: int) -> tuple[Lane, ...]:
    """The lanes of an API with pending deliveries. Counts stop at `cap`, so that a backlog costs nothing.

    Deliveries whose deliverer died are given back first. Those that must wait for an earlier one of their lead are
    not due; where there are many of them they are deferred.
    """
    return_leases(outbox)
    rows = _open_lanes(outbox, account, api, cap)
    crowded = [row for row in rows if api in ORDERS and row["ready"] >= deferral.MANY and row["due"] < cap]
    if sum(deferral.defer(outbox, row["lane_id"], row["priority"]) for row in crowded):
        rows = _open_lanes(outbox, account, api, cap)
    groups = (tuple(group) for _, group in groupby(rows, key=lambda row: row["lane_id"]))
    return tuple(lane for group in groups if (lane := _lane(group)))


def _open_lanes(outbox: Outbox, account: str, api: str, cap: int) -> Sequence[Row]:
    with outbox.read() as transaction:
        now = transaction.now()
        return transaction.rows(
            "open_lanes", account=account, api=api, cap=cap, front=cap + FRONT, many=deferral.MANY, now=now
        )


def next_due_at(outbox: Outbox, account: str) -> int | None:
    """When the next delivery of an account can go or comes back from a dead deliverer; None if there is none.

    It may be past. Held lanes count from their next probe on. Budgets, locks and the order of a lead's deliveries
    take no part: that is for pacing.
    """
    with outbox.read() as transaction:
        row = transaction.row("next_due", account=account)
    return row["due_at"] if row else None


def release_lane(outbox: Outbox, lane_id: int) -> bool:
    """End a hold. Whether there was one."""
    with outbox.write() as transaction:
        return bool(transaction.run("release_lane", lane_id=lane_id))


def probe_api(outbox: Outbox, account: str, api: str) -> bool:
    """Let the next probe of an API that fails be due now. Whether it waited for one."""
    owner = api_id(outbox, account, api)
    with outbox.write() as transaction:
        return bool(transaction.run("probe_api", api_id=owner, now=transaction.now()))


def hold_lane(outbox: Outbox, lane_id: int, *, reason: str, probe_at: int) -> None:
    """Stop a lane whose configuration is wrong, without a call; its leads wait. An active hold keeps its start."""
    with outbox.write() as transaction:
        transaction.run("hold_lane", lane_id=lane_id, reason=reason, probe_at=probe_at, now=transaction.now())


def _lane(rows: Sequence[Row]) -> Lane | None:
    first = rows[0]
    due = {Priority(row["priority"]): int(row["due"]) for row in rows if row["due"]}
    oldest = [row["oldest_at"] for row in rows if row["oldest_at"] is not None]
    coming = [row["next_at"] for row in rows if row["next_at"] is not None]
    if not due and not coming:
        return None
    return Lane(
        lane_id=first["lane_id"],
        target=target_of(first),
        due=due,
        oldest_at=min(oldest, default=None),
        next_at=min(coming, default=None),
        held_reason=first["held_reason"] or "",
        held_since=first["held_since"],
        probe_at=first["probe_at"],
    )
