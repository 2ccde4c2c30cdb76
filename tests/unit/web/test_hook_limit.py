from __future__ import annotations

import pytest

from bridge.errors import RateError
from bridge.model import MINUTE_MS
from bridge.web.hook_limit import HookLimit

NOW = 1_700_000_000_000


def taken(limit: HookLimit, hook: str, now: int, requests: int) -> int:
    """How many of so many requests at once are let through."""
    count = 0
    for _ in range(requests):
        try:
            limit.check(hook, now)
        except RateError:
            continue
        limit.count(hook, now)
        count += 1
    return count


def test_ten_seconds_worth_may_come_at_once_and_no_more() -> None:
    limit = HookLimit(120)
    assert taken(limit, "form", NOW, 500) == 20
    assert taken(limit, "other", NOW, 500) == 20


def test_room_comes_back_evenly_and_what_was_refused_costs_nothing() -> None:
    limit = HookLimit(120)
    taken(limit, "form", NOW, 10_000)
    assert taken(limit, "form", NOW + MINUTE_MS // 12, 500) == 10
    assert taken(limit, "form", NOW + 10 * MINUTE_MS, 500) == 20
    assert sum(taken(limit, "form", NOW + second * 1000, 500) for second in range(601, 661)) == 120


@pytest.mark.parametrize("a_minute", [1, 3, 6])
def test_the_sender_is_asked_to_come_back_when_there_is_room(a_minute: int) -> None:
    limit = HookLimit(a_minute)
    assert taken(limit, "form", NOW, 500) == 1
    with pytest.raises(RateError) as refused:
        limit.check("form", NOW)
    limit.check("form", NOW + refused.value.retry_after * 1000)


def test_without_a_limit_everything_is_taken() -> None:
    assert taken(HookLimit(0), "form", NOW, 1_000) == 1_000
