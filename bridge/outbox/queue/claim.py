"""Claiming: deliveries for one call and the call's place in the ledger, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from bridge.model import Claim, ClaimedDelivery, DeadReason, OnDoubt, Order, Priority
from bridge.outbox.counters import counters
from bridge.outbox.engine.transaction import from_row
from bridge.outbox.precedence import ended_of_call, keep_newer_values
from bridge.outbox.queue.batch_selection import LONGEST_CALL_MS, Choice, choose
from bridge.outbox.queue.call_ledger import CallTimes, add_call, may_call
from bridge.outbox.queue.deferral import space_out
from bridge.outbox.queue.dependents import bury_dependents, release_dependents
from bridge.outbox.queue.leases import return_leases
from bridge.outbox.registry.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

MAX_ENDED: Final = 50
"""How often others are chosen for one call because those chosen had to be given up."""

MAX_ROUNDS: Final = 8
"""How often repeats are spaced out for one call; the next call goes on with it."""


def claim(
    outbox: Outbox,
    *,
    lane_id: int,
    batch: int,
    budget: int,
    window_ms: int,
    send_ms: int,
    call_ms: int,
    lease_ms: int,
    deliverer: str,
    fits: Callable[[Sequence[ClaimedDelivery]], int] | None = None,
) -> Claim | None:
    """Deliveries of a lane for one call, at most `batch`, each lead once; None when no call may be made or none is due.

    No call may be made while the API's budget of calls in the window is used up, while the API is locked, while its
    breaker is open or a probe of it is in flight, and while the lane is held and its probe not due. Live deliveries
    come first, then waiting, then bulk, each by the time they became available. What changes one lead goes one at a
    time over all lanes and APIs, but subscribes that follow each other in this lane go together. A cohort (half of a
    call that is being split) goes alone. `fits` says how many of the deliveries, from the first on, a call can carry by
    their size.
    All durations are milliseconds from now: the call must start within `send_ms` and end within `call_ms`; `lease_ms`
    must be longer than that.
    """
    if lease_ms < call_ms:
        raise ValueError(f"a lease of {lease_ms} ms ends before its call's {call_ms} ms do; make it longer")
    return_leases(outbox)
    with outbox.write() as transaction:
        transaction.row("lock_account_of_lane", lane_id=lane_id)
        now = transaction.now()
        lane, state = _open_gates(transaction, lane_id, budget, now)
        chosen = _chosen(transaction, lane_id, batch, now) if lane and state else Choice()
        if not lane or not state or not chosen.ids:
            return None
        suspect_code = _suspect_code(transaction, lane_id, lane, chosen.cohort)
        times = CallTimes.starting(now, call_ms=call_ms, window_ms=window_ms)
        call_id = add_call(transaction, state, times, deliverer=deliverer, lane_id=lane_id, cohort=chosen.cohort)
        if lane["held_since"] is not None:
            transaction.run("next_lane_probe", lane_id=lane_id, probe_at=now + lease_ms)
        taken = _take_current(outbox, transaction, lane_id, batch, chosen, call_id, now, now + lease_ms)
        taken = _give_back(transaction, taken, fits(taken) if fits else len(taken), call_id, now)
        if not taken:
            transaction.run("drop_call", call_id=call_id)
            return None
    return Claim(
        call_id=call_id,
        lane_id=lane_id,
        target=target_of(lane),
        deliveries=taken,
        started_at=now,
        send_by=now + send_ms,
        deadline=times.deadline,
        lease_until=now + lease_ms,
        suspect_code=suspect_code,
    )


def traceparents(outbox: Outbox, call_id: int) -> tuple[str, ...]:
    """The trace contexts of the webhooks that brought the deliveries claimed for a call, as far as they were traced."""
    with outbox.read() as transaction:
        metas = [orjson.loads(row["meta"]) for row in transaction.rows("request_metas", call_id=call_id)]
    return tuple(found for meta in metas if (found := meta.get("traceparent")))


def _chosen(transaction: Transaction, lane_id: int, batch: int, now: int) -> Choice:
    """What goes into the call. Repeats of a lead ahead of others are spaced out first, some at a time."""
    for _ in range(MAX_ROUNDS):
        chosen = choose(transaction, lane_id, batch, now)
        if not chosen.repeats or not space_out(transaction, chosen.repeats, now):
            return chosen
    return choose(transaction, lane_id, batch, now)


def _open_gates(transaction: Transaction, lane_id: int, budget: int, now: int) -> tuple[Row, Row] | tuple[None, None]:
    """The lane and the state of its API, if both let a call through now."""
    lane = transaction.row("claim_state", lane_id=lane_id)
    state = transaction.row("api_state", api_id=lane["api_id"], now=now) if lane else None
    if lane is None or state is None or not may_call(state, budget=budget, now=now):
        return None, None
    held = lane["held_since"] is not None and (lane["probe_at"] is None or lane["probe_at"] > now)
    return (None, None) if held else (lane, state)


def _suspect_code(transaction: Transaction, lane_id: int, lane: Row, cohort: int | None) -> str:
    """The code which, answered again, speaks against the lane; empty where nothing is suspected."""
    if lane["held_since"] is not None:
        row = transaction.row("hold_code", lane_id=lane_id, since=lane["held_since"] - LONGEST_CALL_MS)
    elif cohort is not None:
        row = transaction.row("twin_code", lane_id=lane_id, twin=cohort ^ 1)
    else:
        return ""
    return str(row["code"] or "") if row else ""


def _take_current(
    outbox: Outbox,
    transaction: Transaction,
    lane_id: int,
    batch: int,
    chosen: Choice,
    call_id: int,
    now: int,
    lease_until: int,
) -> tuple[ClaimedDelivery, ...]:
    """Claim the chosen; what a withdrawal has ended or a newer event overtaken is given up, and others are chosen.

    What waited for something overtaken goes on: the newer one has done, or will do, what it waited for.
    """
    deltas = counters.CounterDeltas()
    taken: tuple[ClaimedDelivery, ...] = ()
    cohort, rounds = chosen.cohort, 0
    while chosen.ids and chosen.cohort == cohort and not taken and rounds < MAX_ENDED:
        ids = [{"delivery_id": delivery_id} for delivery_id in sorted(chosen.ids)]
        transaction.run_each("take", ids, call_id=call_id, lease_until=lease_until, now=now)
        ended = ended_of_call(transaction, call_id, now, deltas)
        withdrawn = [one for one, reason in sorted(ended.items()) if reason is DeadReason.WITHDRAWN]
        bury_dependents(transaction, withdrawn, now, deltas)
        release_dependents(transaction, sorted(ended.keys() - set(withdrawn)), now)
        keep_newer_values(transaction, call_id)
        taken = _taken(transaction, call_id, chosen.ids)
        rounds += 1
        chosen = choose(transaction, lane_id, batch, now) if ended and not taken else Choice()
    if deltas:
        counters.add(outbox, transaction, deltas)
    return taken


def _taken(transaction: Transaction, call_id: int, chosen: Sequence[int]) -> tuple[ClaimedDelivery, ...]:
    """What the call needs of the chosen, as far as nobody cancelled them just now."""
    place = {delivery_id: index for index, delivery_id in enumerate(chosen)}
    rows = transaction.rows("taken", call_id=call_id)
    return tuple(claimed_delivery(row) for row in sorted(rows, key=lambda row: place[row["id"]]))


def _give_back(
    transaction: Transaction, taken: tuple[ClaimedDelivery, ...], room: int, call_id: int, now: int
) -> tuple[ClaimedDelivery, ...]:
    """Claim only the first ones, as many as there is room for, and return the others to the lane."""
    parameters = {"call_id": call_id, "now": now}
    transaction.run_many("give_back", [parameters | {"delivery_id": one.id} for one in taken[room:]])
    carried = taken[:room]
    live = sum(one.priority is Priority.LIVE for one in carried)
    transaction.run("set_leads", call_id=call_id, leads=len(carried), live_leads=live)
    return carried


def claimed_delivery(row: Row) -> ClaimedDelivery:
    """A delivery as a call needs it, from a row that has its columns and its body."""
    return from_row(
        ClaimedDelivery,
        row,
        priority=Priority(row["priority"]),
        on_doubt=OnDoubt(row["on_doubt"]),
        withdraws=row["ordered"] == Order.WITHDRAWAL,
    )
