"""Traffic that nobody tuned for: families of random traces, each with random parameters, drawn from a seed.

In every family the budget is drawn from 20 to 500 calls a window (evenly on a logarithmic scale), a call takes 1, 10 or
200 leads, and the round trip is 0.1 to 1 s. A load of 1 means as many leads as there may be calls, so with one lead a
call 1 is all there is, and with more, leads of a lane must share calls beyond it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from benchmarks.pacing.simulate import Limits
from benchmarks.pacing.traces import Trace
from bridge.model import Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Shape = Callable[[float], float]

WINDOW_MS: Final = 300_000
BATCHES: Final = (1, 10, 200)
MOST_LEADS: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One trace of a family, and the limits it is played within."""

    family: str
    number: int
    trace: Trace
    limits: Limits

    @property
    def is_held_out(self) -> bool:
        """Whether it belongs to the half that is reported; rules are tuned on the other one."""
        return self.number % 2 == 1


def draw(seed: int, count: int) -> Iterator[Instance]:
    """`count` instances of each family. The same seed gives the same ones."""
    for family, make in FAMILIES.items():
        for number in range(count):
            random = Random(f"{seed} {family} {number}")
            limits = Limits(
                budget=round(_log_uniform(random, 20, 500)),
                batch=BATCHES[number // 2 % len(BATCHES)],
                round_trip_ms=round(_log_uniform(random, 100, 1_000)),
            )
            yield Instance(family=family, number=number, trace=make(_Draw(random, limits)), limits=limits)


class _Draw:
    """What the families draw with."""

    def __init__(self, random: Random, limits: Limits) -> None:
        self.random = random
        self.limits = limits
        self.uniform = random.uniform

    def load(self, least: float, most: float) -> float:
        """A load; where a call takes one lead it stays below what can be served, but for a tenth."""
        return _log_uniform(self.random, least, min(most, 1.1) if self.limits.batch == 1 else most)

    def calls(self, least: float, most: float) -> int:
        """So many calls, given as shares of the budget; fewer where they would hold too many leads."""
        calls = round(self.uniform(least, most) * self.limits.budget)
        return max(1, min(calls, MOST_LEADS // self.limits.batch))

    def lanes(self, load: float, windows: float, *, most: int = 20, shape: Shape | None = None) -> dict[int, list[int]]:
        """Lanes with Poisson traffic of this load in all, some busier than others; `shape` thins it out over time."""
        weights = [self.random.expovariate(1) + 0.1 for _ in range(self.random.randint(1, most))]
        rate = load * self.limits.budget / WINDOW_MS
        lanes = {}
        for lane, weight in enumerate(weights):
            times = self._poisson(rate * weight / sum(weights), windows * WINDOW_MS)
            lanes[lane] = [
                math.floor(at) for at in times if shape is None or self.random.random() < shape(at / WINDOW_MS)
            ]
        return lanes

    def _poisson(self, rate: float, until: float) -> Iterator[float]:
        at = self.random.expovariate(rate)
        while at < until:
            yield at
            at += self.random.expovariate(rate)

    def rush(self, leads: int, start: float, length_ms: float) -> list[int]:
        """Leads spread over some time, from `start` windows on."""
        return sorted(math.floor(start * WINDOW_MS + self.uniform(0, length_ms)) for _ in range(leads))

    def trickle(self) -> list[int]:
        """Leads that come evenly for some windows: one by one, or a full call at once."""
        group = self.random.choice((1, self.limits.batch))
        load = _log_uniform(self.random, 0.05, 0.4 if group == self.limits.batch else 3)  # these cannot share calls
        every = WINDOW_MS / self.limits.budget / load
        first, last = self.uniform(0, 1) * WINDOW_MS, self.uniform(3, 5) * WINDOW_MS
        arrivals = [math.floor(first + number * every) for number in range(math.ceil((last - first) / every))]
        return [at for at in arrivals for _ in range(group)][:MOST_LEADS]


def _log_uniform(random: Random, least: float, most: float) -> float:
    return math.exp(random.uniform(math.log(least), math.log(most)))


def _steady(draw: _Draw) -> Trace:
    """From one lead in a while to four times as many leads as calls."""
    return Trace(name="steady", live=draw.lanes(draw.load(0.05, 4), 5), bulk={})


def _steps(draw: _Draw) -> Trace:
    """Traffic that rises at once, up to hundredfold, and falls again or not."""
    low, high = draw.load(0.03, 0.3), draw.load(0.5, 4)
    up, down = draw.uniform(0.5, 2), draw.uniform(3, 7)
    lanes = draw.lanes(high, 6, shape=lambda at: 1 if up <= at < down else low / high)
    return Trace(name="steps", live=lanes, bulk={})


def _spikes(draw: _Draw) -> Trace:
    """A few leads all the time, and spikes of any height on any lane at any time."""
    lanes = draw.lanes(draw.load(0.03, 0.2), 6, most=10)
    height, spacing = draw.load(0.1, 2), draw.uniform(0.3, 2)
    at = draw.uniform(0, spacing)
    while at < 6:
        lane = draw.random.choice(list(lanes))
        leads = max(1, round(draw.uniform(0.5, 1.5) * height * draw.limits.budget))
        lanes[lane] = sorted(lanes[lane] + draw.rush(leads, at, draw.uniform(2_000, 30_000)))
        at += draw.random.expovariate(1 / spacing)
    return Trace(name="spikes", live=lanes, bulk={})


def _diurnal(draw: _Draw) -> Trace:
    """A day in fifty minutes."""
    low = draw.uniform(0.02, 0.2)
    shape: Shape = lambda at: low + (1 - low) * math.sin(math.pi * at / 10) ** 2  # noqa: E731 - as short as it is
    return Trace(name="diurnal", live=draw.lanes(draw.load(0.3, 3), 10, shape=shape), bulk={})


def _campaigns(draw: _Draw) -> Trace:
    """Several lanes at once get many live leads within a minute or five."""
    lanes = draw.lanes(draw.load(0.03, 0.3), 6, most=10)
    leads = draw.load(0.3, 20) * draw.limits.budget
    count = draw.random.randint(2, 6)
    for lane in range(100, 100 + count):
        lanes[lane] = draw.rush(max(1, round(leads / count)), draw.uniform(1, 1.3), draw.uniform(60_000, 300_000))
    return Trace(name="campaigns", live=lanes, bulk={})


def _imports(draw: _Draw) -> Trace:
    """One to three imports next to live lanes."""
    count = draw.random.randint(1, 3)
    leads = max(1, draw.calls(0.3, 6) // count) * draw.limits.batch
    bulk = {lane: [round(draw.uniform(0.5, 1.5) * WINDOW_MS)] * leads for lane in range(100, 100 + count)}
    return Trace(name="imports", live=draw.lanes(draw.load(0.05, 0.7), 6, most=8), bulk=bulk)


def _trickles(draw: _Draw) -> Trace:
    """Imports that come lead by lead, or a call at a time as from an API that goes first, next to live lanes."""
    live = draw.lanes(draw.load(0.05, 0.7 if draw.limits.batch == 1 else 2), 5, most=8)
    bulk = {lane: draw.trickle() for lane in range(100, 100 + draw.random.randint(1, 3))}
    return Trace(name="trickles", live=live, bulk=bulk)


def _tiny_and_huge(draw: _Draw) -> Trace:
    """Many lanes with hardly any leads next to one that gets full calls by the hundred within seconds."""
    lanes = draw.lanes(draw.load(0.03, 0.3), 5, most=40)
    leads = draw.calls(0.3, 1.5) * draw.limits.batch
    lanes[100] = draw.rush(leads, draw.uniform(0, 2), draw.uniform(5_000, 60_000))
    return Trace(name="tiny next to huge", live=lanes, bulk={})


def _restart(draw: _Draw) -> Trace:
    """A start amid an import: the window shows its calls and those of live lanes, and the rest of it waits."""
    count = draw.random.randint(1, 5)
    leads = max(1, draw.calls(0.05, 1.5) // count) * draw.limits.batch
    lanes = draw.lanes(draw.load(0.05, 0.8), 6, most=8)
    before = [(at, lane) for lane, times in lanes.items() for at in times if at < WINDOW_MS]
    room = max(0, round(draw.uniform(0.1, 0.9) * draw.limits.budget) - len(before))
    before += [(math.floor(draw.uniform(0, WINDOW_MS)), 100 + number % count) for number in range(room)]
    slots = tuple(
        Slot(
            started_at=at - WINDOW_MS,
            answered_at=at - WINDOW_MS + draw.limits.round_trip_ms,
            lane_id=lane,
            is_bulk=lane >= 100,
        )
        for at, lane in sorted(before)[-draw.limits.budget :]
    )
    live = {lane: [at - WINDOW_MS for at in times if at >= WINDOW_MS] for lane, times in lanes.items()}
    bulk = {lane: [-WINDOW_MS] * leads for lane in range(100, 100 + count)}
    return Trace(name="restart", live=live, bulk=bulk, slots=slots)


def _shared(draw: _Draw) -> Trace:
    """Others make calls on the same budget, more in some minutes than in others."""
    phase = draw.uniform(0, 6)
    others = draw.lanes(draw.uniform(0.1, 0.5) * 2, 5, most=1, shape=lambda at: math.sin(at + phase) ** 2)
    live = draw.lanes(draw.load(0.05, 0.5 if draw.limits.batch == 1 else 2), 5)
    return Trace(
        name="shared", live=live, bulk={}, foreign=tuple(sorted(at for times in others.values() for at in times))
    )


FAMILIES: Final[dict[str, Callable[[_Draw], Trace]]] = {
    "steady": _steady,
    "steps": _steps,
    "spikes": _spikes,
    "diurnal": _diurnal,
    "campaigns": _campaigns,
    "imports": _imports,
    "trickles": _trickles,
    "tiny next to huge": _tiny_and_huge,
    "restart": _restart,
    "shared": _shared,
}
