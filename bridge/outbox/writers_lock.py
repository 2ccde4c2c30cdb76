"""One writer at a time over all threads and processes of a host, by `flock`, with a deadline.

A blocking `flock` cannot be given a deadline, and asking again and again sleeps past the moment when the lock is free
(SQLite's own busy handler shows how far). So whoever lets go of the lock writes a byte into a pipe, and whoever waits
for it waits for that byte. The byte of a process that was killed never comes, and another may read ours: so one who
waits asks again after a few milliseconds all the same.
"""

from __future__ import annotations

import fcntl
import os
import select
import threading
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from bridge.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASK_AGAIN_SECONDS: Final = 0.004


class WritersLock:
    """The lock of one process. Its files are opened at the first use, never before a fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._lock: int | None = None
        self._turns = -1

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Hold the lock for a block. Raises OutboxUnavailableError when it cannot be had within `seconds`."""
        end = monotonic() + seconds
        if not self._mutex.acquire(timeout=seconds):
            raise self._too_late(seconds)
        try:
            lock = self._lock if self._lock is not None else self._open()
            while not _taken(lock):
                left = end - monotonic()
                if left <= 0:
                    raise self._too_late(seconds)
                self._wait_for_turn(min(left, ASK_AGAIN_SECONDS))
            try:
                yield
            finally:
                fcntl.flock(lock, fcntl.LOCK_UN)
                with suppress(BlockingIOError):  # enough bytes lie there
                    os.write(self._turns, b"!")
        finally:
            self._mutex.release()

    def close(self) -> None:
        """Close the lock's files. In a process that inherited them by fork this leaves the owner's lock alone."""
        if self._lock is not None:
            os.close(self._lock)
            os.close(self._turns)
            self._lock = None

    def _open(self) -> int:
        turns = self._path.with_name(f"{self._path.name}.turns")
        with suppress(FileExistsError):
            os.mkfifo(turns, 0o600)
        self._turns = os.open(turns, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._lock = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._lock

    def _wait_for_turn(self, seconds: float) -> None:
        select.select([self._turns], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._turns, 65_536)

    def _too_late(self, seconds: float) -> OutboxUnavailableError:
        return OutboxUnavailableError(
            f"{self._path} is held by another writer for more than {seconds:g} s; look for a process that was stopped"
        )


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
