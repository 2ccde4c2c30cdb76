"""A deliverer in simulated time: leads arrive, the shipping rule decides, calls take a round trip, slots come back."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.model import Lane, Ledger, Priority, Slot, Target
from bridge.zoho.pacing import DUE_CAP_CALLS, Decision, Go, pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.pacing.traces import Trace

TARGET = Target(api="trigger")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run assumes of Zoho and the way there; times in ms. `in_flight` is how many calls may be in flight."""

    budget: int
    batch: int
    window_ms: int = 300_000
    round_trip_ms: int = 300
    in_flight: int = 4


@dataclass(slots=True, kw_only=True)
class Run:
    """What came of a trace: every lead's delay from arrival to answer, in ms, sorted, and the calls made."""

    live: list[int] = field(default_factory=list)
    bulk: list[int] = field(default_factory=list)
    drain_ms: int | None = None
    """From the first bulk lead to the last bulk answer."""
    calls: int = 0
    max_in_window: int = 0


@dataclass(slots=True, kw_only=True)
class _Queue:
    """The leads of one class in a lane, in order of arrival; those before `head` have been sent."""

    times: list[int]
    head: int = 0

    def due(self, now: int) -> int:
        return bisect_right(self.times, now, self.head) - self.head

    def at(self, index: int) -> int | None:
        return self.times[self.head + index] if self.head + index < len(self.times) else None


@dataclass(slots=True, kw_only=True)
class _Line:
    """A lane: its queues, the one that goes first first."""

    lane_id: int
    queues: dict[Priority, _Queue]

    def lane(self, now: int, cap: int) -> Lane:
        due = {kind: min(cap, queue.due(now)) for kind, queue in self.queues.items()}
        oldest = [queue.times[queue.head] for kind, queue in self.queues.items() if due[kind]]
        return Lane(lane_id=self.lane_id, target=TARGET, due=due, oldest_at=min(oldest, default=None), next_at=None)

    def next_arrival(self, now: int, batch: int) -> int | None:
        """The next one that can change a decision: the first of its class, or one that fills a call."""
        due = {kind: queue.due(now) for kind, queue in self.queues.items()}
        to_full = batch - sum(due.values()) % batch if len(due) == 1 else 1
        times = (queue.at(due[kind] + to_full - 1 if due[kind] else 0) for kind, queue in self.queues.items())
        return min((time for time in times if time is not None), default=None)

    def open(self) -> bool:
        return any(queue.head < len(queue.times) for queue in self.queues.values())


def simulate(trace: Trace, limits: Limits, *, observe: Callable[[int, int], None] | None = None) -> Run:
    """Play a trace to its end. `observe`, if given, gets the start and the lane of every call.

    Raises RuntimeError if the rule waits for nothing while leads are left.
    """
    run = Run()
    lines = list(_lines(trace))
    slots = dict(enumerate(trace.slots))
    in_flight: list[tuple[int, int]] = []
    now = 0
    while True:
        _advance(slots, in_flight, now, limits)
        run.max_in_window = max(run.max_in_window, len(slots))
        lines = [line for line in lines if line.open()]
        if not lines:
            return _finished(run, trace)
        decision = _decide(lines, slots, len(in_flight), now, limits)
        if isinstance(decision, Go):
            line = next(line for line in lines if line.lane_id == decision.lane_id)
            _send(line, run, now, limits)
            number = len(trace.slots) + run.calls
            slots[number] = Slot(started_at=now, answered_at=None, lane_id=line.lane_id)
            in_flight.append((now + limits.round_trip_ms, number))
            if observe is not None:
                observe(now, line.lane_id)
        else:
            now = _next(decision.until, in_flight, lines, now, limits)


def _lines(trace: Trace) -> Iterator[_Line]:
    for lane_id in sorted(trace.live.keys() | trace.bulk.keys()):
        by_class = {Priority.LIVE: trace.live, Priority.BULK: trace.bulk}
        queues = {kind: _Queue(times=times[lane_id]) for kind, times in by_class.items() if lane_id in times}
        yield _Line(lane_id=lane_id, queues=queues)


def _advance(slots: dict[int, Slot], in_flight: list[tuple[int, int]], now: int, limits: Limits) -> None:
    """Note the answers that have come, and give back the slots whose window is over; both come in order."""
    while in_flight and in_flight[0][0] <= now:
        answered_at, number = in_flight.pop(0)
        slot = slots[number]
        slots[number] = Slot(started_at=slot.started_at, answered_at=answered_at, lane_id=slot.lane_id)
    over = [
        number
        for number, slot in slots.items()
        if slot.answered_at is not None and slot.answered_at + limits.window_ms <= now
    ]
    for number in over:
        del slots[number]


def _decide(lines: list[_Line], slots: dict[int, Slot], in_flight: int, now: int, limits: Limits) -> Decision:
    lanes = [line.lane(now, DUE_CAP_CALLS * limits.batch) for line in lines]
    return pace(
        Ledger(account="default", api=TARGET.api, now=now, slots=tuple(slots.values())),
        lanes,
        budget=limits.budget,
        batch=limits.batch,
        window_ms=limits.window_ms,
        now=now,
        in_flight=in_flight,
        max_in_flight=limits.in_flight,
    )


def _send(line: _Line, run: Run, now: int, limits: Limits) -> None:
    """Fill a call, live leads first; its answer ends their delays."""
    answered_at = now + limits.round_trip_ms
    room = limits.batch
    for kind, queue in line.queues.items():
        count = min(room, queue.due(now))
        delays = run.bulk if kind is Priority.BULK else run.live
        delays += [answered_at - at for at in queue.times[queue.head : queue.head + count]]
        queue.head += count
        room -= count
        if count and kind is Priority.BULK:
            run.drain_ms = answered_at
    run.calls += 1


def _next(until: int | None, in_flight: list[tuple[int, int]], lines: list[_Line], now: int, limits: Limits) -> int:
    times = [until, in_flight[0][0] if in_flight else None, *(line.next_arrival(now, limits.batch) for line in lines)]
    later = [time for time in times if time is not None and time > now]
    if not later:
        raise RuntimeError(f"at {now} ms leads are left and the rule waits for nothing")
    return min(later)


def _finished(run: Run, trace: Trace) -> Run:
    run.live.sort()
    run.bulk.sort()
    if run.drain_ms is not None:
        run.drain_ms -= min(times[0] for times in trace.bulk.values() if times)
    return run
