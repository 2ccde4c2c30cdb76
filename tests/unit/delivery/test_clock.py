"""Two clocks side by side: which jumps are noticed, and how long it is quiet after them."""

from __future__ import annotations

import pytest

from bridge.delivery.clock import ClockWatch


class Clocks:
    """A wall clock that can be set and a steady one."""

    def __init__(self) -> None:
        self.steady = 1_000.0
        self.ahead_ms = 1_700_000_000_000
        self.watch = ClockWatch(longest_ms=330_000, monotonic=lambda: self.steady)

    def look(self, *, after: float = 0.25, stepped_ms: int = 0) -> int:
        self.steady += after
        self.ahead_ms += stepped_ms
        return self.watch.jump(round(self.steady * 1000) + self.ahead_ms)


@pytest.fixture
def clocks() -> Clocks:
    found = Clocks()
    found.look()
    return found


def test_time_that_passes_is_no_jump_however_long_the_process_was_paused(clocks: Clocks) -> None:
    assert [clocks.look(), clocks.look(after=3600)] == [0, 0]
    assert not clocks.watch.is_quiet


def test_after_a_jump_ahead_it_is_quiet_for_as_long(clocks: Clocks) -> None:
    assert clocks.look(stepped_ms=2_000) == 2_000
    assert clocks.watch.is_quiet
    assert clocks.look(after=1.99) == 0
    assert clocks.watch.is_quiet
    clocks.look(after=0.02)
    assert not clocks.watch.is_quiet


def test_it_is_never_quiet_for_longer_than_a_call_counts(clocks: Clocks) -> None:
    clocks.look(stepped_ms=86_400_000)
    clocks.look(after=330)
    assert not clocks.watch.is_quiet


def test_two_jumps_add_up(clocks: Clocks) -> None:
    clocks.look(stepped_ms=2_000)
    clocks.look(after=1, stepped_ms=2_000)
    clocks.look(after=2.9)
    assert clocks.watch.is_quiet
    clocks.look(after=0.2)
    assert not clocks.watch.is_quiet


def test_a_jump_back_is_reported_and_stops_nothing(clocks: Clocks) -> None:
    assert clocks.look(stepped_ms=-5_000) == -5_000
    assert not clocks.watch.is_quiet


def test_drift_is_not_reported(clocks: Clocks) -> None:
    assert [clocks.look(stepped_ms=100) for _ in range(50)] == [0] * 50
