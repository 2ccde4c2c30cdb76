"""What a call changes for its API and its lane: Zoho's lock, the budget learned from it, the circuit breaker, the hold.

Pure: the same call gives the same answer on every host. What it changes for its leads is the retry rule (`retry.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.model import HOUR_MS, MINUTE_MS, SECOND_MS, Effect, OutcomeStatus, Response, SideEffect, allowed_calls

if TYPE_CHECKING:
    from bridge.model import Lane, Ledger

BREAKER_FIRST_MS = 5 * SECOND_MS
BREAKER_MAX_MS = 5 * MINUTE_MS
BREAKER_ASKED_MAX_MS = HOUR_MS
PROBE_FIRST_MS = 5 * MINUTE_MS
PROBE_MAX_MS = HOUR_MS

LEARNED_MARGIN = 3

_ANSWERED = frozenset({OutcomeStatus.DELIVERED, OutcomeStatus.IGNORED, OutcomeStatus.REFUSED})
"""Outcomes that show a lane in order: Zoho looked at the lead."""


def side_effect(
    response: Response, ledger: Ledger, lane: Lane | None, *, now: int, lock_ms: int, budget: int
) -> SideEffect:
    """What a finished call changes for its API and its lane; `lane` is None for a call that carried no leads.

    After a lock one call probes before the others go, and the budget is lowered to `learned_budget`.
    An open breaker is probed after 5 seconds, doubling to 5 minutes. A longer wait that Zoho asks for is kept to. Any
    answer but a lock, a refused token or an outage closes the breaker.
    """
    match response.effect:
        case Effect.LOCK:
            until = now + max(lock_ms, response.retry_after_ms or 0)
            return SideEffect(locked_until=until, breaker_until=until, learned_budget=learned_budget(ledger, budget))
        case Effect.OUTAGE:
            return SideEffect(breaker_until=now + _breaker_ms(ledger.breaker_failures, response.retry_after_ms or 0))
        case Effect.TOKEN:
            return SideEffect()
        case Effect.HOLD:
            return replace(held(response.message, lane=lane, now=now), close_breaker=_breaker_known(ledger))
        case Effect.NONE | Effect.SPLIT:
            return _after_an_answer(response, ledger, lane, now)


def learned_budget(ledger: Ledger, budget: int) -> int:
    """The calls we allow ourselves after a lock: three fewer than we had made when it came.

    Others make the rest of the calls, and no answer counts them for us. But a lock that comes while we hardly call says
    little of what is left to us: one lock at most halves the budget.
    """
    allowed = allowed_calls(budget, ledger.learned_budget)
    return max(1, min(allowed, max(len(ledger.slots) - LEARNED_MARGIN, allowed // 2)))


def held(reason: str, *, lane: Lane | None, now: int) -> SideEffect:
    """A hold, new or kept up. The next probe is as far off as the hold is old, from 5 minutes to an hour."""
    age = now - lane.held_since if lane is not None and lane.held_since is not None else 0
    return SideEffect(hold_reason=reason, probe_at=now + min(max(age, PROBE_FIRST_MS), PROBE_MAX_MS))


def _breaker_ms(failures: int, asked_ms: int) -> int:
    doubled = BREAKER_FIRST_MS << min(failures, 10)
    return max(min(doubled, BREAKER_MAX_MS), min(asked_ms, BREAKER_ASKED_MAX_MS))


def _after_an_answer(response: Response, ledger: Ledger, lane: Lane | None, now: int) -> SideEffect:
    if lane is None or not lane.held_reason:
        return SideEffect(close_breaker=_breaker_known(ledger))
    in_order = any(outcome.status in _ANSWERED for outcome in response.outcomes)
    if not in_order:
        return replace(held(lane.held_reason, lane=lane, now=now), close_breaker=_breaker_known(ledger))
    return SideEffect(release_lane=True, close_breaker=_breaker_known(ledger))


def _breaker_known(ledger: Ledger) -> bool:
    return ledger.breaker_until is not None or ledger.breaker_failures > 0 or ledger.probing
