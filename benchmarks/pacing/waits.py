"""What a lead waits by how much comes, within the limits of Trigger Leads: the tables of docs/pacing.md.

An hour from an empty window, all lanes equally busy, each lead at a random time. A load of 1 is a lead for each call of
the budget.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Final

from benchmarks.pacing.figures import figures
from benchmarks.pacing.simulate import Limits, simulate
from benchmarks.pacing.traces import HOUR_MS, TRIGGER, Trace, poisson

if TYPE_CHECKING:
    from benchmarks.pacing.figures import Delays

LANES: Final = (1, 5, 20)
LOADS: Final = (0.1, 0.3, 0.5, 0.7, 0.9, 1.2, 2, 4, 10)
TRICKLES: Final = ((0.5, 5_000), (0.5, 700), (0.7, 5_000), (0.7, 700), (0.9, 3_000), (1.2, 3_000), (2, 2_000))
"""The load of five live lanes, and how many ms lie between two leads of an import next to them."""

LIMITS: Final = Limits(budget=TRIGGER[0], batch=TRIGGER[1])
IMPORT: Final = 100


def by_load(seed: int) -> list[list[str]]:
    """A row for each load: what a live lead waits (median / p99, in seconds) with 1, 5 and 20 lanes."""
    traces = [Trace(name="waits", live=_live(load, lanes, seed), bulk={}) for load in LOADS for lanes in LANES]
    waits = [live for live, _ in _played(traces)]
    return [[f"{load:g}", *waits[row * len(LANES) :][: len(LANES)]] for row, load in enumerate(LOADS)]


def next_to_trickles(seed: int) -> list[list[str]]:
    """A row for each trickle: live leads without it and with it, its own, and live ones were it live as well."""
    traces = []
    for load, every in TRICKLES:
        live, trickle = _live(load, 5, seed), {IMPORT: list(range(0, HOUR_MS, every))}
        traces += [
            Trace(name="waits", live=live, bulk={}),
            Trace(name="waits", live=live, bulk=trickle),
            Trace(name="waits", live=live | trickle, bulk={}),
        ]
    played = _played(traces)
    return [
        [f"{load:g}", f"{every / 1000:g} s", played[row * 3][0], *played[row * 3 + 1], played[row * 3 + 2][0]]
        for row, (load, every) in enumerate(TRICKLES)
    ]


def _live(load: float, lanes: int, seed: int) -> dict[int, list[int]]:
    mean = LIMITS.window_ms * lanes / (LIMITS.budget * load)
    return {lane: poisson(seed, lane, mean, HOUR_MS) for lane in range(lanes)}


def _played(traces: list[Trace]) -> list[tuple[str, str]]:
    with ProcessPoolExecutor() as processes:
        return list(processes.map(_waits, traces))


def _waits(trace: Trace) -> tuple[str, str]:
    found = figures(simulate(trace, LIMITS))
    return _median_and_p99(found["live"]), _median_and_p99(found["bulk"])


def _median_and_p99(delays: Delays | float | None) -> str:
    return (
        f"{delays['p50']:.1f} / {delays['p99']:.1f}" if isinstance(delays, dict) and delays["p50"] is not None else ""
    )
