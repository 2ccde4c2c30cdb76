"""Pairs of futures with the same past: what they must cost any rule that does not know which one it is in.

Until the split both futures are the same, so a rule has made the same calls in both. Suppose that its figure in the
quiet one is at most so many times the best simple rule's. Then, by (2) of `bounds`, it has made at least as many calls
by the split as there are marked leads that must have gone by then, and these count for the rest of the window. The
budget that is left must do for the marked leads of the busy future. If it does not, no rule is so near in both.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.pacing.bounds import drain_ms, marked
from benchmarks.pacing.simple import SIMPLE, TokenBucket
from benchmarks.pacing.simulate import Limits, simulate
from benchmarks.pacing.traces import Trace
from bridge.zoho.pacing import pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.pacing.simulate import Run

LIMITS: Final = Limits(budget=95, batch=200)
SPLIT_MS: Final = 60_000
END_MS: Final = 360_000
STEP_MS: Final = 667
"""A lead comes every so often: 90 in the minute before the split, where an even pace is a call in 3.2 s."""
IMPORT_CALLS: Final = 85
DRAIN_GOAL: Final = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """What comes after the split, and, in ms: the best simple rule's figure there, and that of the shipping rule."""

    name: str
    best: str
    best_ms: int
    own_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two futures of one past. A rule's ratio to the best is at least `least_ratio` in one of them."""

    name: str
    quiet: Future
    busy: Future
    least_ratio: float


def pairs() -> Iterator[Pair]:
    """A burst that ends or goes on, over few lanes and over many; an import that live leads follow or not."""
    for lanes in (5, 10, 20):
        yield _burst(lanes)
    yield _import(10)


def _burst(lanes: int) -> Pair:
    quiet, busy = _live(lanes, 0, SPLIT_MS), _live(lanes, 0, END_MS)
    ends, goes_on = _future("ends", quiet, _p99), _future("goes on", busy, _p99)
    least = _least_ratio(lambda ratio: _called(quiet, ratio * ends.best_ms), busy, goes_on)
    return Pair(name=f"90 leads in a minute, {lanes} lanes", quiet=ends, busy=goes_on, least_ratio=least)


def _import(lanes: int) -> Pair:
    """The least ratio is that of live leads for a rule whose drain is at the goal where none come."""
    bulk = {100: [0] * (IMPORT_CALLS * LIMITS.batch)}
    alone = Trace(name="alone", live={}, bulk=bulk)
    split_ms = round(DRAIN_GOAL * drain_ms(alone, LIMITS, 0))
    followed = Trace(name="followed", live=_live(lanes, split_ms + 1, END_MS).live, bulk=bulk)
    quiet, busy = _future("no live leads", alone, _drain), _future(f"live leads of {lanes} lanes", followed, _p99)
    least = _least_ratio(lambda _: IMPORT_CALLS, followed, busy, split_ms)
    return Pair(name=f"an import of {IMPORT_CALLS} calls", quiet=quiet, busy=busy, least_ratio=least)


def _live(lanes: int, start_ms: int, end_ms: int) -> Trace:
    """Leads at even intervals, of one lane after the other."""
    live: dict[int, list[int]] = {}
    for number, at in enumerate(range(start_ms, end_ms, STEP_MS)):
        live.setdefault(number % lanes, []).append(at)
    return Trace(name="live", live=live, bulk={})


def _future(name: str, trace: Trace, figure: Callable[[Run], int]) -> Future:
    of_rules = {
        rule: figure(simulate(trace, LIMITS, TokenBucket(depth, in_turn=in_turn)))
        for rule, (depth, in_turn) in SIMPLE.items()
    }
    best = min(of_rules, key=of_rules.__getitem__)
    return Future(name=name, best=best, best_ms=of_rules[best], own_ms=figure(simulate(trace, LIMITS, pace)))


def _p99(run: Run) -> int:
    return run.live[-(-len(run.live) * 99 // 100) - 1]


def _drain(run: Run) -> int:
    return run.drain_ms or 0


def _least_ratio(called: Callable[[float], int], busy: Trace, best: Future, split_ms: int = SPLIT_MS) -> float:
    """The largest ratio that is out of reach in both. `called` gives the calls by the split for a ratio."""
    low, high = 1.0, 100.0
    while high - low > 0.005:
        ratio = (low + high) / 2
        wait = round(ratio * best.best_ms) - LIMITS.round_trip_ms
        if called(ratio) + _needed(busy, split_ms, wait) > LIMITS.budget:
            low = ratio
        else:
            high = ratio
    return low


def _called(trace: Trace, p99_ms: float) -> int:
    """The least calls by the split of a rule with this p99."""
    wait = round(p99_ms) - LIMITS.round_trip_ms
    return max(0, bisect_right(marked(trace, LIMITS.batch, wait), SPLIT_MS - wait) - _late(trace))


def _needed(trace: Trace, split_ms: int, wait: int) -> int:
    """The least calls from the split until calls before it no longer count, for a rule with this wait."""
    later = {lane: times[bisect_right(times, split_ms) :] for lane, times in trace.live.items()}
    end = LIMITS.window_ms + LIMITS.round_trip_ms - 1
    found = bisect_right(marked(Trace(name="later", live=later, bulk={}), LIMITS.batch, wait), end - wait)
    return max(0, found - _late(trace))


def _late(trace: Trace) -> int:
    """How many leads may wait longer than the p99."""
    return sum(map(len, trace.live.values())) // 100
