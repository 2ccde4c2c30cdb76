"""When a backlog will be gone."""

from __future__ import annotations

from bridge.operations.forecast import Load, calls_for, forecast

WINDOW = 300_000


def load(calls: int, *, free_now: int = 95, closed_until: int | None = None) -> Load:
    return Load(
        api="trigger",
        leads=calls,
        calls=calls,
        budget=95,
        free_now=free_now,
        window_ms=WINDOW,
        closed_until=closed_until,
    )


def test_nothing_to_do_is_done_now() -> None:
    assert forecast(load(0, closed_until=50_000), now=1_000).done_at == 1_000


def test_what_fits_into_this_window_goes_at_once() -> None:
    assert forecast(load(95), now=1_000).done_at == 1_000


def test_each_window_gives_its_budget() -> None:
    assert forecast(load(95 * 3), now=0).done_at == 2 * WINDOW
    assert forecast(load(95, free_now=0), now=0).done_at == WINDOW


def test_a_lock_comes_first_and_the_window_is_empty_after_it() -> None:
    assert forecast(load(190, free_now=0, closed_until=1_800_000), now=0).done_at == 1_800_000 + WINDOW


def test_a_call_carries_a_whole_batch() -> None:
    assert [calls_for(leads, 200) for leads in (0, 1, 200, 201)] == [0, 1, 1, 2]
