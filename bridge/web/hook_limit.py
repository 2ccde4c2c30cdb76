"""A limit of requests per hook, so that a storm on one leaves the others their room."""

from __future__ import annotations

import math
import threading
from typing import Final

from bridge.errors import RateError
from bridge.model import MINUTE_MS

AT_ONCE_MS: Final = 10_000
"""So much of a minute's worth may come at once: a longer burst would be a storm itself."""


class HookLimit:
    """Lets so many webhooks of each hook be taken in a minute, a sixth of them (one at least) at once; 0 is no limit.

    A leaky bucket (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): `_until` says when a hook's bucket is
    empty again. Only what was taken counts, so that a stranger cannot use up the limit of a hook whose senders sign.
    """

    def __init__(self, a_minute: int) -> None:
        self._step = MINUTE_MS / a_minute if a_minute else 0.0
        self._at_once = max(self._step, AT_ONCE_MS)
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, hook: str, now: int) -> None:
        """Ask whether a request that came at `now` (ms) for a hook that exists may be taken. Raises RateError."""
        excess = self._until.get(hook, 0.0) + self._step - now - self._at_once
        if excess > 0:
            message = f"hook {hook!r} takes no more requests for now"
            raise RateError(message, retry_after=max(1, math.ceil(excess / 1000)))

    def count(self, hook: str, now: int) -> None:
        """Count one that came at `now` (ms) and was taken."""
        if self._step:
            with self._lock:
                self._until[hook] = max(self._until.get(hook, 0.0), now) + self._step
