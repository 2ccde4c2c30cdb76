from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bridge.sandbox.limits import Limiter

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Start


def test_the_last_call_of_the_window_is_admitted_and_the_next_one_locks() -> None:
    limiter = Limiter(calls=3, window_ms=1000, lock_ms=5000)

    assert [limiter.admit(at) for at in (0, 10, 20, 30)] == [True, True, True, False]
    assert (limiter.lockouts, limiter.locked_until, limiter.max_in_window) == (1, 5030, 4)


def test_a_call_leaves_the_window_exactly_when_the_window_is_over() -> None:
    early, late = (Limiter(calls=1, window_ms=1000, lock_ms=5000) for _ in range(2))

    assert [early.admit(0), early.admit(999)] == [True, False]
    assert [late.admit(0), late.admit(1000)] == [True, True]


def test_the_lock_ends_exactly_after_its_period_and_polling_does_not_lengthen_it() -> None:
    limiter = Limiter(calls=1, window_ms=1000, lock_ms=5000)

    assert [limiter.admit(at) for at in (0, 1, 3000, 5000, 5001)] == [True, False, False, False, True]
    assert limiter.lockouts == 1


@given(
    gaps=st.lists(st.integers(0, 40), max_size=120),
    calls=st.integers(1, 5),
    window=st.integers(1, 100),
    lock=st.integers(1, 200),
)
def test_limits_agree_with_counting_everything_again_at_each_call(
    gaps: list[int], calls: int, window: int, lock: int
) -> None:
    limiter = Limiter(calls=calls, window_ms=window, lock_ms=lock)
    came: list[int] = []
    admitted: list[int] = []
    locks: list[int] = []
    now = peak = 0
    for gap in gaps:
        now += gap
        came.append(now)
        peak = max(peak, sum(now - window < at for at in came))
        is_locked = any(started <= now < started + lock for started in locks)
        is_over = sum(now - window < at for at in admitted) >= calls
        if not is_locked and is_over:
            locks.append(now)
        expected = not is_locked and not is_over
        if expected:
            admitted.append(now)
        assert limiter.admit(now) is expected
    assert (limiter.lockouts, limiter.max_in_window) == (len(locks), peak)


def test_the_call_that_goes_over_locks_its_own_api_only(start: Start) -> None:
    zoho = start(trigger_calls=2)
    for _ in range(2):
        assert zoho.trigger("ada@example.org")["code"] == "200"

    over = zoho.trigger_with("{}")

    assert over.status_code == 400
    assert over.json()["error"]["title"] == "URL_ROLLING_THROTTLES_LIMIT_EXCEEDED"
    assert "30 minutes" in over.json()["error"]["message"]
    assert zoho.subscribe().json()["code"] == "0"
    state = zoho.state()
    assert state["lockouts"] == 1
    assert state["max_in_window"]["trigger"] == 3
    assert [call["processed"] for call in state["calls"] if call["api"] == "trigger"] == [True, True, False]


def test_a_locked_api_opens_after_thirty_minutes(start: Start) -> None:
    zoho = start(subscribe_calls=1)
    zoho.subscribe()
    zoho.subscribe()

    zoho.pass_seconds(1799.999)
    assert zoho.subscribe().status_code == 400
    zoho.pass_seconds(0.001)
    assert zoho.subscribe().status_code == 200
    assert zoho.state()["lockouts"] == 1


def test_calls_with_a_bad_token_count_in_the_limit(start: Start) -> None:
    zoho = start(lists_calls=1)
    assert zoho.get("/api/v1/getmailinglists", headers={}).status_code == 401
    assert zoho.get("/api/v1/getmailinglists").status_code == 400


def test_the_lock_can_answer_429_with_retry_after(start: Start) -> None:
    zoho = start(subscribe_calls=0, lock_answer="too_many")
    answer = zoho.subscribe()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1800")


def test_the_lock_can_answer_code_2008_with_http_200(start: Start) -> None:
    zoho = start(subscribe_calls=0, lock_answer="code")
    answer = zoho.subscribe()
    assert (answer.status_code, answer.json()["code"]) == (200, "2008")


def test_the_defaults_are_the_documented_limits(start: Start) -> None:
    zoho = start()
    for _ in range(100):
        zoho.get("/api/v1/lead/allfields", params={"type": "json"})
        zoho.pass_seconds(2.99)
    zoho.pass_seconds(1)
    assert zoho.get("/api/v1/lead/allfields", params={"type": "json"}).status_code == 200
    assert zoho.state()["max_in_window"]["fields"] == 100
