"""How busy the workers of one server are, each to the others: in memory that they share since the fork."""

from __future__ import annotations

import mmap
from typing import Final

SLOTS: Final = 64
"""More workers than this are not told apart."""

FRESH_SECONDS: Final = 2.0
"""What a worker said longer ago does not count: it may have ended."""

_BYTES: Final = 8


class Balance:
    """A place for each worker's clients, made before the fork."""

    def __init__(self) -> None:
        self._clients = memoryview(mmap.mmap(-1, SLOTS * _BYTES)).cast("q")
        self._said_at = memoryview(mmap.mmap(-1, SLOTS * _BYTES)).cast("d")

    def tell(self, slot: int, clients: int, now: float) -> None:
        """Say how many clients the worker of this slot has; `now` is the host's monotonic clock, in seconds."""
        self._clients[slot] = clients
        self._said_at[slot] = now

    def another_is_freer(self, clients: int, now: float) -> bool:
        """Whether another worker has at least two clients less than so many."""
        return any(
            self._clients[slot] < clients - 1
            for slot in range(SLOTS)
            if now - FRESH_SECONDS < self._said_at[slot] <= now
        )
