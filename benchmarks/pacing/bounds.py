"""Figures below which no rule can come, whatever it knows of the future.

Two statements hold for every schedule within the limit, with B calls a window W and a round trip r, L leads a call:

1. In any stretch of time s at most B * (1 + floor(s / (W + r))) calls start, since a call counts until W after its
   answer: the call B places later starts W + r later at the earliest.
2. Take a lane and a wait w. Walk along its leads: mark the first one, then the first one that comes more than w after
   the last marked or is the Lth from it, and so on. If every lead's call starts within w of its arrival, no schedule
   serves the leads from one marked lead to another with fewer calls than there are marks, both counted: a call takes L
   leads at most and none that comes more than w after its first, so the one with the first lead reaches the second mark
   at best, and so on. So in any stretch [a, b] there are at least as many calls as there are marked leads that come in
   [a, b - w]; and, for all lanes together, at least as many as leads / L.

If a hundredth of the leads may wait longer, each of these takes away one call at most (the fewest calls for some leads
are at most one more than those for all but one of them), and one lead of those that come.

So a p99 of w + r is out of reach where in some stretch the calls of (2), less the hundredth, are more than those of
(1): `live_p99_ms`. For a drain, take any stretch that starts before the bulk leads come: if their calls, the calls of
(2) and those of the ledger in it, less the hundredth, are more than those of (1), the last bulk call starts after its
end. So a rule with that live p99 drains no earlier: `drain_ms`. It may know the future, and need leave nothing spare.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from benchmarks.pacing.traces import first_due

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.pacing.simulate import Limits
    from benchmarks.pacing.traces import Trace


def live_p99_ms(trace: Trace, limits: Limits) -> int:
    """The least p99 of live leads that any rule could have, in ms; 0 without live leads."""
    leads = sorted(at for times in trace.live.values() for at in times)
    if not leads:
        return 0
    late = len(leads) // 100
    low, high = 0, limits.window_ms * 64
    while high - low > max(10, low // 100):
        wait = (low + high) // 2
        if _is_out_of_reach(marked(trace, limits.batch, wait), late, limits, wait) or _is_out_of_reach(
            leads[limits.batch - 1 :: limits.batch], -(-late // limits.batch), limits, wait
        ):
            low = wait
        else:
            high = wait
    return limits.round_trip_ms + low


def drain_ms(trace: Trace, limits: Limits, live_p99: int) -> int:
    """The least time from the first bulk lead to the last bulk answer for a rule with this live p99, in ms."""
    wait = max(0, live_p99 - limits.round_trip_ms)
    before = sorted(slot.started_at for slot in trace.slots)
    live = marked(trace, limits.batch, wait)
    late = sum(map(len, trace.live.values())) // 100
    starts = sorted({first_due(times) for times in trace.bulk.values() if times})

    def least(first: int, last: int) -> int:
        """The fewest calls from `first` to `last` but those for bulk leads."""
        return _count(before, first, last) + max(0, _count(live, first, last - wait) - late)

    others = len(before) + len(live)
    ends = [_bulk_end(trace, limits, least, others, start) for start in starts]
    return max(ends) - starts[0] + limits.round_trip_ms


def _bulk_end(trace: Trace, limits: Limits, least: Callable[[int, int], int], others: int, start: int) -> int:
    """When the last call can start of the bulk leads that come from `start` on.

    They are all in any stretch from before `start` to after the last, so it ends after each with too many calls.
    `least` counts the other calls in a stretch, `others` all that are counted.
    """
    lanes = [times for times in trace.bulk.values() if times and first_due(times) >= start]
    calls = sum(-(-len(times) // limits.batch) for times in lanes)
    end = max(max(times[-1] for times in lanes), start + (-(-calls // limits.in_flight) - 1) * limits.round_trip_ms)
    period = limits.window_ms + limits.round_trip_ms
    for windows in range(1, 2 + (calls + others) // limits.budget):
        for first in range(start, start - period, -period // 100):
            last = first + windows * period - 1
            if last > end and calls + least(first, last) > windows * limits.budget:
                end = last
    return end


def _count(times: Sequence[int], first: int, last: int) -> int:
    return max(0, bisect_right(times, last) - bisect_left(times, first))


def marked(trace: Trace, batch: int, wait: int) -> list[int]:
    """The leads marked by (2), in order of arrival: each needs another call."""
    marked = []
    for times in trace.live.values():
        index = 0
        while index < len(times):
            marked.append(times[index])
            index = min(index + batch, bisect_right(times, times[index] + wait, index))
    marked.sort()
    return marked


def _is_out_of_reach(needs: Sequence[int], late: int, limits: Limits, wait: int) -> bool:
    """Whether in some stretch more calls are needed than can be made."""
    period = limits.window_ms + limits.round_trip_ms
    for first in range(0, len(needs), max(1, len(needs) // 50)):
        windows = 1
        while True:
            end = needs[first] + windows * period - 1  # the longest stretch for so many windows of calls
            count = bisect_right(needs, end - wait, first) - first - late
            if count > windows * limits.budget:
                return True
            if end - wait >= needs[-1]:
                break
            windows += 1
    return False
