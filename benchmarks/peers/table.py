"""What was measured of each peer, as a Markdown table."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load import Result
    from benchmarks.peers.peer import Peer
    from benchmarks.peers.survival import Survival

HEAD: Final = """\
| | answers/s | of bare Flask | p50 ms | p99 ms | refused | synced when answered | killed: answered | stored | lost |
|---|---|---|---|---|---|---|---|---|---|"""


@dataclass(slots=True, kw_only=True)
class Row:
    """One peer's figures. `fault` says why it could not be measured, and is empty otherwise."""

    peer: Peer
    rounds: list[Result] = field(default_factory=list)
    survival: Survival | None = None
    fault: str = ""


def table(rows: Sequence[Row]) -> str:
    """The medians of each row that has no fault, next to those of the first row, and what each row is."""
    reference = _rate(rows[0])
    whole = [row for row in rows if not row.fault]
    lines = [HEAD, *(_line(row, reference) for row in whole), "", *(f"- {r.peer.name}: {r.peer.setup}." for r in whole)]
    return "\n".join(lines)


def _line(row: Row, reference: float) -> str:
    cells = (
        row.peer.name,
        f"{_rate(row):,.0f}",
        f"{_rate(row) / reference:.2f}",
        f"{median(result.p50_ms for result in row.rounds):.1f}",
        f"{median(result.p99_ms for result in row.rounds):.1f}",
        f"{_refused(row.rounds):.0%}",
        row.peer.synced,
        *_survived(row.survival),
    )
    return f"| {' | '.join(cells)} |"


def _rate(row: Row) -> float:
    return median(result.rate for result in row.rounds)


def _refused(rounds: Sequence[Result]) -> float:
    """The part of all answers that were errors."""
    answers = sum(sum(result.statuses.values()) for result in rounds)
    return 1 - sum(len(result.taken) for result in rounds) / answers


def _survived(survival: Survival | None) -> tuple[str, str, str]:
    if survival is None:
        return ("–", "–", "–")
    return (f"{survival.answered:,}", f"{survival.stored:,}", f"{survival.answered - survival.stored:,}")
