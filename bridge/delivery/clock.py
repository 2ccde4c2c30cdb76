"""Noticing that a clock was set: what the outbox calls now, held against a clock that nobody can set.

A call counts until a time on the outbox's clock. If that clock jumps ahead, calls leave the ledger before they leave
Zoho's window. Backwards they only stay longer.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

JUMP_MS: Final = 500
"""A smaller difference between two looks is drift, or an answer that took its time; the headroom covers it."""


@dataclass(slots=True, kw_only=True)
class ClockWatch:
    """Compares two clocks from look to look. After a jump ahead it asks for quiet until the ledger is true again."""

    longest_ms: int
    monotonic: Callable[[], float] = time.monotonic
    quiet_until: float = 0
    _offset_ms: float | None = None

    def jump(self, now: int) -> int:
        """How far the outbox's clock, which says `now`, has jumped since the last look: milliseconds, mostly 0.

        A jump ahead starts a quiet time as long as itself, of at most `longest_ms`: then nothing counts any more that
        was sent before.
        """
        here_ms = self.monotonic() * 1000
        offset_ms = now - here_ms
        jumped = 0 if self._offset_ms is None else round(offset_ms - self._offset_ms)
        self._offset_ms = offset_ms
        if abs(jumped) < JUMP_MS:
            return 0
        if jumped > 0:
            self.quiet_until = max(self.quiet_until, here_ms) + min(jumped, self.longest_ms)
        return jumped

    @property
    def is_quiet(self) -> bool:
        """Whether no call should be started now."""
        return self.monotonic() * 1000 < self.quiet_until
