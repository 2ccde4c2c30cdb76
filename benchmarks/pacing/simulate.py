"""A deliverer in simulated time: leads arrive, a rule decides, calls take a round trip, slots come back."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from benchmarks.pacing.traces import first_due
from bridge.model import Lane, Ledger, Priority, Slot, Target
from bridge.zoho.pacing import Decision, Go, due_cap, pace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.pacing.traces import Trace

TARGET = Target(api="trigger")


class Rule(Protocol):
    """A pacing rule: the shipping `pace`, or one to compare it with."""

    def __call__(
        self,
        ledger: Ledger,
        lanes: Sequence[Lane],
        *,
        budget: int,
        batch: int,
        window_ms: int,
        now: int,
        in_flight: int,
        max_in_flight: int = 4,
    ) -> Decision:
        """As `bridge.zoho.pacing.pace`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run assumes of Zoho and the way there; times in ms. `in_flight` is how many calls may be in flight."""

    budget: int
    batch: int
    window_ms: int = 300_000
    round_trip_ms: int = 300
    in_flight: int = 4


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a run: its start, its lane, and the arrivals of the leads that it carried."""

    at: int
    lane_id: int
    live: Sequence[int]
    bulk: Sequence[int]


@dataclass(slots=True, kw_only=True)
class Run:
    """What came of a trace: every lead's delay from arrival to answer, in ms, sorted, and the calls made."""

    live: list[int] = field(default_factory=list)
    bulk: list[int] = field(default_factory=list)
    drain_ms: int | None = None
    """From the first bulk lead, or from the beginning where it was there, to the last bulk answer."""
    calls: list[Call] = field(default_factory=list)
    max_in_window: int = 0


@dataclass(slots=True)
class _Queue:
    """The leads of one priority in a lane, in order of arrival; those before `head` have been sent."""

    kind: Priority
    times: list[int]
    head: int = 0

    def due(self, now: int) -> int:
        return bisect_right(self.times, now, self.head) - self.head


class _Line:
    """A lane: its queues, the one that goes first first, and its `Lane` as long as nothing arrives or goes."""

    def __init__(self, lane_id: int, queues: list[_Queue], limits: Limits) -> None:
        self.lane_id = lane_id
        self._queues = queues
        self._batch = limits.batch
        self._cap = due_cap(limits.budget, limits.batch)
        self.lane = Lane(lane_id=lane_id, target=TARGET, due={}, oldest_at=None, next_at=None)
        self.changes_at: int | None = 0
        """When the lane next changes by itself in a way that a rule could see; None for never."""

    def look(self, now: int) -> None:
        """Bring `lane` up to date."""
        due: dict[Priority, int] = {}
        oldest: list[int] = []
        changes: list[int] = []
        for queue in self._queues:
            if count := queue.due(now):
                due[queue.kind] = min(self._cap, count)
                oldest.append(queue.times[queue.head])
            if queue.head + count < len(queue.times) and count < self._cap:
                changes.append(queue.times[queue.head + count])
        oldest_at = min(oldest, default=None)
        self.lane = Lane(lane_id=self.lane_id, target=TARGET, due=due, oldest_at=oldest_at, next_at=None)
        self.changes_at = min(changes, default=None)

    def send(self, now: int) -> Call:
        """Fill a call, live leads first."""
        taken: dict[Priority, list[int]] = {}
        room = self._batch
        for queue in self._queues:
            count = min(room, queue.due(now))
            taken[queue.kind] = queue.times[queue.head : queue.head + count]
            queue.head += count
            room -= count
        self._queues = [queue for queue in self._queues if queue.head < len(queue.times)]
        self.look(now)
        return Call(now, self.lane_id, taken.get(Priority.LIVE, ()), taken.get(Priority.BULK, ()))

    def open(self) -> bool:
        """Whether leads are left, here or to come."""
        return bool(self._queues)


class _Window:
    """The calls that count. All take the same round trip, so they are answered and come back in order."""

    def __init__(self, trace: Trace, limits: Limits) -> None:
        self._limits = limits
        self.slots = deque(sorted(trace.slots, key=lambda slot: slot.started_at))
        self._in_flight: deque[Slot] = deque()
        self._foreign = deque(sorted(trace.foreign))

    def advance(self, now: int) -> None:
        """Note the answers that have come, give back the slots whose window is over, enter the calls of others."""
        changed = False
        while self._in_flight and self._in_flight[0].started_at + self._limits.round_trip_ms <= now:
            self._in_flight.popleft()
            changed = True
        if changed:
            answered_ms = self._limits.round_trip_ms
            flying = len(self._in_flight)
            for index in range(len(self.slots) - flying - 1, -1, -1):
                slot = self.slots[index]
                if slot.answered_at is not None:
                    break
                self.slots[index] = replace(slot, answered_at=slot.started_at + answered_ms)
        while self.slots and (end := self.slots[0].answered_at) is not None and end + self._limits.window_ms <= now:
            self.slots.popleft()
        while self._foreign and self._foreign[0] <= now:
            at = self._foreign.popleft()
            if len(self.slots) < self._limits.budget:
                self._start(Slot(started_at=at, answered_at=None, lane_id=None))

    def start(self, call: Call) -> None:
        """A call of ours starts."""
        self._start(Slot(started_at=call.at, answered_at=None, lane_id=call.lane_id, is_bulk=not call.live))

    def _start(self, slot: Slot) -> None:
        self.slots.append(slot)
        self._in_flight.append(slot)

    def in_flight(self) -> int:
        """How many of our calls are in flight."""
        return sum(slot.lane_id is not None for slot in self._in_flight)

    def next_change(self) -> Iterator[int]:
        """When the next answer comes, the next slot comes back, the next foreign call is made."""
        if self._in_flight:
            yield self._in_flight[0].started_at + self._limits.round_trip_ms
        if self.slots and (answered_at := self.slots[0].answered_at) is not None:
            yield answered_at + self._limits.window_ms
        if self._foreign:
            yield self._foreign[0]


def simulate(trace: Trace, limits: Limits, rule: Rule = pace) -> Run:
    """Play a trace to its end. Raises RuntimeError if the rule waits for nothing while leads are left."""
    run = Run()
    lines = {line.lane_id: line for line in _lines(trace, limits)}
    window = _Window(trace, limits)
    now = 0
    while True:
        window.advance(now)
        run.max_in_window = max(run.max_in_window, len(window.slots))
        for line in lines.values():
            if line.changes_at is not None and line.changes_at <= now:
                line.look(now)
        decision = rule(
            Ledger(account="default", api=TARGET.api, now=now, slots=tuple(window.slots)),
            [line.lane for line in lines.values() if line.lane.due],
            budget=limits.budget,
            batch=limits.batch,
            window_ms=limits.window_ms,
            now=now,
            in_flight=window.in_flight(),
            max_in_flight=limits.in_flight,
        )
        if isinstance(decision, Go):
            call = lines[decision.lane_id].send(now)
            window.start(call)
            _note(run, call, now + limits.round_trip_ms)
            if not lines[decision.lane_id].open():
                del lines[decision.lane_id]
            if not lines:
                return _finished(run, trace, len(window.slots))
        else:
            now = _next(decision.until, window, lines, now)


def _lines(trace: Trace, limits: Limits) -> Iterator[_Line]:
    for lane_id in sorted(trace.live.keys() | trace.bulk.keys()):
        by_kind = {Priority.LIVE: trace.live, Priority.BULK: trace.bulk}
        queues = [_Queue(kind, times[lane_id]) for kind, times in by_kind.items() if times.get(lane_id)]
        if queues:
            yield _Line(lane_id, queues, limits)


def _note(run: Run, call: Call, answered_at: int) -> None:
    """The answer of a call ends the delays of its leads."""
    run.live += [answered_at - at for at in call.live]
    run.bulk += [answered_at - at for at in call.bulk]
    if call.bulk:
        run.drain_ms = answered_at
    run.calls.append(call)


def _next(until: int | None, window: _Window, lines: dict[int, _Line], now: int) -> int:
    times = [until, *window.next_change(), *(line.changes_at for line in lines.values())]
    later = [time for time in times if time is not None and time > now]
    if not later:
        raise RuntimeError(f"at {now} ms leads are left and the rule waits for nothing")
    return min(later)


def _finished(run: Run, trace: Trace, in_window: int) -> Run:
    run.max_in_window = max(run.max_in_window, in_window)
    run.live.sort()
    run.bulk.sort()
    if run.drain_ms is not None:
        run.drain_ms -= min(first_due(times) for times in trace.bulk.values() if times)
    return run
