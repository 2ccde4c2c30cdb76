"""A thread that works for an outbox when there is something to do, and ends before the outbox is closed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

END_SECONDS: Final = 10.0
"""How long closing waits for a thread's work to end: longer than for any lock or connection."""


class WokenThread:
    """A thread of this process. The first `wake` starts it, so after any fork; after `close` the next one does again.

    `work` is run in it, with its turns: it works once each time `Turns.next` says so, and returns when that says no.
    """

    def __init__(self, name: str, work: Callable[[Turns], None]) -> None:
        self._name = name
        self._work = work
        self._lock = threading.Lock()
        self._running: tuple[threading.Thread, Turns] | None = None

    def wake(self) -> None:
        """Have it work soon, once for all that wake it meanwhile. Never fails, never waits for the work."""
        running = self._running or self._start()
        running[1].woken.set()

    def close(self) -> None:
        """End the thread, after the work that it is at. It must not be called by the work itself."""
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            thread, turns = running
            turns.end()
            thread.join(END_SECONDS)

    def _start(self) -> tuple[threading.Thread, Turns]:
        with self._lock:
            if self._running is None:
                turns = Turns()
                thread = threading.Thread(target=self._work, args=(turns,), name=self._name, daemon=True)
                self._running = thread, turns
                thread.start()
            return self._running


class Turns:
    """When a woken thread works, and how long it rests."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self._ended = threading.Event()

    def next(self) -> bool:
        """Wait until the thread is woken; False when it is to end."""
        self.woken.wait()
        self.woken.clear()
        return not self._ended.is_set()

    def rest(self, seconds: float) -> None:
        """Wait so long, no longer than until the thread is to end."""
        self._ended.wait(seconds)

    def end(self) -> None:
        """Have the thread end."""
        self._ended.set()
        self.woken.set()
