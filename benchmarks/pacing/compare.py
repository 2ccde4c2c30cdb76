"""The pacing rule next to simple ones and the bounds, on one instance and over a family."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.pacing import bounds
from benchmarks.pacing.simple import SIMPLE, TokenBucket
from benchmarks.pacing.simulate import simulate
from bridge.zoho.pacing import pace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.pacing.families import Instance
    from benchmarks.pacing.simulate import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Ratios of one instance; `best` names the best simple rule. None without live leads, or without bulk leads."""

    instance: Instance
    live: float | None
    best: str
    best_ms: int
    bound_ms: int
    drain: float | None
    is_within_budget: bool

    @property
    def live_beyond_a_pace(self) -> float | None:
        """`live`, with waits up to one call at an even pace, its interval and round trip, taken as equal."""
        limits = self.instance.limits
        least = limits.window_ms / limits.budget + limits.round_trip_ms
        return self.live and max(self.live * self.best_ms, least) / max(self.best_ms, least)


def compare(instance: Instance) -> Comparison:
    """Play one instance by every rule."""
    measured, drain, most = _play(instance, pace)
    simple = {
        name: _play(instance, TokenBucket(depth, in_turn=in_turn))[0] for name, (depth, in_turn) in SIMPLE.items()
    }
    best = min(SIMPLE, key=simple.__getitem__)
    return Comparison(
        instance=instance,
        live=measured / simple[best] if measured else None,
        best=best,
        best_ms=simple[best],
        bound_ms=bounds.live_p99_ms(instance.trace, instance.limits),
        drain=_over_bound(instance, measured, drain),
        is_within_budget=most <= instance.limits.budget,
    )


def rows(compared: Sequence[Comparison]) -> Iterable[list[str]]:
    """A row for each family, and one for all: see `HEAD`."""
    families = dict.fromkeys(one.instance.family for one in compared)
    for family in (*families, "all"):
        of_family = [one for one in compared if family in (one.instance.family, "all")]
        live = [one.live for one in of_family if one.live is not None]
        beyond = [one.live_beyond_a_pace for one in of_family if one.live_beyond_a_pace is not None]
        drain = [one.drain for one in of_family if one.drain is not None]
        above = sum(ratio > 1.5 for ratio in live)
        yield [
            family,
            f"{_mean(live):.2f}",
            f"{max(live):.2f}",
            f"{above} of {len(live)}",
            f"{_mean(beyond):.2f}",
            *([f"{_mean(drain):.2f}", f"{max(drain):.2f}"] if drain else ["", ""]),
        ]


HEAD = (
    "family",
    "live p99 / best simple: mean",
    "worst",
    "above 1.5",
    "beyond an even pace: mean",
    "drain / bound: mean",
    "worst",
)
"""What the columns of `rows` are. Means are geometric."""


def _play(instance: Instance, rule: Rule) -> tuple[int, int | None, int]:
    run = simulate(instance.trace, instance.limits, rule)
    p99 = run.live[-(-len(run.live) * 99 // 100) - 1] if run.live else 0
    return p99, run.drain_ms, run.max_in_window


def _over_bound(instance: Instance, live_p99: int, drain_ms: int | None) -> float | None:
    """None without bulk leads, and where they come over time: the end of these is their last one's, for any rule."""
    if drain_ms is None or any(times[0] < times[-1] for times in instance.trace.bulk.values()):
        return None
    return drain_ms / bounds.drain_ms(instance.trace, instance.limits, live_p99)


def _mean(ratios: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan
