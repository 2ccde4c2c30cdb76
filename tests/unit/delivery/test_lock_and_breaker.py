from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.delivery import lock_and_breaker
from bridge.model import Effect, Lane, Ledger, Outcome, OutcomeStatus, Response, Slot, Target

LOCK_MS = 1_800_000
HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_800_000_000_123

LEDGER = Ledger(account="default", api="trigger", now=NOW, slots=())
LANE = Lane(lane_id=1, target=Target(api="trigger"), due={}, oldest_at=None, next_at=None)
HELD = replace(LANE, held_reason="the journey is inactive", held_since=NOW - HOUR // 4, probe_at=NOW)


def _response(effect: Effect, *statuses: OutcomeStatus, retry_after_ms: int | None = None) -> Response:
    outcomes = tuple(Outcome(status=status, result="r", code="9") for status in statuses)
    return Response(effect=effect, outcomes=outcomes, code="9", message="words", retry_after_ms=retry_after_ms)


@pytest.mark.parametrize(("questions", "closed"), [(None, LOCK_MS), (60_000, LOCK_MS), (2 * HOUR, 2 * HOUR)])
def test_a_lock_closes_the_api_for_its_period_or_longer_if_asked(questions: int | None, closed: int) -> None:
    response = _response(Effect.LOCK, OutcomeStatus.UNSENT, retry_after_ms=questions)
    after = lock_and_breaker.side_effect(response, LEDGER, LANE, now=NOW, lock_ms=LOCK_MS, budget=95)
    assert (after.locked_until, after.hold_reason) == (NOW + closed, None)
    assert after.breaker_until == after.locked_until  # one call probes before the others go


@pytest.mark.parametrize(
    ("failures", "questions", "seconds"),
    [(0, None, 5), (1, None, 10), (5, None, 160), (6, None, 300), (1000, None, 300), (0, 60_000, 60), (0, DAY, 3600)],
)
def test_an_outage_opens_the_breaker_for_longer_each_time(failures: int, questions: int | None, seconds: int) -> None:
    response = _response(Effect.OUTAGE, OutcomeStatus.UNSENT, retry_after_ms=questions)
    after = lock_and_breaker.side_effect(
        response, replace(LEDGER, breaker_failures=failures), LANE, now=NOW, lock_ms=LOCK_MS, budget=95
    )
    assert (after.breaker_until, after.close_breaker) == (NOW + seconds * 1000, False)


def test_a_hold_says_why_and_is_probed_at_growing_distances() -> None:
    response = _response(Effect.HOLD, OutcomeStatus.UNSENT)
    minutes = []
    for age in (None, 0, 5, 10, 20, 40, 80, 1000):
        lane = LANE if age is None else replace(HELD, held_since=NOW - age * 60_000)
        after = lock_and_breaker.side_effect(response, LEDGER, lane, now=NOW, lock_ms=LOCK_MS, budget=95)
        assert after.hold_reason == "words"
        assert after.probe_at is not None
        minutes.append((after.probe_at - NOW) // 60_000)
    assert minutes == [5, 5, 5, 10, 20, 40, 60, 60]


def test_an_answer_closes_the_breaker_and_a_success_releases_the_lane() -> None:
    failing = replace(LEDGER, breaker_failures=2)
    after = lock_and_breaker.side_effect(
        _response(Effect.NONE, OutcomeStatus.DELIVERED), failing, HELD, now=NOW, lock_ms=LOCK_MS, budget=95
    )
    assert (after.close_breaker, after.release_lane) == (True, True)
    hold = lock_and_breaker.side_effect(
        _response(Effect.HOLD, OutcomeStatus.UNSENT), failing, HELD, now=NOW, lock_ms=LOCK_MS, budget=95
    )
    assert (hold.close_breaker, hold.release_lane) == (True, False)


def test_where_nothing_was_closed_nothing_is_opened() -> None:
    after = lock_and_breaker.side_effect(
        _response(Effect.NONE, OutcomeStatus.DELIVERED), LEDGER, LANE, now=NOW, lock_ms=LOCK_MS, budget=95
    )
    assert (after.close_breaker, after.release_lane, after.hold_reason) == (False, False, None)
    assert (
        lock_and_breaker.side_effect(_response(Effect.NONE), LEDGER, None, now=NOW, lock_ms=LOCK_MS, budget=95) == after
    )


def test_a_probe_that_decides_nothing_keeps_the_hold_and_sets_the_next_probe() -> None:
    after = lock_and_breaker.side_effect(
        _response(Effect.NONE, OutcomeStatus.RETRY), LEDGER, HELD, now=NOW, lock_ms=LOCK_MS, budget=95
    )
    assert (after.release_lane, after.hold_reason) == (False, "the journey is inactive")
    assert after.probe_at == NOW + HOUR // 4


def test_after_a_lock_the_budget_is_three_below_what_we_had_sent() -> None:
    def learned(sent: int, before: int | None = None) -> int:
        slots = tuple(Slot(started_at=n, answered_at=n, lane_id=1) for n in range(sent))
        return lock_and_breaker.learned_budget(replace(LEDGER, slots=slots, learned_budget=before), 95)

    assert [learned(80), learned(95), learned(200)] == [77, 92, 95]
    assert [learned(0), learned(0, 47), learned(0, 1)] == [47, 23, 1]
