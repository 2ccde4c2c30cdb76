"""Zoho's limit of calls: so many in a sliding window, one more and that API is locked for a while.

"Duration: 5 mins, Number of Calls: 100, Lock Period: 30 mins"
(https://zoho.com/marketingautomation/help/developers/trigger-leads.html).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Limiter:
    """The limit of one API. Times in milliseconds.

    A window is half open: a call at t counts until, not at, t + `window_ms`. A refused call does not count towards
    the limit and does not lengthen the lock, but it does count in `max_in_window`, the most calls that came in
    any one window. `lockouts` counts the locks that a caller tripped, not those set by `lock`.
    """

    calls: int
    window_ms: int
    lock_ms: int
    locked_until: int = 0
    lockouts: int = 0
    max_in_window: int = 0
    _came: deque[int] = field(default_factory=deque)
    _admitted: deque[int] = field(default_factory=deque)

    def admit(self, now: int) -> bool:
        """Notes a call at `now` and says whether it may be answered. The call that goes over trips the lock."""
        self._note(now)
        if now < self.locked_until:
            return False
        if len(self._admitted) >= self.calls:
            self.lockouts += 1
            self.lock(now)
            return False
        self._admitted.append(now)
        return True

    def lock(self, now: int, lock_ms: int | None = None) -> None:
        """Locks the API from `now` on for its lock period, or for `lock_ms`."""
        self.locked_until = now + (self.lock_ms if lock_ms is None else lock_ms)

    def _note(self, now: int) -> None:
        for times in (self._came, self._admitted):
            while times and times[0] <= now - self.window_ms:
                times.popleft()
        self._came.append(now)
        self.max_in_window = max(self.max_in_window, len(self._came))
