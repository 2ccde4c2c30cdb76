"""A limit of requests per hook, so that a storm on one leaves the others their room."""

from __future__ import annotations

import math
import threading
from typing import Final

from bridge.errors import RateError

WINDOW_MS: Final = 60_000


class HookLimit:
    """Lets so many requests of each hook through in a minute, at once or spread; 0 is no limit.

    A leaky bucket (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm): `_until` says when a hook's bucket is
    empty again.
    """

    def __init__(self, a_minute: int) -> None:
        self._step = WINDOW_MS / a_minute if a_minute else 0.0
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, hook: str, now: int) -> None:
        """Count a request that came at `now` (ms) for a hook that exists. Raises RateError."""
        if not self._step:
            return
        with self._lock:
            until = max(self._until.get(hook, 0.0), now) + self._step
            excess = until - now - WINDOW_MS
            if excess <= 0:
                self._until[hook] = until
                return
        message = f"hook {hook!r} takes no more requests for now"
        raise RateError(message, retry_after=max(1, math.ceil(excess / 1000)))
