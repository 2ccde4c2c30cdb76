"""Answers that wait a moment: those that refuse, once there are many of them.

Who posts in a loop what is refused anyway posts the next one when this one is answered. Held back, such a storm takes
no more of the worker's time than a few requests a second for each of its connections.
"""

from __future__ import annotations

import heapq
import random
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bridge.web.server.connection import Connection

AT_ONCE: Final = 50
A_SECOND: Final = 25
"""So many refusals leave at once, and so many of every second after them; the others wait."""

DELAY_SECONDS: Final = (0.5, 1.5)
"""How long they wait, at least and at most: evenly spread, so that they do not come back together."""

_REFUSES: Final = (b"HTTP/1.1 4", b"HTTP/1.1 5")


class Delayed:
    """The clients whose answers wait, `most` of them; beyond that, answers leave at once. Threads share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._recent, self._counted_at = 0.0, 0.0
        self._waiting: list[tuple[float, int, Connection]] = []
        self._lock = threading.Lock()

    def holds(self, client: Connection, answer: bytes, now: float) -> bool:
        """Whether this answer is one of many that refuse, and is held back: the client waits for it until it is due."""
        if not answer.startswith(_REFUSES):
            return False
        with self._lock:
            self._recent = max(0.0, self._recent - (now - self._counted_at) * A_SECOND)
            self._counted_at = now
            if self._recent < AT_ONCE:
                self._recent += 1
                return False
            if len(self._waiting) >= self._most:
                return False
            client.outgoing += answer
            heapq.heappush(self._waiting, (now + random.uniform(*DELAY_SECONDS), id(client), client))  # noqa: S311
            return True

    def due(self, now: float) -> list[Connection]:
        """Those that have waited long enough, taken out."""
        with self._lock:
            found = []
            while self._waiting and self._waiting[0][0] <= now:
                found.append(heapq.heappop(self._waiting)[2])
            return found

    def seconds_to_next(self, now: float, most: float) -> float:
        """How long it is until one is due, at most `most`."""
        with self._lock:
            return min(most, max(0.0, self._waiting[0][0] - now)) if self._waiting else most
