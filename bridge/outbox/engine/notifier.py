"""Hints: who stores something new for a deliverer says so, so that an idle one need not look often.

A hint may be lost and may come for nothing; whoever waits for one looks by itself once in a while. It is given after
the commit, and giving it never fails and never waits.
"""

from __future__ import annotations

import os
import select
import stat
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHANNEL = "leadbridge"
PAUSE_SECONDS = 0.02
"""PostgreSQL is told at most this often by each process: a notification takes a lock that all of them share."""


class PipeHints:
    """Between the processes of one host: a named pipe next to the SQLite file. One of those who wait is woken."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._to: int | None = None
        self._from: int | None = None

    def give(self) -> None:
        """Wake one who waits, if there is one."""
        try:
            if self._to is None:
                self._to = _opened(self._path, os.O_WRONLY)
            os.write(self._to, b"!")
        except BlockingIOError:
            pass  # enough hints lie there already
        except OSError:  # nobody waits, or whoever did is gone
            self._forget_writer()

    def wait(self, seconds: float) -> bool:
        """Wait for a hint; whether one came. Later ones that lie there already count as one."""
        if self._from is None:
            with suppress(FileExistsError):
                os.mkfifo(self._path, 0o600)
            self._from = _opened(self._path, os.O_RDWR)  # for writing too, so that it never ends
        readable, _, _ = select.select([self._from], [], [], seconds)
        with suppress(BlockingIOError):
            while readable and len(os.read(self._from, 4096)) == 4096:
                pass
        return bool(readable)

    def close(self) -> None:
        """Close both ends."""
        self._forget_writer()
        if self._from is not None:
            os.close(self._from)
            self._from = None

    def _forget_writer(self) -> None:
        writer, self._to = self._to, None
        if writer is not None:
            with suppress(OSError):  # another thread was quicker
                os.close(writer)


def _opened(path: Path, access: int) -> int:
    """The pipe. Raises OSError when nobody reads it, or when something else is there."""
    descriptor = os.open(path, access | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileExistsError(f"{path} is no named pipe; move it away")
    return descriptor


class NotifyHints:
    """Between hosts: PostgreSQL's NOTIFY, by a thread and a connection of its own, never in a receiving transaction."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._started = False
        self._listening: psycopg.Connection[Any] | None = None

    def give(self) -> None:
        """Have all who wait woken soon."""
        if not self._asked.is_set():
            self._asked.set()
            with self._lock:
                if not self._started:
                    self._started = True
                    threading.Thread(target=self._notify, name="outbox-hints", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for a hint; whether one came. Raises psycopg.Error; the next call connects again."""
        try:
            if self._listening is None:
                self._listening = self._connect()
                self._listening.execute(f"LISTEN {CHANNEL}")
            return any(True for _ in self._listening.notifies(timeout=seconds, stop_after=1))
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        """Stop listening."""
        connection, self._listening = self._listening, None
        if connection is not None:
            connection.close()

    def _notify(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while True:
            self._asked.wait()
            self._asked.clear()
            try:
                connection = connection or self._connect()
                connection.execute(f"NOTIFY {CHANNEL}")
            except psycopg.Error:  # the hint is lost; the next one tries again
                if connection is not None:
                    connection.close()
                connection = None
            time.sleep(PAUSE_SECONDS)
