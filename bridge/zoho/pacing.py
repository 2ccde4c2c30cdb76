"""Which lane makes the next call, or how long to wait: taking turns at a pace that lasts. Pure.

The rules, with B the budget, W the window, P the leads a call takes; an even pace is a call each W/B:

1. No free slot, no call. Free slots are B less the calls that the ledger still counts.
2. The pace is the closest even spacing of calls, from now on, that never runs into the limit, given when each slot
   comes back and leaving `RESERVE` slots untouched. It is never closer than W/B.
3. A lane with leads waits for its turn: the pace times the number of lanes with leads, from its own last call on. A
   lane with live leads counts only such lanes: the others yield.
4. The wait shrinks while calls are not ahead of an even pace: to ahead/`BURST` of it, by the lane's own calls or by
   all calls, whichever is more. Calls that the window shows unused allow longer bursts to lanes with live leads. So
   light traffic does not wait, and nobody spends in seconds what may have to last for minutes.
5. It shrinks for modest lanes: by the lane's calls, a little (`NEAR`) added, over the busiest lane's. So an import
   queues and live lanes pass. Live leads of a lane that hardly calls next to a huge one (`MODEST`) wait for nothing.
6. The last `RESERVE` slots are only for lanes below their equal share. A lane with a full call but no live leads also
   leaves what the others are expected to need before slots come back, going by the window, one standard deviation of
   that, and `YIELD` more; but one call in each window is everybody's.
7. Full calls go at once while all of them together need at most half of the free slots beyond the reserve.
8. Where slots are so scarce that the pace is beyond `SCARCE` even ones and nobody is left to yield, a lead waits for
   company as long as the pace is beyond that, at most `COMPANY_MS`.
9. Of the lanes that may go, live ones go first, then the one that has waited longest.

Everything follows from the ledger and the counts of what is due, so a restart or another process decides the same.
docs/pacing.md shows what each rule is worth; `python -m benchmarks.pacing` measures this very function.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.model import Priority

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from bridge.model import Lane, Ledger, Slot

BURST: Final = 1.75
"""How many calls one lane, and all together, may be ahead of an even pace before waiting in full."""

BURST_OF_UNUSED: Final = 1.0
"""How much longer the burst of all may be for each call that the window shows unused, for lanes with live leads."""

LANE_BURST_OF_UNUSED: Final = 0.25
"""The same for the burst of one lane."""

BULK_BURST: Final = 3.0
"""How many calls all together may be ahead before a lane without live leads waits in full."""

RESERVE: Final = 1.5
"""Slots kept for lanes below their share, and left over by the pace; with 1 or 2 busy lanes do a little worse."""

YIELD: Final = 3
"""Slots kept for live leads beyond those expected; fewer where the budget is below 60."""

NEAR: Final = 1.09
"""A lane waits its whole turn as soon as so many times its calls reach those of the busiest lane."""

SCARCE: Final = 2.0
"""Where the pace is longer than so many even ones, leads wait for company."""

COMPANY_MS: Final = 5_000
"""The longest such wait."""

MODEST: Final = 10
"""A lane hardly calls next to a huge one while so many times two calls more than its own are below the huge one's."""

DUE_CAP_CALLS: Final = 24
"""A lane's counts stop at so many full calls, so a count at that cap means "at least". Counting more costs more."""


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

    `in_flight` counts its calls in flight. A held lane takes part only from its `probe_at` on. A call is filled live
    first, so within a lane the classes need no order here.
    """
    closed_until = max(ledger.locked_until or 0, ledger.breaker_until or 0)
    if closed_until > now:
        return Wait(until=closed_until)
    if ledger.probing or in_flight >= max_in_flight:
        return Wait(until=None)
    busy = {slot.lane_id for slot in ledger.slots if slot.answered_at is None}
    waiting = [lane for lane in lanes if _takes_part(lane, busy, now)]
    turn = _Turn(ledger.slots, waiting, budget=budget, batch=batch, window_ms=window_ms, due_cap_calls=due_cap_calls)
    lane_id = turn.choose(now)
    return Wait(until=_next_change(turn, lanes, now)) if lane_id is None else Go(lane_id=lane_id)


def _takes_part(lane: Lane, busy: Set[int | None], now: int) -> bool:
    probing = lane.probe_at is not None and lane.probe_at <= now and lane.lane_id not in busy
    return _due(lane) > 0 and (not lane.held_reason or probing)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entrant:
    """A lane that has leads, and what the window shows of it. `ahead` is meant at time 0, see `_ahead`."""

    lane: Lane
    live: bool
    due: int
    used: int
    last: int
    ahead: float


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
        self._batch = batch
        self.window_ms = window_ms
        self._even_ms = window_ms / budget
        self._free = budget - len(slots)
        self._starts = sorted(slot.started_at for slot in slots)
        self._answered = sorted(slot.answered_at for slot in slots if slot.answered_at is not None)
        self._ahead = _ahead(self._starts, self._even_ms)
        self._used = Counter(slot.lane_id for slot in slots if slot.lane_id is not None)
        self._busiest = max(self._used.values(), default=1)
        self._share = budget / max(1, len(self._used.keys() | {lane.lane_id for lane in waiting}))
        self._entrants = [self._entrant(lane, slots) for lane in waiting]
        self._live_count = sum(entrant.live for entrant in self._entrants)
        yielding = sum(entrant.used for entrant in self._entrants if not entrant.live)
        self._expected_per_ms = (self._used.total() - yielding) / window_ms
        self._yield = min(YIELD, budget // 20)
        self._full_calls = _full_calls(waiting, batch, due_cap_calls)

    def _entrant(self, lane: Lane, slots: Sequence[Slot]) -> _Entrant:
        starts = sorted(slot.started_at for slot in slots if slot.lane_id == lane.lane_id)
        return _Entrant(
            lane=lane,
            live=lane.due.get(Priority.LIVE, 0) > 0,
            due=_due(lane),
            used=len(starts),
            last=starts[-1] if starts else 0,
            ahead=_ahead(starts, self._even_ms),
        )

    def choose(self, at: int) -> int | None:
        """The lane that may go at this time and is first, if nothing else changes until then."""
        spacing_ms = self._spacing_ms(at)
        ready = [entrant for entrant in self._entrants if self._ready_at(entrant, spacing_ms, at) <= at]
        return min(ready, key=_order).lane.lane_id if ready else None

    def slot_return_at(self, now: int) -> int | None:
        """When the next slot comes back that is not in flight."""
        index = bisect_left(self._answered, now - self.window_ms + 1)
        return self._answered[index] + self.window_ms if index < len(self._answered) else None

    def _ready_at(self, entrant: _Entrant, spacing_ms: float, at: int) -> float:
        """When a lane may go if nothing changes; never, as long as it must leave the free slots to others."""
        if self._free <= (0 if entrant.used < self._share else RESERVE):
            return math.inf
        full = self._batch > 1 and entrant.due >= self._batch
        if full and self._full_calls <= (self._free - RESERVE) / 2:
            return at
        if self._yields(entrant) and self._free <= self._expected(at):
            return math.inf
        if entrant.live and MODEST * (entrant.used + 2) < self._busiest:
            return at
        turn_ms = spacing_ms * (self._live_count if entrant.live else len(self._entrants))
        turn_ms *= self._ahead_share(entrant, at) * min(1.0, NEAR * entrant.used / self._busiest)
        alone = full or self._live_count < len(self._entrants)
        company_ms = 0.0 if alone else self._company_ms(spacing_ms)
        return max(entrant.last + turn_ms, (entrant.lane.oldest_at or 0) + company_ms)

    def _company_ms(self, spacing_ms: float) -> float:
        return min(COMPANY_MS, max(0.0, spacing_ms - SCARCE * self._even_ms))

    def _yields(self, entrant: _Entrant) -> bool:
        return not entrant.live and entrant.due >= self._batch and entrant.used > 0

    def _expected(self, at: int) -> float:
        """Rule 6: the most slots that live leads are likely to want before enough of the used ones are back."""
        returns = (max(0, answered + self.window_ms - at) for answered in self._answered)
        means = (back_ms * self._expected_per_ms for back_ms in returns)
        beyond = (mean + math.sqrt(mean) - k for k, mean in enumerate(means))
        return self._yield + max(0.0, *beyond) if self._answered else self._yield

    def _spacing_ms(self, at: int) -> float:
        """Rule 2: before slot k comes back, the free slots less the reserve plus k must do."""
        spare = self._free - RESERVE
        first = max(0, math.floor(1 - spare))
        later = max(len(self._answered), first)
        spacings = [(self._answered[k] + self.window_ms - at) / (spare + k) for k in range(first, len(self._answered))]
        in_flight = self.window_ms / (spare + later) if later < len(self._starts) else 0.0
        return max(self._even_ms, in_flight, *spacings)

    def _ahead_share(self, entrant: _Entrant, at: int) -> float:
        """Rule 4: how much of its turn a lane must wait, from 0 to 1."""
        elapsed = at / self._even_ms
        if not entrant.live:
            return min(1.0, max(0.0, self._ahead - elapsed) / BULK_BURST)
        unused = self._unused(at)
        of_all = (self._ahead - elapsed) / (BURST + BURST_OF_UNUSED * unused)
        of_lane = (entrant.ahead - elapsed) / (BURST + LANE_BURST_OF_UNUSED * unused)
        return min(1.0, max(0.0, of_all, of_lane))

    def _unused(self, at: int) -> float:
        """How many calls fewer were made than at an even pace since the first call of the window."""
        if not self._starts:
            return 0.0
        return max(0.0, min(self.window_ms, at - self._starts[0]) / self._even_ms - len(self._starts))


def _ahead(starts: Sequence[int], even_ms: float) -> float:
    """The most calls made, over any stretch that ends now, beyond an even pace; less now / even_ms, which is left out.

    So it is worked out once, and at any time the value is this one less time / even_ms.
    """
    return max((len(starts) - k + start / even_ms for k, start in enumerate(starts)), default=-math.inf)


def _order(entrant: _Entrant) -> tuple[bool, int, int]:
    return (not entrant.live and entrant.used > 0, max(entrant.lane.oldest_at or 0, entrant.last), entrant.lane.lane_id)


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
    times += [time for time in (turn.slot_return_at(now), _turn_at(turn, now)) if time is not None]
    return min((time for time in times if time > now), default=None)


def _turn_at(turn: _Turn, now: int) -> int | None:
    """When the first lane becomes ready, to the millisecond. Between two events every wait only shrinks: halve."""
    early, late = now, turn.slot_return_at(now) or now + turn.window_ms
    if turn.choose(late) is None:
        return None
    while late - early > 1:
        middle = (early + late) // 2
        if turn.choose(middle) is None:
            early = middle
        else:
            late = middle
    return late
