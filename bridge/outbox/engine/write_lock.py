"""One writer at a time over all threads and processes of a host, by `flock`, with a deadline.

Blocking in the kernel is what keeps waiting short: the lock wakes the next writer at once and in turn, where polling
(or SQLite's own busy handler) sleeps past it. A blocking `flock` has no deadline of its own, so a thread that sleeps
while nobody waits ends an overdue wait by a signal to the waiting thread. The C library is called directly for that:
`fcntl.flock` takes up a wait again that a signal ended. https://man7.org/linux/man-pages/man2/flock.2.html (EINTR)
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import signal
import threading
from contextlib import contextmanager
from functools import cache
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from bridge.errors import OutboxUnavailableError
from bridge.outbox.engine.files import open_private
from bridge.outbox.engine.woken_thread import WokenThread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.outbox.engine.woken_thread import Turns

SIGNAL: Final = signal.SIGURG
"""It ends a wait. Where it comes too late it does nothing, with a handler or without one."""

LOOK_SECONDS: Final = 0.05
"""How long after its deadline a wait may last."""


class WritersLock:
    """The lock of one process. Its file is opened at the first use, never before a fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._descriptor: int | None = None
        self._overseer = _Overseer()

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Hold the lock for a block. Raises OutboxUnavailableError when it cannot be obtained within `seconds`."""
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
        """Close the lock's file and end the thread that watches over waits."""
        self._overseer.thread.close()
        self.close_file()

    def close_file(self) -> None:
        """Close the lock's file only. In a process that inherited it by fork this leaves the owner's lock alone."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, end: float) -> bool:
        descriptor = self._open()
        if _take_at_once(descriptor):
            return True
        if not waits_can_be_ended():
            return _ask_again_and_again(descriptor, end)
        with self._overseer.watching(end):
            return _wait_in_kernel(descriptor, end)

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = open_private(self._path)
        return self._descriptor

    def _too_late(self, seconds: float) -> OutboxUnavailableError:
        return OutboxUnavailableError(
            f"{self._path} is held by another writer for more than {seconds:g} s; look for a process that was stopped"
        )


def let_waits_be_ended() -> None:
    """Let the signal reach those who wait. Python allows that in the main thread only; elsewhere nothing happens."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(SIGNAL) is not _heard:
        signal.signal(SIGNAL, _heard)


def waits_can_be_ended() -> bool:
    """Whether `let_waits_be_ended` did so in this process, or in the one that it was forked from."""
    return signal.getsignal(SIGNAL) is _heard


def _heard(*_: object) -> None:
    """Nothing: the signal is there to end a system call."""


class _Overseer:
    """Ends the wait of one thread when it is overdue."""

    def __init__(self) -> None:
        self.thread = WokenThread("outbox-lock", self._oversee)
        self._mutex = threading.Lock()
        self._waiting: tuple[int, float] | None = None

    @contextmanager
    def watching(self, end: float) -> Iterator[None]:
        """Watch over the wait of this thread, which is to end then."""
        with self._mutex:
            self._waiting = threading.get_ident(), end
        self.thread.wake()
        try:
            yield
        finally:
            with self._mutex:
                self._waiting = None

    def _oversee(self, turns: Turns) -> None:
        while turns.next():
            turns.rest(LOOK_SECONDS)
            with self._mutex:
                if self._waiting is None:
                    continue
                if monotonic() >= self._waiting[1]:
                    signal.pthread_kill(self._waiting[0], SIGNAL)  # again and again: it may come before the wait starts
            turns.woken.set()


def _take_at_once(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_in_kernel(descriptor: int, end: float) -> bool:
    library = _library()
    while library.flock(descriptor, fcntl.LOCK_EX):
        if ctypes.get_errno() != errno.EINTR:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        if monotonic() >= end:
            return False
    return True


def _ask_again_and_again(descriptor: int, end: float) -> bool:
    """Where nobody could end a wait: without turns, but in time."""
    while not _take_at_once(descriptor):
        if monotonic() >= end:
            return False
        sleep(0.001)
    return True


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
