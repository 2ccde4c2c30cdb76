"""The traces of the pacing benchmark: when which lane gets a lead, rebuilt from numbers alone and checked by checksum.

Times are integer milliseconds from the start of the trace. Random numbers come from splitmix64, whose state starts at
seed * 1000 + lane, so every lane of every seed can be rebuilt in any language.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from bridge.model import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MASK: Final = (1 << 64) - 1
HOUR_MS: Final = 3_600_000
TRIGGER: Final = (95, 200)
"""Calls in five minutes, five in a hundred below the limit of the Trigger Leads API, and leads a call."""

SUBSCRIBE: Final = (475, 1)
"""The same of the Subscribe API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Leads by lane: `live` and `bulk` map a lane to its times of arrival, in order. `slots` are calls made before.

    A run starts at 0; bulk leads with a time below were there before. `foreign` are the times of calls that others make
    on the same budget.
    """

    name: str
    live: dict[int, list[int]]
    bulk: dict[int, list[int]]
    slots: tuple[Slot, ...] = ()
    foreign: tuple[int, ...] = ()
    limits: tuple[int, int] = TRIGGER

    @property
    def lead_count(self) -> int:
        """How many leads there are in all."""
        return sum(len(times) for times in (*self.live.values(), *self.bulk.values()))

    def checksum(self) -> str:
        """Sixteen hexadecimal digits over every lane and time, lanes ascending."""
        result = 0
        for lane, times in sorted([*self.live.items(), *self.bulk.items()]):
            for time in times:
                result = (result * 1_000_003 + 31 * time + lane) & MASK
        return f"{result:016x}"


def first_due(times: list[int]) -> int:
    """When the first of these leads, in order of arrival, can be sent: a run starts at 0."""
    return max(0, times[0])


def read_trace(path: Path) -> Trace:
    """A trace from a CSV file with the columns at_ms, lane (any name), bulk (1 or 0). Raises ValueError."""
    live: dict[int, list[int]] = {}
    bulk: dict[int, list[int]] = {}
    numbers: dict[str, int] = {}
    with path.open(newline="", encoding="utf-8-sig") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            if missing := {"at_ms", "lane", "bulk"} - {name for name, value in row.items() if value is not None}:
                raise ValueError(f"{path.name} lacks {', '.join(sorted(missing))}: the columns are at_ms,lane,bulk")
            if row["bulk"].strip() not in {"0", "1"}:
                raise ValueError(f"{path.name}, line {number}: bulk is {row['bulk']!r}; write 1 or 0")
            side = bulk if row["bulk"].strip() == "1" else live
            lane = numbers.setdefault(row["lane"].strip(), len(numbers))
            side.setdefault(lane, []).append(_whole(row["at_ms"], path, number))
    if not numbers:
        raise ValueError(f"{path.name} has no leads; write a line at_ms,lane,bulk for each")
    for times in (*live.values(), *bulk.values()):
        times.sort()
    return Trace(name=path.stem, live=live, bulk=bulk)


def _whole(text: str, path: Path, line: int) -> int:
    if not text.strip().isdecimal():
        raise ValueError(f"{path.name}, line {line}: at_ms is {text!r}; write whole milliseconds from the start on")
    return int(text)


def make_trace(name: str, seed: int | None = None) -> Trace:
    """One of `TRACES`, from its own seed or from another one."""
    return TRACES[name](seed)


def _light(seed: int | None) -> Trace:
    return Trace(name="light", live=_quiet_lanes(seed or 1), bulk={})


def _busy(seed: int | None) -> Trace:
    return Trace(name="busy", live={lane: poisson(seed or 2, lane, 5_000, HOUR_MS) for lane in range(10)}, bulk={})


def _full(_: int | None) -> Trace:
    return Trace(name="full", live={0: [1000 * i // 60 for i in range(216_000)]}, bulk={})


def _launch(seed: int | None) -> Trace:
    return Trace(name="launch", live=_quiet_lanes(seed or 1), bulk={10: _rush(seed or 4, 5_000)})


def _import(seed: int | None) -> Trace:
    return Trace(name="import", live=_quiet_lanes(seed or 1), bulk={10: [600_000] * 50_000})


def _multi(seed: int | None) -> Trace:
    return Trace(name="multi", live=_quiet_lanes(seed or 1), bulk=dict.fromkeys((10, 11), [600_000] * 20_000))


def _spiky(seed: int | None) -> Trace:
    return Trace(name="spiky", live={lane: _bursts(seed or 7, lane) for lane in range(10)}, bulk={})


def _diurnal(seed: int | None) -> Trace:
    return Trace(name="diurnal", live={lane: _day(seed or 8, lane) for lane in range(20)}, bulk={})


def _restart(seed: int | None) -> Trace:
    slots = tuple(
        Slot(started_at=-2_000 * (k + 1), answered_at=300 - 2_000 * (k + 1), lane_id=10 + k % 5, is_bulk=True)
        for k in range(60)
    )
    live = {lane: poisson(seed or 9, lane, 60_000, HOUR_MS) for lane in range(10)}
    return Trace(name="restart", live=live, bulk={lane: [0] * 600 for lane in range(10, 15)}, slots=slots)


def _subscribe_light(seed: int | None) -> Trace:
    return Trace(name="subscribe light", live=_quiet_lanes(seed or 1), bulk={}, limits=SUBSCRIBE)


def _subscribe_busy(seed: int | None) -> Trace:
    live = {lane: poisson(seed or 2, lane, 7_000, HOUR_MS) for lane in range(10)}
    return Trace(name="subscribe busy", live=live, bulk={}, limits=SUBSCRIBE)


def _subscribe_launch(seed: int | None) -> Trace:
    return _subscribe_with("subscribe launch", seed, {10: _rush(seed or 4, 1_000)})


def _subscribe_import(seed: int | None) -> Trace:
    return _subscribe_with("subscribe import", seed, {10: [600_000] * 3_000})


def _subscribe_multi(seed: int | None) -> Trace:
    return _subscribe_with("subscribe multi", seed, dict.fromkeys((10, 11), [600_000] * 1_500))


def _subscribe_with(name: str, seed: int | None, bulk: dict[int, list[int]]) -> Trace:
    return Trace(name=name, live=_quiet_lanes(seed or 1, HOUR_MS), bulk=bulk, limits=SUBSCRIBE)


TRACES: Final[dict[str, Callable[[int | None], Trace]]] = {
    "light": _light,
    "busy": _busy,
    "full": _full,
    "launch": _launch,
    "import": _import,
    "multi": _multi,
    "spiky": _spiky,
    "diurnal": _diurnal,
    "restart": _restart,
    "subscribe light": _subscribe_light,
    "subscribe busy": _subscribe_busy,
    "subscribe launch": _subscribe_launch,
    "subscribe import": _subscribe_import,
    "subscribe multi": _subscribe_multi,
}

CHECKSUMS: Final = {
    "light": "9add8002445b55bf",
    "busy": "d237146ad119e11f",
    "full": "da3cc1a105a97c40",
    "launch": "d7f807b9a8e66c9d",
    "import": "0da844672b7f16bf",
    "multi": "ce108727d284f8ff",
    "spiky": "84b79e606a83dfb9",
    "diurnal": "37ca2d7497d5a3af",
    "restart": "ad9363f233990f68",
}
"""What each trace sums up to with its own seed; the study gives none for the Subscribe traces."""


def _quiet_lanes(seed: int, until: int = 2 * HOUR_MS) -> dict[int, list[int]]:
    return {lane: poisson(seed, lane, 60_000, until) for lane in range(10)}


def poisson(seed: int, lane: int, mean: float, until: int) -> list[int]:
    """Leads at random times up to `until`, this long apart on the average, in ms."""
    return [math.floor(at) for at in _arrivals(_uniform(seed, lane), mean, until)]


def _rush(seed: int, leads: int) -> list[int]:
    """Leads spread over two minutes, half an hour in."""
    uniform = _uniform(seed, 10)
    return sorted(math.floor(1_800_000 + next(uniform) * 120_000) for _ in range(leads))


def _bursts(seed: int, lane: int) -> list[int]:
    """Fifty leads in five seconds, about every ten minutes."""
    uniform = _uniform(seed, lane)
    times: list[int] = []
    at = 0.0
    while (at := at + _exponential(uniform, 600_000)) < 2 * HOUR_MS:
        times += sorted(math.floor(at + next(uniform) * 5_000) for _ in range(50))
        at += 5_000
    return times


def _day(seed: int, lane: int) -> list[int]:
    """A day in two hours: up to three leads a second in the middle, a tenth of one at the ends; lane 0 the busiest."""
    weight = (1 / (lane + 1)) / sum(1 / k for k in range(1, 21))
    uniform = _uniform(seed, lane)
    return [
        math.floor(at)
        for at in _arrivals(uniform, 1_000 / (3 * weight), 2 * HOUR_MS)
        if 3 * next(uniform) < 0.1 + 2.9 * math.sin(math.pi * at / (2 * HOUR_MS)) ** 2
    ]


def _arrivals(uniform: Iterator[float], mean: float, until: int) -> Iterator[float]:
    at = 0.0
    while (at := at + _exponential(uniform, mean)) < until:
        yield at


def _exponential(uniform: Iterator[float], mean: float) -> float:
    return -mean * math.log(1 - next(uniform))


def _uniform(seed: int, lane: int) -> Iterator[float]:
    """Numbers from 0 up to 1, by splitmix64."""
    for step in count(1):
        mixed = (seed * 1_000 + lane + step * 0x9E3779B97F4A7C15) & MASK
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & MASK
        yield ((mixed ^ (mixed >> 31)) >> 11) * 2.0**-53
