"""One writer at a time over all threads and processes of a host, by `flock`, with a deadline.

Blocking in the kernel is what keeps waiting short: the lock wakes the next writer at once, where polling (or
SQLite's own busy handler) sleeps past it. A blocking `flock` cannot be given a deadline, so it is done by a thread
that outlives an impatient writer: when the lock comes at last and nobody waits for it any more, it is let go.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from bridge.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class WritersLock:
    """The lock of one process. Its file is opened at the first use, never before a fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._descriptor: int | None = None
        self._changed = threading.Condition()
        self._asking = False
        self._wanted = False
        self._granted = False

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Hold the lock for a block. Raises OutboxUnavailableError when it cannot be had within `seconds`."""
        end = monotonic() + seconds
        if not self._mutex.acquire(timeout=seconds):
            raise self._too_late(seconds)
        try:
            if not self._take(end):
                raise self._too_late(seconds)
            try:
                yield
            finally:
                fcntl.flock(self._open(), fcntl.LOCK_UN)
        finally:
            self._mutex.release()

    def close(self) -> None:
        """Close the lock's file. In a process that inherited it by fork this leaves the owner's lock alone."""
        if self._descriptor is not None and not self._asking:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, end: float) -> bool:
        with self._changed:
            return (not self._asking and self._take_at_once()) or self._wait_for_grant(end)

    def _wait_for_grant(self, end: float) -> bool:
        if not self._asking:
            self._ask()
        self._wanted = True
        self._changed.wait_for(lambda: self._granted, timeout=max(0.0, end - monotonic()))
        granted, self._granted, self._wanted = self._granted, False, False
        return granted

    def _take_at_once(self) -> bool:
        try:
            fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _ask(self) -> None:
        self._asking = True
        threading.Thread(target=self._wait_in_kernel, args=(self._open(),), daemon=True, name="outbox-lock").start()

    def _wait_in_kernel(self, descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with self._changed:
            self._asking = False
            self._granted = self._wanted
            if not self._wanted:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            self._changed.notify_all()

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def _too_late(self, seconds: float) -> OutboxUnavailableError:
        return OutboxUnavailableError(
            f"{self._path} is held by another writer for more than {seconds:g} s; look for a process that was stopped"
        )
