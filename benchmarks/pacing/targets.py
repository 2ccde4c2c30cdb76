"""What the pacing study proposes to reach on each trace, and the best figure that any rule of the study reached.

All in simulated seconds. A study's rule was tuned for one trace or another: no single one has all of these figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One figure of one trace: what to reach, and the best rival with its figure, where the study gives one."""

    trace: str
    figure: str
    seconds: float
    rival: str = ""
    rival_seconds: float | None = None


def _target(trace: str, figure: str, seconds: float, rival: str = "", rival_seconds: float | None = None) -> Target:
    return Target(trace=trace, figure=figure, seconds=seconds, rival=rival, rival_seconds=rival_seconds)


TARGETS: Final = (
    _target("light", "live p50", 0.3, "turns", 0.3),
    _target("light", "live p99", 0.3, "turns", 0.3),
    _target("light", "live max", 2.0, "turns, two levels", 0.8),
    _target("busy", "live p50", 16.2, "turns", 16.0),
    _target("busy", "live p99", 31.5, "linger 30 s", 30.3),
    _target("busy", "live max", 45.0, "turns + floor", 43.4),
    _target("full", "live p50", 2.0, "turns", 1.9),
    _target("full", "live p99", 4.0, "fixed spacing", 3.4),
    _target("full", "live max", 11.0, "turns", 11.5),
    _target("launch", "live p99", 0.3, "turns", 0.3),
    _target("launch", "bulk p99", 4.5, "turns", 4.7),
    _target("launch", "drain", 123.0, "turns", 123.0),
    _target("import", "live p99", 1.5, "turns", 1.4),
    _target("import", "drain", 1640.0, "turns", 1661.0),
    _target("multi", "live p99", 5.5, "turns", 5.9),
    _target("multi", "drain", 1290.0, "turns", 1298.0),
    _target("spiky", "live p50", 1.0, "turns", 1.0),
    _target("spiky", "live p99", 2.6, "linger 1 s", 1.3),
    _target("spiky", "live max", 4.3, "turns", 6.5),
    _target("diurnal", "live p50", 28.5, "turns", 28.7),
    _target("diurnal", "live p99", 64.0, "fixed spacing", 56.2),
    _target("diurnal", "live max", 105.0, "turns + floor", 106.0),
    _target("restart", "live p99", 5.5, "linger 5 s", 5.3),
    _target("restart", "bulk p99", 1.5, "turns", 1.2),
    _target("subscribe busy", "live p99", 0.5, "fair share", 0.3),
    _target("subscribe import", "live p99", 0.3, "turns", 0.3),
    _target("subscribe import", "drain", 2110.0, "fair share", 2103.0),
)

LEAST_FILL: Final = 185.0
"""Leads a call that "full" must reach."""

STUDY_SEEDS: Final = (11, 12, 13, 14)
"""The other seeds of the study."""
