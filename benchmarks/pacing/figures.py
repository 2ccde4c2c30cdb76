"""The figures of a run, and how they compare with their targets."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from benchmarks.pacing.targets import LEAST_FILL, TARGETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.pacing.simulate import Run

Delays: TypeAlias = "dict[str, float | None]"
Figures: TypeAlias = "dict[str, Delays | float | int | None]"

LEAST_RATIO = 0.001
"""A figure of next to nothing must not make the geometric mean vanish."""


def figures(run: Run) -> Figures:
    """What `--json` prints: seconds for delays and the drain; None where there was no such lead."""
    leads = len(run.live) + len(run.bulk)
    return {
        "live": _delays(run.live),
        "bulk": _delays(run.bulk),
        "drain": None if run.drain_ms is None else run.drain_ms / 1000,
        "calls": len(run.calls),
        "max_in_window": run.max_in_window,
        "mean_fill": round(leads / len(run.calls), 2) if run.calls else 0.0,
    }


def measured(run: Run, figure: str) -> float:
    """One figure by the name it has in the targets, such as "live p99" or "drain", in seconds."""
    if figure == "drain":
        return (run.drain_ms or 0) / 1000
    side, name = figure.split()
    value = _delays(run.live if side == "live" else run.bulk)[name]
    return math.nan if value is None else value


def compare(runs: Mapping[str, Sequence[Run]]) -> list[list[str]]:
    """A row for each target of the traces run: trace, figure, measured, target, ratio, best rival. Medians of seeds."""
    rows = []
    for target in TARGETS:
        if target.trace in runs:
            values = [measured(run, target.figure) for run in runs[target.trace]]
            ratio = median(values) / target.seconds
            worst = f" (worst {max(values):.2f})" if len(values) > 1 else ""
            rival = f"{target.rival_seconds:.1f} ({target.rival})" if target.rival_seconds is not None else ""
            cells = [f"{median(values):.2f}{worst}", f"{target.seconds:.2f}", f"{ratio:.2f}", rival]
            rows.append([target.trace, target.figure, *cells])
    return rows


def score(runs: Mapping[str, Sequence[Run]]) -> tuple[float, float]:
    """The geometric mean of measured / target over all targets of the traces run, and the worst of these ratios."""
    ratios = [
        max(LEAST_RATIO, median(measured(run, target.figure) for run in runs[target.trace]) / target.seconds)
        for target in TARGETS
        if target.trace in runs
    ]
    if not ratios:
        return math.nan, math.nan
    return math.exp(sum(map(math.log, ratios)) / len(ratios)), max(ratios)


def faults(runs: Mapping[str, Sequence[Run]], budgets: Mapping[str, int]) -> list[str]:
    """What must never be: a window above the budget, calls too empty under full load."""
    found = [
        f"{name}: {run.max_in_window} calls in a window of {budgets[name]}"
        for name, of_seeds in runs.items()
        for run in of_seeds
        if run.max_in_window > budgets[name]
    ]
    fills = [len(run.live) / len(run.calls) for run in runs.get("full", ())]
    return found + [f"full: {fill:.1f} leads a call, below {LEAST_FILL:.0f}" for fill in fills if fill < LEAST_FILL]


def _delays(delays: Sequence[int]) -> Delays:
    return {"p50": _nearest_rank(delays, 50), "p99": _nearest_rank(delays, 99), "max": _nearest_rank(delays, 100)}


def _nearest_rank(delays: Sequence[int], percent: int) -> float | None:
    return delays[max(0, -(-len(delays) * percent // 100) - 1)] / 1000 if delays else None
