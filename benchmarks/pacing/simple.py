"""The simple rules that `pace` is compared with: each is what one would write down first.

All keep the ledger's limit, send live lanes before bulk ones, and among these the one whose oldest lead has waited
longest, or, where they say so, the one that called longest ago.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from bridge.model import Priority
from bridge.zoho.pacing import Decision, Go, Wait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Lane, Ledger


class TokenBucket:
    """A bucket of so many calls, a share of the budget, that fills up at an even pace.

    A depth of 0 is even pacing, of 1 greedy: a call as soon as the window has room. `in_turn` is round robin.
    """

    def __init__(self, depth: float, *, in_turn: bool = False) -> None:
        self._depth = depth
        self._in_turn = in_turn
        self._calls = 0.0
        self._filled_at = 0
        self._called_at: dict[int, int] = {}

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
        """As `bridge.zoho.pacing.pace`, but for holds and locks."""
        even_ms = window_ms / budget
        self._calls = max(0.0, self._calls - (now - self._filled_at) / even_ms)
        self._filled_at = now
        if not lanes or in_flight >= max_in_flight or len(ledger.slots) >= budget:
            return Wait(until=None)
        room = max(1.0, self._depth * budget) if self._depth < 1 else math.inf
        if self._calls + 1 > room + 1e-9:
            return Wait(until=now + max(1, math.ceil((self._calls + 1 - room) * even_ms)))
        lane = min(lanes, key=self._order)
        self._calls += 1
        self._called_at[lane.lane_id] = now
        return Go(lane_id=lane.lane_id)

    def _order(self, lane: Lane) -> tuple[bool, int, int]:
        return (
            not lane.due.get(Priority.LIVE),
            self._called_at.get(lane.lane_id, -1) if self._in_turn else lane.oldest_at or 0,
            lane.lane_id,
        )


SIMPLE: Final[dict[str, tuple[float, bool]]] = {
    "even pacing": (0.0, False),
    "bucket of 5 %": (0.05, False),
    "bucket of 10 %": (0.1, False),
    "bucket of 20 %": (0.2, False),
    "bucket of 40 %": (0.4, False),
    "greedy": (1.0, False),
    "round robin": (1.0, True),
    "even round robin": (0.0, True),
}
"""Depth and order of each."""
