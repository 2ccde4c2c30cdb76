"""Time that passes only when everybody waits: a month of calls in minutes, against the real code.

What happens at a time is a task in a thread of its own, so that it may wait like any code does. But only one runs at
once, and the clock stands still while it runs: the same tasks always happen in the same order.
"""

from __future__ import annotations

import heapq
import threading
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class KilledError(BaseException):
    """Ends a task whose process is dead, wherever it waits; no code may catch it."""


@dataclass(slots=True, eq=False)
class Process:
    """Tasks that die together: from `kill` on, none of them runs any further."""

    is_dead: bool = False

    def kill(self) -> None:
        """As kill -9: what has started is never finished."""
        self.is_dead = True


@dataclass(slots=True, order=True)
class _Entry:
    at_ms: float
    number: int
    wake: Callable[[], None] = field(compare=False)


class VirtualTime:
    """A clock, and what is to happen by it. `now_ms` is milliseconds UTC."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms: float = now_ms
        self._entries: list[_Entry] = []
        self._count = 0
        self._turn = threading.Semaphore(0)
        self._own = threading.local()
        self._failure: BaseException | None = None

    def clock(self) -> int:
        """Now, in milliseconds UTC."""
        return int(self.now_ms)

    def monotonic(self) -> float:
        """Now, in seconds, by a clock that nobody sets."""
        return self.now_ms / 1000

    def at(self, at_ms: float, task: Callable[[], Any], process: Process | None = None) -> None:
        """Let a task happen at a time, or at once where that is past; it is one of the tasks of `process`."""
        self._enter(at_ms, lambda: self._start(task, process))

    def sleep(self, seconds: float) -> None:
        """For a task: wait. Raises KilledError when its process has died meanwhile."""
        woken = threading.Event()
        self._enter(self.now_ms + seconds * 1000, woken.set)
        self._turn.release()
        woken.wait()
        process: Process | None = getattr(self._own, "process", None)
        if process is not None and process.is_dead:
            raise KilledError

    def run(self, until_ms: float) -> None:
        """Let everything happen up to a time. An error in a task is raised here."""
        while self._entries and self._entries[0].at_ms <= until_ms:
            entry = heapq.heappop(self._entries)
            self.now_ms = max(self.now_ms, entry.at_ms)
            entry.wake()
            self._turn.acquire()
            if self._failure is not None:
                raise self._failure
        self.now_ms = max(self.now_ms, until_ms)

    def _enter(self, at_ms: float, wake: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._entries, _Entry(at_ms, self._count, wake))

    def _start(self, task: Callable[[], Any], process: Process | None) -> None:
        threading.Thread(target=self._run, args=(task, process), daemon=True).start()

    def _run(self, task: Callable[[], Any], process: Process | None) -> None:
        self._own.process = process
        try:
            if process is None or not process.is_dead:
                task()
        except KilledError:
            pass  # its process is gone; that is what the test wanted
        except BaseException as error:  # noqa: BLE001 - handed to whoever runs the clock
            self._failure = error
        finally:
            self._turn.release()


class VirtualPool(Executor):
    """The threads of one process in virtual time. Nothing waits for what was submitted."""

    def __init__(self, time: VirtualTime, process: Process) -> None:
        self._time = time
        self._process = process

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let `fn` start now, next to its caller."""
        self._time.at(self._time.now_ms, lambda: fn(*args, **kwargs), self._process)
        return Future()
