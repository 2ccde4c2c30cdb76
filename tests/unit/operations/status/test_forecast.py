"""When a backlog will be gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.operations.status.forecast import Load, calls_for, forecast, forecasts

WINDOW = 300_000


def load(calls: int, *, ends: tuple[int, ...] = (), closed_until: int | None = None) -> Load:
    return Load(
        api="trigger",
        leads=calls,
        calls=calls,
        budget=95,
        window_ms=WINDOW,
        ends=ends,
        closed_until=closed_until,
    )


def test_nothing_to_do_is_done_now() -> None:
    assert forecast(load(0, closed_until=50_000), now=1_000).done_at == 1_000


def test_what_fits_into_this_window_goes_at_once() -> None:
    assert forecast(load(95), now=1_000).done_at == 1_000


def test_each_window_gives_its_budget() -> None:
    assert forecast(load(95 * 3), now=0).done_at == 2 * WINDOW
    assert forecast(load(95 * 2 + 1), now=0).done_at == 2 * WINDOW
    assert forecast(load(95, ends=(WINDOW,) * 95), now=0).done_at == WINDOW


def test_a_lock_comes_first_and_the_window_is_empty_after_it() -> None:
    assert forecast(load(190, ends=(WINDOW,) * 95, closed_until=1_800_000), now=0).done_at == 1_800_000 + WINDOW


def test_what_was_put_off_goes_when_it_is_due() -> None:
    assert forecast(replace(load(1), due_by=60_000), now=1_000).done_at == 60_000
    assert forecast(replace(load(95 * 3), due_by=60_000), now=0).done_at == 2 * WINDOW
    assert forecast(replace(load(0), due_by=60_000), now=1_000).done_at == 1_000


def test_a_call_carries_a_whole_batch() -> None:
    assert [calls_for(leads, 200) for leads in (0, 1, 200, 201)] == [0, 1, 1, 2]


@pytest.mark.parametrize(("calls", "done_at"), [(1, 200), (90, 200), (91, 400), (95, 400), (96, 200 + WINDOW)])
def test_a_full_window_lets_a_call_go_when_one_stops_counting(calls: int, done_at: int) -> None:
    assert forecast(load(calls, ends=(400,) * 5 + (200,) * 90), now=100).done_at == done_at


def test_more_calls_than_a_budget_that_was_cut_must_end_first() -> None:
    few = replace(load(1), budget=2, ends=(100, 200, 300, 400))
    assert forecast(few, now=0).done_at == 300


def test_leads_that_wait_for_another_api_are_through_after_it() -> None:
    behind = replace(load(10), follows=True)
    assert [one.done_at for one in forecasts([load(95 * 3), behind], now=0)] == [2 * WINDOW, 2 * WINDOW]
    assert [one.done_at for one in forecasts([load(95 * 3), load(10)], now=0)] == [2 * WINDOW, 0]
    assert [one.done_at for one in forecasts([load(1), replace(load(0), follows=True)], now=5)] == [5, 5]


def test_what_is_stopped_has_no_end_and_neither_has_what_waits_for_it() -> None:
    failing = replace(load(20), stopped_by="subscribe fails, 2 times in a row")
    behind = replace(load(1), follows=True)
    found = forecasts([failing, behind], now=0)
    assert [(one.done_at, one.stopped_by) for one in found] == [(None, "subscribe fails, 2 times in a row")] * 2
    assert forecasts([replace(load(0), stopped_by="subscribe fails"), behind], now=7)[1].done_at == 7


def test_what_waits_behind_a_held_lane_has_no_end() -> None:
    (leading, behind) = forecasts([replace(load(2), holds="lane 3 is held"), replace(load(1), follows=True)], now=5)
    assert leading.done_at == 5
    assert (behind.done_at, behind.stopped_by) == (None, "lane 3 is held")
