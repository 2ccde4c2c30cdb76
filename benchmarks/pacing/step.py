"""A step in traffic: what the rule does after it, window by window, and the picture of docs/pacing.md.

Twelve lanes get a lead in ten minutes each, then, after two windows, one in four seconds each: three leads a second
where a call takes 3.2 s of the budget. A rule that spends at once what the window shows unused repeats that burst.
"""

from __future__ import annotations

from functools import cache
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Final

from benchmarks.pacing.simulate import Limits, simulate
from benchmarks.pacing.traces import Trace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.pacing.simulate import Run

WINDOW_MS: Final = 300_000
STEP_MS: Final = 2 * WINDOW_MS
END_MS: Final = 8 * WINDOW_MS
BIN_MS: Final = 15_000
LIMITS: Final = Limits(budget=95, batch=200)


def step_trace() -> Trace:
    """Poisson traffic that rises 150-fold at `STEP_MS`; the same each time."""
    random = Random(17)
    lanes: dict[int, list[int]] = {}
    for lane in range(12):
        at, times = 0.0, []
        while at < END_MS:
            mean = 600_000 if at < STEP_MS else 4_000
            gap = random.expovariate(1 / mean)
            at = STEP_MS if at < STEP_MS < at + gap else at + gap
            if STEP_MS != at < END_MS:
                times.append(int(at))
        lanes[lane] = times
    return Trace(name="step", live=lanes, bulk={})


@cache
def step_run() -> Run:
    """What the shipped rule makes of it."""
    return simulate(step_trace(), LIMITS)


def waits(run: Run) -> list[tuple[int, int]]:
    """Of each lead, when it came and how long it waited for its call, in ms, in order of arrival."""
    return sorted((at, call.at - at) for call in run.calls for at in call.live)


def spreads(run: Run) -> list[float]:
    """Of each window after the step, how far apart the longest waits of its quarter minutes are, in seconds."""
    found = []
    for start in range(STEP_MS, END_MS - WINDOW_MS + 1, WINDOW_MS):
        longest = [max(of_bin, default=0) for of_bin in _bins(waits(run), start, start + WINDOW_MS)]
        found.append((max(longest) - min(longest)) / 1000)
    return found


def draw() -> str:
    """Arrivals, calls and waits over time, as SVG."""
    run = step_run()
    waited = waits(run)
    arrivals = [float(len(of_bin)) for of_bin in _bins(waited, 0, END_MS)]
    calls = [float(len(of_bin)) for of_bin in _bins([(call.at, 0) for call in run.calls], 0, END_MS)]
    middle = [median(of_bin) / 1000 if of_bin else 0.0 for of_bin in _bins(waited, 0, END_MS)]
    longest = [max(of_bin, default=0) / 1000 for of_bin in _bins(waited, 0, END_MS)]
    panels = (
        _panel(0, "leads that come, in 15 s", [(arrivals, "#36c")]),
        _panel(1, "calls, in 15 s (an even pace is 4.75)", [(calls, "#283")]),
        _panel(2, "wait of a lead in seconds: median, longest", [(middle, "#b60"), (longest, "#c33")]),
    )
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 440" font-family="sans-serif" font-size="12">'
    title = "<title>Arrivals, calls and waits when traffic rises 150-fold after ten minutes</title>"
    return (
        "\n".join((head, title, '<rect width="720" height="440" fill="#fff"/>', *panels, _minutes(), "</svg>")) + "\n"
    )


def _bins(points: Sequence[tuple[int, int]], start: int, end: int) -> list[list[int]]:
    bins: list[list[int]] = [[] for _ in range((end - start) // BIN_MS)]
    for at, value in points:
        if start <= at < end:
            bins[(at - start) // BIN_MS].append(value)
    return bins


def _panel(row: int, title: str, lines: Sequence[tuple[Sequence[float], str]]) -> str:
    base = 130 * (row + 1)
    most = max(max(values) for values, _ in lines) or 1.0
    drawn = [f'<text x="50" y="{base - 108}">{title}</text>', f'<path d="M50 {base}H700" stroke="#999"/>']
    drawn.append(f'<text x="44" y="{base - 92}" text-anchor="end">{most:.0f}</text>')
    for values, color in lines:
        points = " ".join(
            f"{50 + 650 * (k + 0.5) / len(values):.1f},{base - 100 * value / most:.1f}"
            for k, value in enumerate(values)
        )
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>')
    return "\n".join(drawn)


def _minutes() -> str:
    marks = (f'<text x="{50 + 650 * k / 8:.0f}" y="410" text-anchor="middle">{5 * k}</text>' for k in range(9))
    return "\n".join((*marks, '<text x="375" y="430" text-anchor="middle">minutes</text>'))
