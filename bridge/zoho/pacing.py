"""The rate limiter: which lane makes the next call, or how long to wait. Pure.

The rules, with B the budget, W the window; an even pace is a call each W/B:

1. No free slot, no call. Free slots are B less the calls that the ledger still counts.
2. A lane with live leads waits at most for the pace that lasts: the closest even spacing of calls, from the last one
   on, that never runs into the limit, given when each slot comes back.
3. Before that, a full call goes at once; with the last slot only for a small lane: one whose calls, with this one, are
   at most `SMALL` of the busiest lane's.
4. A call that is not full goes at once from a small lane. From the others it goes at once if the slots left after it
   would last, were live calls to go on for a window as in the last one, or for the rest of a window as in the last
   `BURST` of it. But a lane whose call would be full within an even pace, at the rate at which its leads have come
   since its last call, waits for that; within up to `FILL_PACES` more, as that burst is its own.
5. A lane without live leads waits until the slots left after its call, less `KEPT_FROM_BULK` of the budget, would last
   in the same way. Only a backlog, leads that were there at the lane's last call, goes at once if all leads that are
   not live fit the free slots: what trickles in always fits. A call that is not full also waits for the pace of 2.
   A lane's first call in a window is treated as live while the calls of bulk are below that share, so none starves.
6. Of the lanes that may go, live ones go first, then the one with the oldest lead.

Everything follows from the ledger and the counts of what is due, so a restart or another process decides the same.
docs/pacing.md shows what each rule is worth; `python -m benchmarks.pacing` measures this very function.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from bridge.model import Priority

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from bridge.model import Lane, Ledger, Slot

BURST: Final = 1 / 4
"""The share of the budget that calls which are not full may take within the same share of the window."""

FILL_PACES: Final = 10
"""How many even paces beyond the first a lane whose burst it all is waits for a call that would be full by then."""

SMALL: Final = 1 / 4
"""A lane is small while its calls in the window, with the next, are at most this share of the busiest lane's."""

KEPT_FROM_BULK: Final = 0.09
"""The share of the budget that lanes without live leads leave free, beyond what live calls take, and that they have."""

DUE_CAP_LEADS: Final = 4_800
"""The most leads that are counted in a lane: counting more costs more."""


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
) -> Decision:
    """Decide on the next call of one API of one account.

    `in_flight` counts its calls in flight. A held lane takes part only from its `probe_at` on. A call is filled live
    first, so within a lane the priorities need no order here.
    """
    closed_until = max(ledger.locked_until or 0, ledger.breaker_until or 0)
    if closed_until > now:
        return Wait(until=closed_until)
    if ledger.probing or in_flight >= max_in_flight:
        return Wait(until=None)
    busy = {slot.lane_id for slot in ledger.slots if slot.answered_at is None}
    waiting = [lane for lane in lanes if _takes_part(lane, busy, now)]
    turn = _Turn(ledger.slots, waiting, budget=budget, batch=batch, window_ms=window_ms, now=now)
    ready_at = {lane.lane_id: turn.ready_at(lane) for lane in waiting}
    ready = [lane for lane in waiting if ready_at[lane.lane_id] <= now]
    if ready:
        return Go(lane_id=min(ready, key=turn.order).lane_id)
    times = [math.ceil(at) for at in ready_at.values() if at < math.inf] + turn.changes_at()
    times += [lane.next_at for lane in lanes if lane.next_at is not None]
    times += [lane.probe_at for lane in lanes if lane.held_reason and lane.probe_at is not None]
    return Wait(until=min((at for at in times if at > now), default=None))


def _takes_part(lane: Lane, busy: Set[int | None], now: int) -> bool:
    probing = lane.probe_at is not None and lane.probe_at <= now and lane.lane_id not in busy
    return _due(lane) > 0 and (not lane.held_reason or probing)


class _Turn:
    """The state of one decision: everything that stays the same until a slot comes back or more becomes due."""

    def __init__(
        self, slots: Sequence[Slot], waiting: Sequence[Lane], *, budget: int, batch: int, window_ms: int, now: int
    ) -> None:
        self._budget = budget
        self._batch = batch
        self._window_ms = window_ms
        self._now = now
        self._even_ms = window_ms / budget
        self._waiting = waiting
        self._free = budget - len(slots)
        self._comes_back = [window_ms + slot.answered_at for slot in slots if slot.answered_at is not None]
        self._slots = sorted(slots, key=attrgetter("started_at"))
        self._started_at = {slot.lane_id: slot.started_at for slot in self._slots}
        self._last = self._slots[-1].started_at if slots else -math.inf
        burst_from = now - window_ms * BURST
        self._recent = [slot for slot in slots if slot.started_at > burst_from]
        self._used = Counter(slot.lane_id for slot in slots)
        self._used_lately = Counter(slot.lane_id for slot in self._recent)
        self._live = sum(not slot.is_bulk for slot in slots)
        self._kept = KEPT_FROM_BULK * budget
        self._live_lately = sum(not slot.is_bulk for slot in self._recent)
        self._busiest = max(self._used.values(), default=0)
        self._bulk = {lane.lane_id for lane in waiting if self._is_bulk(lane)}

    @cached_property
    def _hull(self) -> list[tuple[int, int]]:
        return _upper_hull(sorted(self._window_ms + (slot.answered_at or slot.started_at) for slot in self._slots))

    @cached_property
    def _live_at(self) -> float:
        """Rule 2: the earliest t with t - last >= (back - t) / (free + k) for the kth slot that comes back."""
        paces = ((back + self._last * (self._free + k)) / (self._free + k + 1) for k, back in self._hull)
        return max((self._last + self._even_ms, *paces))

    def ready_at(self, lane: Lane) -> float:
        """When a lane may go if nothing else changes; infinity where something must change first."""
        if self._free <= 0:
            return math.inf
        if lane.lane_id in self._bulk:
            if self._fits and self._is_backlog(lane):
                return self._now
            return self._bulk_lasts_at if _due(lane) >= self._batch else max(self._bulk_lasts_at, self._live_at)
        is_small = self._used[lane.lane_id] + 1 <= SMALL * self._busiest
        if _due(lane) >= self._batch:
            return self._now if is_small or self._free > 1 else self._live_at
        if is_small:
            return self._now
        return min(self._live_at, max(self._filled_at(lane), self._live_lasts_at))

    def order(self, lane: Lane) -> tuple[bool, int, int]:
        """Which of the lanes that may go is first."""
        return lane.lane_id in self._bulk, lane.oldest_at or 0, lane.lane_id

    def changes_at(self) -> list[int]:
        """When a slot comes back; for lanes that wait with a slot free, also when a call is no longer a recent one."""
        recent = self._recent if self._waiting and self._free > 0 else ()
        ages = (slot.started_at + math.ceil(self._window_ms * BURST) for slot in recent)
        return [at for at in (*self._comes_back, *ages) if at > self._now]

    def _is_bulk(self, lane: Lane) -> bool:
        has_its_call = self._used[lane.lane_id] > 0 or len(self._slots) - self._live >= max(1, self._kept)
        return has_its_call and not lane.due.get(Priority.LIVE)

    @cached_property
    def _fits(self) -> bool:
        """Rule 5: whether the free slots take all that waits and is not live."""
        bulk = (lane for lane in self._waiting if not lane.due.get(Priority.LIVE))
        return sum(-(-_due(lane) // self._batch) for lane in bulk) <= self._free

    def _is_backlog(self, lane: Lane) -> bool:
        """Rule 5: whether leads were there at the lane's last call."""
        return (lane.oldest_at or 0) <= self._started_at.get(lane.lane_id, -math.inf)

    def _filled_at(self, lane: Lane) -> float:
        """Rule 4: from when on the rest of a call would take too long to come. At once where the last is long ago."""
        due = _due(lane)
        paces = 1 + FILL_PACES * self._used_lately[lane.lane_id] / (BURST * self._budget)
        return self._started_at.get(lane.lane_id, -math.inf) + paces * self._even_ms * due / (self._batch - due)

    @cached_property
    def _live_lasts_at(self) -> float:
        """Rule 4."""
        return self._lasts_at(self._free - 1)

    @cached_property
    def _bulk_lasts_at(self) -> float:
        """Rule 5."""
        return self._lasts_at(self._free - 1 - self._kept)

    def _lasts_at(self, free: float) -> float:
        """From when on so many free slots, and those that come back, last for the live calls to be expected."""
        calls = max(self._live, self._live_lately * (1 - BURST) / BURST)
        if free < 0:
            return math.inf
        if not calls:
            return self._now
        ms_per_call = self._window_ms / calls
        return max((back - (free + k) * ms_per_call for k, back in self._hull), default=self._now)


def _upper_hull(heights: Sequence[int]) -> list[tuple[int, int]]:
    """The corners of the lowest concave line above these heights: a line is above all of them if above the corners."""
    corners: list[tuple[int, int]] = []
    for x, y in enumerate(heights):
        while len(corners) > 1:
            x1, y1 = corners[-2]
            x2, y2 = corners[-1]
            if (y2 - y1) * (x - x2) > (y - y2) * (x2 - x1):
                break
            corners.pop()
        corners.append((x, y))
    return corners


def due_cap(budget: int, batch: int) -> int:
    """Where counting the leads due in a lane stops. No backlog is taken to be longer."""
    return min(budget * batch, DUE_CAP_LEADS)


def _due(lane: Lane) -> int:
    return sum(lane.due.values())
