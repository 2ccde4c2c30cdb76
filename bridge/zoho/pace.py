"""Which lane makes the next call, or how long to wait: taking turns at a pace that lasts. Pure.

The rules, with B the budget, W the window, P the leads a call takes:

1. No free slot, no call. Free slots are B less the calls that the ledger still counts.
2. The pace is the closest even spacing of calls, from now on, that never runs into the limit, given when each slot
   comes back and leaving `RESERVE` slots untouched. It is never closer than W/B.
3. A lane with leads waits for its turn: the pace times the number of lanes with leads, from its own last call on.
4. The wait shrinks while we are not ahead of an even pace: to ahead/`BURST` of it. So light traffic does not wait.
5. It shrinks for modest lanes: by the lane's calls over the busiest lane's. So an import queues and live lanes pass.
6. The last `RESERVE` slots are only for lanes below their equal share.
7. Full calls go at once while all of them together need at most half of the free slots beyond the reserve.
8. Of the lanes that may go, the one that has waited longest goes.

Everything follows from the ledger and the counts of what is due, so a restart or another process decides the same.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from bridge.model import Lane, Ledger, Slot

BURST = 5
"""How many calls one may be ahead of an even pace before waiting in full; 5 to 8 is a flat optimum."""

RESERVE = 4
"""Slots kept for lanes below their share. Fewer make live leads wait during an import, more slow the import down."""

DUE_CAP_CALLS = 2
"""A lane's counts stop at so many full calls, so a count at that cap means "at least"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """This lane may make a call now."""

    lane_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """No call now. Ask again at `until`, or, where it is None, when a call ends or a delivery comes in."""

    until: int | None


Decision = Go | Wait


def pace(
    ledger: Ledger,
    lanes: Sequence[Lane],
    *,
    budget: int,
    batch: int,
    window_ms: int,
    now: int,
    in_flight: int,
    max_in_flight: int = 4,
    due_cap_calls: int = DUE_CAP_CALLS,
) -> Decision:
    """Decide on the next call of one API of one account.

    `in_flight` counts its calls under way. A held lane takes part only from its `probe_at` on. A call is filled live
    first, so a lane's classes need no order here; they only add up to what is due.
    """
    closed_until = max(ledger.locked_until or 0, ledger.breaker_until or 0)
    if closed_until > now:
        return Wait(until=closed_until)
    if ledger.probing or in_flight >= max_in_flight:
        return Wait(until=None)
    busy = {slot.lane_id for slot in ledger.slots if slot.answered_at is None}
    waiting = [lane for lane in lanes if _takes_part(lane, busy, now)]
    turn = _Turn(ledger.slots, waiting, budget=budget, batch=batch, window_ms=window_ms, due_cap_calls=due_cap_calls)
    ready = turn.ready(now)
    if ready:
        return Go(lane_id=min(ready, key=turn.order).lane_id)
    return Wait(until=_next_change(turn, lanes, now))


def _takes_part(lane: Lane, busy: Set[int | None], now: int) -> bool:
    probing = lane.probe_at is not None and lane.probe_at <= now and lane.lane_id not in busy
    return _due(lane) > 0 and (not lane.held_reason or probing)


class _Turn:
    """The state of one decision: everything that stays the same until a slot comes back or more becomes due."""

    def __init__(
        self,
        slots: Sequence[Slot],
        waiting: Sequence[Lane],
        *,
        budget: int,
        batch: int,
        window_ms: int,
        due_cap_calls: int,
    ) -> None:
        self._waiting = waiting
        self._budget = budget
        self._batch = batch
        self._window_ms = window_ms
        self._free = budget - len(slots)
        self._starts = sorted(slot.started_at for slot in slots)
        self._answered = sorted(slot.answered_at for slot in slots if slot.answered_at is not None)
        self._in_flight = len(slots) - len(self._answered)
        self._used = Counter(slot.lane_id for slot in slots if slot.lane_id is not None)
        self._busiest = max(self._used.values(), default=1)
        self._share = budget / max(1, len(self._used.keys() | {lane.lane_id for lane in waiting}))
        self._last = _last_starts(slots)
        self._full_calls = _full_calls(waiting, batch, due_cap_calls)

    def ready(self, at: int) -> list[Lane]:
        """The lanes that may go at this time, if nothing else changes until then."""
        if self._free <= 0 or not self._waiting:
            return []
        spacing = self._spacing(at) * len(self._waiting) * min(1.0, self._ahead(at) / BURST)
        return [lane for lane in self._waiting if self._may_go(lane, spacing, at)]

    def order(self, lane: Lane) -> tuple[float, int]:
        """Sorts the lane that has waited longest first."""
        return (max(lane.oldest_at or 0, self._last.get(lane.lane_id, 0)), lane.lane_id)

    def last_ready_at(self, now: int) -> int | None:
        """A time by which some lane is ready even if no slot comes back, since waits only shrink; None if never."""
        if self._free <= 0:
            return None
        spacing = self._spacing(now) * len(self._waiting)
        starts = [self._last.get(lane.lane_id, 0) for lane in self._waiting if self._has_share(lane)]
        return max(now + 1, math.ceil(min(starts) + spacing)) if starts else None

    def slot_return_at(self, now: int) -> int | None:
        """When the next slot comes back that is not under way."""
        index = bisect_left(self._answered, now - self._window_ms + 1)
        return self._answered[index] + self._window_ms if index < len(self._answered) else None

    def _may_go(self, lane: Lane, spacing: float, at: int) -> bool:
        if not self._has_share(lane):
            return False
        if self._batch > 1 and _due(lane) >= self._batch and self._full_calls <= (self._free - RESERVE) / 2:
            return True
        last = self._last.get(lane.lane_id)
        return last is None or at - last >= spacing * self._used[lane.lane_id] / self._busiest

    def _has_share(self, lane: Lane) -> bool:
        return self._free > RESERVE or self._used[lane.lane_id] < self._share

    def _spacing(self, at: int) -> float:
        """Rule 2: before slot k comes back, the free slots less the reserve plus k must do."""
        spacing = self._window_ms / self._budget
        for k, back_at in enumerate(self._returns(at)):
            usable = self._free - RESERVE + k
            if usable > 0:
                spacing = max(spacing, (back_at - at) / usable)
        return spacing

    def _returns(self, at: int) -> Iterator[int]:
        yield from (answered + self._window_ms for answered in self._answered)
        yield from (at + self._window_ms for _ in range(self._in_flight))

    def _ahead(self, at: int) -> float:
        """Rule 4: the most calls made, over any stretch that ends now, beyond one per W/B."""
        count = len(self._starts)
        rate = self._budget / self._window_ms
        return max((count - k - (at - start) * rate for k, start in enumerate(self._starts)), default=0.0)


def _last_starts(slots: Sequence[Slot]) -> dict[int, int]:
    last: dict[int, int] = {}
    for slot in slots:
        if slot.lane_id is not None:
            last[slot.lane_id] = max(slot.started_at, last.get(slot.lane_id, slot.started_at))
    return last


def _full_calls(waiting: Sequence[Lane], batch: int, cap_calls: int) -> float:
    """How many full calls are due in all lanes; boundless where a count has reached its cap."""
    if any(count >= cap_calls * batch for lane in waiting for count in lane.due.values()):
        return math.inf
    return sum(_due(lane) // batch for lane in waiting)


def _due(lane: Lane) -> int:
    return sum(lane.due.values())


def _next_change(turn: _Turn, lanes: Sequence[Lane], now: int) -> int | None:
    """The earliest time at which the answer could be another one."""
    times = [lane.next_at for lane in lanes if lane.next_at is not None]
    times += [lane.probe_at for lane in lanes if lane.held_reason and lane.probe_at is not None]
    times += [time for time in (turn.slot_return_at(now), _ready_at(turn, now)) if time is not None]
    return min((time for time in times if time > now), default=None)


def _ready_at(turn: _Turn, now: int) -> int | None:
    """When the first lane becomes ready, to the millisecond. Between two events every wait only shrinks: halve."""
    late = turn.last_ready_at(now)
    if late is None:
        return None
    early = now
    while late - early > 1:
        middle = (early + late) // 2
        if turn.ready(middle):
            late = middle
        else:
            early = middle
    return late
