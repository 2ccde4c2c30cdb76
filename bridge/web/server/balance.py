"""What the workers of one server know of each other: how busy each is and where, in memory shared since the fork."""

from __future__ import annotations

import mmap
from typing import Final

SLOTS: Final = 64
"""More workers than this are not told apart."""

FRESH_SECONDS: Final = 2.0
"""What a worker said longer ago does not count: it may have ended."""

_BYTES: Final = 8


class Balance:
    """A slot for each worker, made before the fork."""

    def __init__(self) -> None:
        self._clients = memoryview(mmap.mmap(-1, SLOTS * _BYTES)).cast("q")
        self._processors = memoryview(mmap.mmap(-1, SLOTS * _BYTES)).cast("q")
        self._said_at = memoryview(mmap.mmap(-1, SLOTS * _BYTES)).cast("d")

    def tell(self, slot: int, clients: int, now: float) -> None:
        """Say how many clients the worker of this slot has; `now` is the host's monotonic clock, in seconds."""
        self._clients[slot] = clients
        self._said_at[slot] = now

    def another_is_freer(self, clients: int, now: float) -> bool:
        """Whether another worker has at least two clients less than so many."""
        return any(self._clients[slot] < clients - 1 for slot in self._working(now))

    def take_processor(self, slot: int, count: int, now: float) -> int:
        """One of so many processors for the worker of this slot, counted from 0: one that no other worker has."""
        taken = {self._processors[other] for other in self._working(now) if other != slot}
        inclined = slot % count
        free = [one % count for one in range(inclined, inclined + count) if one % count not in taken]
        self._processors[slot] = (free or [inclined])[0]
        return (free or [inclined])[0]

    def _working(self, now: float) -> list[int]:
        return [slot for slot in range(SLOTS) if now - FRESH_SECONDS < self._said_at[slot] <= now]
