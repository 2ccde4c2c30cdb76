"""The retry rule: from the outcome of a lead's part in a call to its next state. Pure: the same call gives the same
answer on every host. What a call changes for its API and its lane is `lock_and_breaker.py`.

A wait for a budget, a lock, a hold or a breaker is never an attempt, and nothing is given up because of one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.model import (
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    DeadReason,
    DeliveryState,
    Effect,
    OnDoubt,
    Outcome,
    OutcomeStatus,
    Priority,
    Response,
    Transition,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import ClaimedDelivery, Ledger


DELAYS_MS = (
    10 * SECOND_MS,
    30 * SECOND_MS,
    MINUTE_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
)
"""How long after its first, second, ... failure a lead is tried again; then hourly."""

JITTER = 0.2
"""Delays grow by up to this fraction, the same for all leads of a call, so that a batch stays a batch."""

GIVE_UP_MS = 72 * HOUR_MS

IGNORED_WINDOWS = (1, 12, 72, *(288,) * 7)
"""How many windows after each time that a journey ignored it a lead is tried again: with windows of 5 minutes after
5 minutes, an hour, 6 hours, and then daily for a week."""

OUTAGE_MAX_MS = 5 * MINUTE_MS

MAX_OUTAGES = 2
"""How many calls may fail with a lead, while the API takes others, before the lead is suspected."""


def transitions(
    response: Response, deliveries: Sequence[ClaimedDelivery], ledger: Ledger, *, call_id: int, now: int, window_ms: int
) -> tuple[Transition, ...]:
    """The next state of every delivery of a call, in their order.

    A poisoned call is split: its halves get the cohorts `2 * call_id` and `2 * call_id + 1` and are due at once. So are
    leads with which the API fails again and again while it takes others; one that does so alone is a failure of its
    own. Leads of one call with equally many attempts get equal times. `ledger` is the API as it was before the call.
    """
    healthy = response.effect is Effect.OUTAGE and response.http_status is not None and not ledger.breaker_failures
    suspects = [one.id for one in deliveries if healthy and one.outages >= MAX_OUTAGES]
    if response.effect is Effect.SPLIT:
        suspects = [one.id for one in deliveries]
    found: list[Transition] = []
    for delivery, outcome in zip(deliveries, response.outcomes, strict=True):
        if delivery.id not in suspects:
            transition = _next(delivery, outcome, effect=response.effect, call_id=call_id, now=now, window_ms=window_ms)
        elif len(deliveries) > 1:
            transition = _halve(delivery, outcome, call_id, suspects.index(delivery.id), len(suspects), now)
        elif response.effect is Effect.SPLIT:
            transition = _dead(delivery, outcome, DeadReason.PERMANENT)
        else:
            transition = _again(delivery, replace(outcome, status=OutcomeStatus.RETRY), call_id, now)
        found.append(replace(transition, outage=healthy and delivery.id not in suspects))
    return tuple(found)


def _next(
    delivery: ClaimedDelivery, outcome: Outcome, *, effect: Effect, call_id: int, now: int, window_ms: int
) -> Transition:
    match outcome.status:
        case OutcomeStatus.DELIVERED:
            return _apply(delivery, outcome, DeliveryState.DELIVERED)
        case OutcomeStatus.REFUSED:
            return _dead(delivery, outcome, DeadReason.PERMANENT)
        case OutcomeStatus.IGNORED:
            return _ignored(delivery, outcome, now, window_ms)
        case OutcomeStatus.UNSENT:
            return _unsent(delivery, outcome, effect, now)
        case OutcomeStatus.DOUBT if delivery.on_doubt is OnDoubt.HOLD:
            return _dead(delivery, outcome, DeadReason.DOUBT)
        case OutcomeStatus.DOUBT | OutcomeStatus.RETRY:
            return _again(delivery, outcome, call_id, now)


def kept_out(delivery: ClaimedDelivery, why: str) -> Transition:
    """The end of a delivery that may go into no call."""
    outcome = Outcome(status=OutcomeStatus.REFUSED, result="kept_out", message=why)
    return replace(_dead(delivery, outcome, DeadReason.ADDRESS), counts=False)


def judged(response: Response, deliveries: Sequence[ClaimedDelivery], *, held: bool, suspect_code: str) -> Response:
    """The response in the light of what the lane answered before.

    `suspect_code` is the code with which the other half of a poisoned call was refused or, of a held lane, the one for
    which it is held. Both halves poisoned alike: the error is the lane's and not one lead's, so the lane is held
    instead of halving on. A lead refused alike in a held lane says nothing against the lead: the hold stands.
    """
    if not suspect_code or response.code != suspect_code:
        return response
    alike = response.effect is Effect.SPLIT and not held and len({one.lead for one in deliveries}) > 1
    refused = response.effect is Effect.NONE and all(one.status is OutcomeStatus.REFUSED for one in response.outcomes)
    if not alike and not (refused and held):
        return response
    result = "held" if alike else "suspected"
    outcomes = tuple(replace(outcome, status=OutcomeStatus.UNSENT, result=result) for outcome in response.outcomes)
    return replace(response, effect=Effect.HOLD, outcomes=outcomes)


def _halve(delivery: ClaimedDelivery, outcome: Outcome, call_id: int, position: int, size: int, now: int) -> Transition:
    cohort = 2 * call_id + (position >= (size + 1) // 2)
    return _pending(delivery, outcome, at=now, counts=False, cohort=cohort)


def _ignored(delivery: ClaimedDelivery, outcome: Outcome, now: int, window_ms: int) -> Transition:
    """The slow schedule. Times are whole windows, so that leads ignored at different times share calls."""
    if delivery.ignored_count >= len(IGNORED_WINDOWS):
        return _dead(delivery, outcome, DeadReason.UNCONFIRMED)
    earliest = now + IGNORED_WINDOWS[delivery.ignored_count] * window_ms
    at = -(-earliest // window_ms) * window_ms
    transition = _pending(delivery, outcome, at=at, counts=True, cohort=None)
    return replace(transition, priority=Priority.WAITING)


def _unsent(delivery: ClaimedDelivery, outcome: Outcome, effect: Effect, now: int) -> Transition:
    """Due again at once: the lock, hold or breaker keeps it back.

    After an outage the lead steps back by a part of its age, so that one which makes the API fail cannot be the probe
    for ever; so does one that was refused as the probe of a held lane.
    """
    age = max(0, now - delivery.first_try_at)
    steps_back = effect is Effect.OUTAGE or outcome.result == "suspected"
    delay = min(age // 4, OUTAGE_MAX_MS) if steps_back else 0
    return _pending(delivery, outcome, at=now + delay, counts=False, cohort=delivery.cohort)


def _again(delivery: ClaimedDelivery, outcome: Outcome, call_id: int, now: int) -> Transition:
    """Later, unless 72 hours are over; a withdrawal is tried for ever.

    All delays are gone through first, however long a hold or the grid took.
    """
    failures = max(0, delivery.attempts - delivery.ignored_count)
    if not delivery.withdraws and failures >= len(DELAYS_MS) and now - delivery.first_try_at >= GIVE_UP_MS:
        return _dead(delivery, outcome, DeadReason.EXHAUSTED)
    delay = DELAYS_MS[min(failures, len(DELAYS_MS) - 1)]
    at = now + delay + int(delay * JITTER * _fraction(call_id))
    return _pending(delivery, outcome, at=at, counts=True, cohort=delivery.cohort)


def _fraction(call_id: int) -> float:
    """A number from 0 to below 1 that differs well between neighbouring calls (Knuth's multiplicative hash)."""
    return (call_id * 2_654_435_761 % 2**32) / 2**32


def _pending(delivery: ClaimedDelivery, outcome: Outcome, *, at: int, counts: bool, cohort: int | None) -> Transition:
    return replace(_apply(delivery, outcome, DeliveryState.PENDING), available_at=at, counts=counts, cohort=cohort)


def _dead(delivery: ClaimedDelivery, outcome: Outcome, reason: DeadReason) -> Transition:
    return replace(_apply(delivery, outcome, DeliveryState.DEAD), reason=reason)


def _apply(delivery: ClaimedDelivery, outcome: Outcome, state: DeliveryState) -> Transition:
    return Transition(
        delivery_id=delivery.id,
        state=state,
        outcome=outcome,
        counts=True,
        priority=delivery.priority,
    )
