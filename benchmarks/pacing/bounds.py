"""Figures below which no rule can come, whatever it knows of the future.

Two statements hold for every schedule within the limit, with B calls a window W and a round trip r, L leads a call:

1. In any stretch of time s at most B * (1 + floor(s / (W + r))) calls start, since a call counts until W after its
   answer: the call B places later starts W + r later at the earliest.
2. Take a lane and a wait w. Walk along its leads: mark the first one, then the first one that comes more than w after
   the last marked, and so on. If every lead's call starts within w of its arrival, two marked leads never share a call:
   the call that carries the earlier one starts before the later one has come. So in any stretch [a, b] there are at
   least as many calls as there are marked leads that come in [a, b - w]; and, by size, at least as many as leads / L.

If a hundredth of the leads may wait longer, each of these takes away one marked lead at most (leaving out a lead lowers
the size of a largest set of leads of which no two can share a call by one at most), and one lead of those that come.

So a p99 of w + r is out of reach where in some stretch the calls of (2), less the hundredth, are more than those of
(1): `live_p99_ms`. For a drain, take any stretch that starts before the bulk leads come: if their calls, the calls of
(2) and those of the ledger in it, less the hundredth, are more than those of (1), the last bulk call starts after its
end. So a rule with that live p99 drains no earlier: `drain_ms`. It may know the future, and need leave nothing spare.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        if _is_out_of_reach(marked(trace, wait), late, limits, wait) or _is_out_of_reach(
            leads[limits.batch - 1 :: limits.batch], -(-late // limits.batch), limits, wait
        ):
            low = wait
        else:
            high = wait
    return limits.round_trip_ms + low


def drain_ms(trace: Trace, limits: Limits, live_p99: int) -> int:
    """The least time from the first bulk lead to the last bulk answer for a rule with this live p99, in ms."""
    wait = max(0, live_p99 - limits.round_trip_ms)
    needs = sorted([slot.started_at for slot in trace.slots] + [at + wait for at in marked(trace, wait)])
    late = sum(map(len, trace.live.values())) // 100
    starts = sorted({times[0] for times in trace.bulk.values() if times})
    ends = [_bulk_end(trace, limits, needs, late, start) for start in starts]
    return max(ends) - starts[0] + limits.round_trip_ms


def _bulk_end(trace: Trace, limits: Limits, needs: Sequence[int], late: int, start: int) -> int:
    """When the last call can start of the bulk leads that come from `start` on.

    They are all in any stretch from before `start` to after the last, so it ends after each with too many calls.
    `needs` is by when each live call must have started.
    """
    lanes = [times for times in trace.bulk.values() if times and times[0] >= start]
    calls = sum(-(-len(times) // limits.batch) for times in lanes)
    end = max(max(times[-1] for times in lanes), start + (-(-calls // limits.in_flight) - 1) * limits.round_trip_ms)
    period = limits.window_ms + limits.round_trip_ms
    for windows in range(1, 2 + (calls + len(needs)) // limits.budget):
        for first in range(start, start - period, -period // 100):
            last = first + windows * period - 1
            # a marked lead that comes at `first` or later is called then or later
            live = bisect_right(needs, last) - bisect_left(needs, first)
            if last > end and calls + live - late > windows * limits.budget:
                end = last
    return end


def marked(trace: Trace, wait: int) -> list[int]:
    """Leads of which no two can share a call, in order of arrival."""
    marked = []
    for times in trace.live.values():
        index = 0
        while index < len(times):
            marked.append(times[index])
            index = bisect_right(times, times[index] + wait, index)
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
