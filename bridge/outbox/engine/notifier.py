"""Notifications: storing something for a deliverer notifies it, so that an idle deliverer need not poll often.

A notification may be lost or superfluous; a waiting deliverer also polls once in a while. It is sent after the
commit, and sending it never fails and never blocks.
"""

from __future__ import annotations

import os
import select
import stat
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from bridge.outbox.engine.files import give_to_folder_owner

if TYPE_CHECKING:
    from pathlib import Path


class PipeNotifier:
    """Between the processes of one host: a named pipe next to the SQLite file. One waiting deliverer is notified."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writes = threading.Lock()
        self._to: int | None = None
        self._waits = threading.Lock()
        self._from: int | None = None

    def notify(self) -> None:
        """Notify one waiting deliverer, if there is one."""
        with self._writes:
            try:
                if self._to is None:
                    self._to = _opened(self._path, os.O_WRONLY)
                os.write(self._to, b"!")
            except BlockingIOError:
                pass  # enough notifications are queued already
            except OSError:  # nobody waits, or whoever did is gone
                self._close_writer()

    def wait(self, seconds: float) -> bool:
        """Wait for a notification; whether one came. All that are queued count as one."""
        with self._waits:
            if self._from is None:
                with suppress(FileExistsError):
                    os.mkfifo(self._path, 0o600)
                    give_to_folder_owner(self._path)
                self._from = _opened(self._path, os.O_RDWR)  # for writing too, so that it never ends
            readable, _, _ = select.select([self._from], [], [], seconds)
            with suppress(BlockingIOError):
                while readable and len(os.read(self._from, 4096)) == 4096:
                    pass
            return bool(readable)

    def close(self) -> None:
        """Close both ends, once who waits has waited: the next file that is opened gets the number of a closed one."""
        with self._writes:
            self._close_writer()
        with self._waits:
            if self._from is not None:
                os.close(self._from)
            self._from = None

    def _close_writer(self) -> None:
        if self._to is not None:
            os.close(self._to)
        self._to = None


def _opened(path: Path, access: int) -> int:
    """The pipe. Raises OSError when nobody reads it, or when something else is there."""
    descriptor = os.open(path, access | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileExistsError(f"{path} is not a named pipe; move it away")
    return descriptor
