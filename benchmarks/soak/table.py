"""What a soak saw, as a Markdown table: a row for each sixth of it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.soak.client import Answer
    from benchmarks.soak.sample import Sample

PARTS: Final = 6
LONG_MS: Final = 1_000
MB: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sixth:
    """What one sixth of the run saw. Times in milliseconds, memory and size in MB (medians of the samples)."""

    answers: int
    missed: int
    long: int
    p50: float
    p99: float
    purging: int
    p50_purging: float
    p99_purging: float
    supervisor: float
    receivers: float
    deliverer: float
    admin: float
    size: float
    dead: int
    vacuums: int
    look_ms: float
    waiting: int


def sixth(answers: Sequence[Answer], samples: Sequence[Sample], purges: Sequence[tuple[float, float]]) -> Sixth:
    """Sum up. An answer was given while purging when its webhook was in flight during a purge."""
    during = sorted(one.took_ms for one in answers if _overlaps(one, purges))
    quiet = sorted(one.took_ms for one in answers if not _overlaps(one, purges))
    memory = {part: median(one.memory[part] for one in samples) / MB for part in samples[0].memory}
    return Sixth(
        answers=len(answers),
        missed=sum(not one.is_taken for one in answers),
        long=sum(one.took_ms > LONG_MS for one in answers),
        p50=part_of(quiet, 0.5),
        p99=part_of(quiet, 0.99),
        purging=len(during),
        p50_purging=part_of(during, 0.5),
        p99_purging=part_of(during, 0.99),
        supervisor=memory["supervisor"],
        receivers=memory["receiver"],
        deliverer=memory["deliverer"],
        admin=memory["admin"],
        size=median(one.size for one in samples) / MB,
        dead=max(sum(one.dead.values()) for one in samples),
        vacuums=samples[-1].vacuums - samples[0].vacuums,
        look_ms=median(one.look_ms for one in samples),
        waiting=max(one.waiting for one in samples),
    )


def head() -> str:
    """The table's first lines."""
    names = (
        "sixth", "answers", "missed", "over 1 s", "p50 ms", "p99 ms", "while purging", "p50 ms", "p99 ms",
        "supervisor MB", "receivers MB", "deliverer MB", "admin MB", "database MB", "dead rows", "vacuums", "look ms",
        "waiting",
    )  # fmt: skip
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}"


def row(name: str, one: Sixth) -> str:
    """One line of the table."""
    cells = (
        f"{one.answers:,}", one.missed, one.long, f"{one.p50:.1f}", f"{one.p99:.1f}", f"{one.purging:,}",
        f"{one.p50_purging:.1f}", f"{one.p99_purging:.1f}", f"{one.supervisor:.0f}", f"{one.receivers:.0f}",
        f"{one.deliverer:.0f}", f"{one.admin:.0f}", f"{one.size:.1f}", f"{one.dead:,}", one.vacuums,
        f"{one.look_ms:.1f}", one.waiting,
    )  # fmt: skip
    return f"| {' | '.join(map(str, (name, *cells)))} |"


def compared(first: Sixth, last: Sixth) -> str:
    """The last next to the first."""
    pairs = {
        "p50": (first.p50, last.p50),
        "p99": (first.p99, last.p99),
        "receivers": (first.receivers, last.receivers),
        "deliverer": (first.deliverer, last.deliverer),
        "admin": (first.admin, last.admin),
        "database": (first.size, last.size),
        "look": (first.look_ms, last.look_ms),
    }
    ratios = ", ".join(f"{name} {after / before:.2f}" for name, (before, after) in pairs.items())
    return f"the last sixth next to the first: {ratios}"


def part_of(ordered: Sequence[float], part: float) -> float:
    """The value below which this part of them lies; not a number when there is none."""
    return ordered[int(len(ordered) * part)] if ordered else float("nan")


def _overlaps(answer: Answer, purges: Sequence[tuple[float, float]]) -> bool:
    """Whether a purge ran at some time between the webhook and its answer."""
    last = bisect_right(purges, answer.due + answer.took_ms / 1000, key=lambda purge: purge[0])
    return last > 0 and purges[last - 1][1] >= answer.due
