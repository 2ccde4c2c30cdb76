"""Finishing a call: its answer, what came of each lead and what follows from it, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState, OutcomeStatus
from bridge.outbox.counters import counters
from bridge.outbox.engine.text import storable
from bridge.outbox.precedence import end_withdrawn
from bridge.outbox.queue.dependents import bury_dependents, release_dependents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Response, SideEffect, Transition
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

NEXT_STATES = frozenset({DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.DEAD})


def finish(
    outbox: Outbox,
    *,
    call_id: int,
    response: Response | None,
    transitions: Sequence[Transition],
    side_effect: SideEffect,
    window_ms: int,
) -> int:
    """Close a call and move its deliveries on; how many were moved.

    Fenced: a delivery whose lease was over and that someone else has now is left alone. An answer (a response with an
    HTTP status) makes the call count until now + `window_ms`; without one it counts on until its deadline + window.
    What waited for a delivered one becomes pending, what waited for a dead one dies with it. Raises ValueError for a
    move to a state that no call leads to.
    """
    for transition in transitions:
        if transition.state not in NEXT_STATES:
            raise ValueError(
                f"delivery {transition.delivery_id} cannot be {transition.state.name.lower()} after a call"
            )
    deltas = counters.CounterDeltas()
    with outbox.write() as transaction:
        call = _lock(transaction, call_id)
        now = transaction.now()
        _close_call(transaction, call_id, response, now, window_ms)
        ours = {row["id"] for row in transaction.rows("claimed_by_call", call_id=call_id)}
        moved = sorted(
            (transition for transition in transitions if transition.delivery_id in ours),
            key=lambda transition: transition.delivery_id,
        )
        _apply(transaction, call_id, moved, now)
        _follow(transaction, moved, call["api"], now, deltas)
        _change_lane(transaction, call, side_effect, now)
        _change_api(transaction, call, side_effect, now)
        counters.add(outbox, transaction, deltas)
    return len(moved)


def _lock(transaction: Transaction, call_id: int) -> Row:
    transaction.row("lock_account_of_call", call_id=call_id)
    call = transaction.row("call_to_finish", call_id=call_id)
    if call is None:
        raise ValueError(f"there is no call {call_id} to finish")
    return call


def _close_call(transaction: Transaction, call_id: int, response: Response | None, now: int, window_ms: int) -> None:
    answered = response is not None and response.http_status is not None
    transaction.run(
        "close_call",
        call_id=call_id,
        now=now,
        answered_at=now if answered else None,
        counts_until=now + window_ms if answered else None,
        http_status=response.http_status if response else None,
        effect=response.effect.value if response else None,
        code=response.code if response else None,
        message=response.message if response else None,
    )


def _apply(transaction: Transaction, call_id: int, transitions: Sequence[Transition], now: int) -> None:
    transaction.run_each("apply_transition", [_columns(transition, now) for transition in transitions], call_id=call_id)
    transaction.run_each(
        "add_attempt",
        [
            {
                "delivery_id": transition.delivery_id,
                "outcome": transition.outcome.status.value,
                "result": storable(transition.outcome.result),
                "code": storable(transition.outcome.code),
                "message": storable(transition.outcome.message),
            }
            for transition in transitions
        ],
        call_id=call_id,
    )


def _columns(transition: Transition, now: int) -> dict[str, object]:
    ended = transition.state != DeliveryState.PENDING
    return {
        "delivery_id": transition.delivery_id,
        "state": int(transition.state),
        "priority": int(transition.priority),
        "available_at": now if transition.available_at is None else transition.available_at,
        "attempts": int(transition.counts),
        "ignored": int(transition.outcome.status is OutcomeStatus.IGNORED),
        "outages": int(transition.outage),
        "cohort": transition.cohort,
        "reason": _reason(transition).value if transition.state is DeliveryState.DEAD else None,
        "code": storable(transition.outcome.code),
        "ended_at": now if ended else None,
    }


def _follow(
    transaction: Transaction, transitions: Sequence[Transition], api: str, now: int, deltas: counters.CounterDeltas
) -> None:
    """What the ends of deliveries mean for the totals and for the actions that wait for them."""
    dead = [transition for transition in transitions if transition.state is DeliveryState.DEAD]
    delivered = [transition for transition in transitions if transition.state is DeliveryState.DELIVERED]
    pending = [transition for transition in transitions if transition.state is DeliveryState.PENDING]
    doubtful = [transition for transition in pending if transition.outcome.status is OutcomeStatus.DOUBT]
    deltas.note("resent_in_doubt", len(doubtful), api=api)
    deltas.note("deliveries", len(delivered), api=api, state="delivered", reason="")
    for transition in dead:
        deltas.note_dead(api, _reason(transition))
    release_dependents(transaction, [transition.delivery_id for transition in delivered], now)
    bury_dependents(transaction, [transition.delivery_id for transition in dead], now, deltas)
    end_withdrawn(transaction, [transition.delivery_id for transition in pending], api, now, deltas)


def _change_lane(transaction: Transaction, call: Row, side_effect: SideEffect, now: int) -> None:
    if call["lane_id"] is None:
        return
    if side_effect.release_lane:
        transaction.run("release_lane", lane_id=call["lane_id"])
    if side_effect.hold_reason is not None:
        reason = side_effect.hold_reason
        transaction.run("hold_lane", lane_id=call["lane_id"], reason=reason, probe_at=side_effect.probe_at, now=now)


def _change_api(transaction: Transaction, call: Row, side_effect: SideEffect, now: int) -> None:
    if side_effect.parameters_in:
        transaction.run("note_parameters", api_id=call["api_id"], parameters_in=side_effect.parameters_in.value)
    if side_effect.close_breaker:
        transaction.run("close_breaker", api_id=call["api_id"])
    if side_effect.breaker_until is not None:
        transaction.run(
            "open_breaker", api_id=call["api_id"], call_id=call["id"], breaker_until=side_effect.breaker_until
        )
    if side_effect.locked_until is not None:
        if side_effect.learned_budget is not None:
            transaction.run("learn", api_id=call["api_id"], learned_budget=side_effect.learned_budget, now=now)
        transaction.run("lock_until", api_id=call["api_id"], locked_until=side_effect.locked_until)


def _reason(transition: Transition) -> DeadReason:
    return transition.reason or DeadReason.PERMANENT
