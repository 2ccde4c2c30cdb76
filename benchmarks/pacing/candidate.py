"""A candidate for the pacing rule, which does not ship: four constants in place of eleven. Pure.

On traffic drawn at random it waits less than the shipping rule and drains imports sooner; it does not reach the goals
yet (docs/pacing.md), and its waits say when to ask again less exactly than the service needs.

The rules, with B the budget, W the window, P the leads a call takes; an even pace is a call each W/B:

1. No free slot, no call. Free slots are B less the calls that the ledger still counts.
2. A lane with live leads and a full call goes at once. Where `KEPT_FOR_SMALL` or less of the budget is free, only a
   lane below its equal share does.
3. One whose call is not full goes at once if the free slots would last, were all lanes to go on calling as in the last
   window, no lane more often than this one, and if its burst in `RECENT` of it has not taken `BURST` of the budget.
   After a call it waits due / (P - due) of an even pace for more leads: what fills quickly is better sent full.
4. Otherwise a call goes at the pace that lasts: the closest even spacing of calls, from the last one on, that never
   runs into the limit, given when each slot comes back.
5. A lane without live leads goes at once if all such leads fit the free slots, otherwise at the pace that lasts with
   `KEPT_FROM_BULK` of the budget left over. Its first call in a window is treated as live, so it never starves.
6. Of the lanes that may go, live ones go first, then the one with the oldest lead.

Everything follows from the ledger and the counts of what is due, so a restart or another process decides the same.
`python -m benchmarks.pacing --families` measures it next to the shipping rule.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from bridge.model import Priority
from bridge.zoho.pacing import Decision, Go, Wait

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from bridge.model import Lane, Ledger, Slot

BURST: Final = 1 / 3
"""The longest burst of calls that are not full, as a share of the budget; it slows the rest of the window."""

RECENT: Final = 1 / 3
"""How much of the window counts as such a burst."""

KEPT_FOR_SMALL: Final = 0.03
"""The share of the budget that full calls leave to lanes below their equal share."""

KEPT_FROM_BULK: Final = 0.1
"""The share of the budget that an import leaves free for live leads."""


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
        self._returns = sorted(window_ms + (slot.answered_at or slot.started_at) for slot in slots)
        self._started_at = {slot.lane_id: slot.started_at for slot in sorted(slots, key=lambda slot: slot.started_at)}
        self._last = max(self._started_at.values(), default=now - window_ms)
        self._recent = [slot for slot in slots if slot.started_at > now - window_ms * RECENT]
        self._used = Counter(slot.lane_id for slot in slots)
        self._used_lately = Counter(slot.lane_id for slot in self._recent)
        self._bulk = {lane.lane_id for lane in waiting if self._is_bulk(lane)}
        self._share = budget / max(1, len(self._used.keys() | {lane.lane_id for lane in waiting}))

    def ready_at(self, lane: Lane) -> float:
        """When a lane may go if nothing else changes; infinity where something must change first."""
        if self._free <= 0:
            return math.inf
        if lane.lane_id in self._bulk:
            return self._bulk_at()
        if _due(lane) >= self._batch:
            is_small = self._used[lane.lane_id] < self._share
            at_once = self._now if is_small or self._free > KEPT_FOR_SMALL * self._budget else math.inf
        else:
            at_once = max(self._filled_at(lane), self._lasts_at(lane.lane_id))
        return min(at_once, self._pace_at(self._free))

    def order(self, lane: Lane) -> tuple[bool, int, int]:
        """Which of the lanes that may go is first."""
        return lane.lane_id in self._bulk, lane.oldest_at or 0, lane.lane_id

    def changes_at(self) -> list[int]:
        """When a slot comes back, and when a call is no longer a recent one."""
        ages = [slot.started_at + math.ceil(self._window_ms * RECENT) for slot in self._recent]
        return [at for at in (*self._returns, *ages) if at > self._now]

    def _is_bulk(self, lane: Lane) -> bool:
        return not lane.due.get(Priority.LIVE) and self._used[lane.lane_id] > 0

    def _bulk_at(self) -> float:
        """Rule 5. A count at its cap means "at least", so a long backlog goes on at once until few slots are free."""
        calls = sum(-(-_due(lane) // self._batch) for lane in self._waiting if lane.lane_id in self._bulk)
        return self._now if calls <= self._free else self._pace_at(self._free - KEPT_FROM_BULK * self._budget)

    def _filled_at(self, lane: Lane) -> float:
        """Rule 3, its wait for more leads: none where the last call is long ago."""
        due = _due(lane)
        return self._started_at.get(lane.lane_id, -math.inf) + self._even_ms * due / (self._batch - due)

    def _lasts_at(self, lane_id: int) -> float:
        """Rule 3: from when on the slots left after a call would last at the rates of the window and of the burst."""
        of_window = self._demand(self._used, lane_id)
        of_burst = self._demand(self._used_lately, lane_id) * (1 - BURST) / BURST
        return max(self._enough_at(of_window), self._enough_at(of_burst))

    def _demand(self, used: Counter[int | None], lane_id: int) -> int:
        """The calls of all lanes but imports, none counted more often than this one and one more."""
        most = used[lane_id] + 1
        return sum(min(calls, most) for other, calls in used.items() if other not in self._bulk)

    def _enough_at(self, demand: float) -> float:
        """From when on the free slots less one, and those that come back, cover so many calls a window."""
        if not demand:
            return self._now
        ms_per_call = self._window_ms / demand
        covered = (back - (self._free - 1 + k) * ms_per_call for k, back in enumerate(self._returns))
        return max(covered, default=self._now)

    def _pace_at(self, free: float) -> float:
        """Rule 4: the earliest t with t - last >= (back - t) / (free + k) for the kth slot that comes back."""
        if free <= 0:
            return math.inf
        at = self._last + self._even_ms
        return max(at, *((back + self._last * (free + k)) / (free + k + 1) for k, back in enumerate(self._returns)), at)


def _due(lane: Lane) -> int:
    return sum(lane.due.values())
