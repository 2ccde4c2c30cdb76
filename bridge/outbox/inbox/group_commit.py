"""Group commit: threads that want to store something share a transaction, and one of them carries it out.

The first to come leads; those that come while it works gather, and the first of them leads next. No thread of our own
is needed, so nothing has to be started after a fork, and nothing is left hanging when a thread dies: whatever ends a
leader's turn, the next is woken. Each waits on a lock of its own, the cheapest way to wake exactly one thread.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from bridge.errors import OutboxUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Item = TypeVar("Item")
    Result = TypeVar("Result")
    Commit = Callable[[Callable[[], Sequence[Item]]], Sequence[Result]]
else:
    Item, Result = TypeVar("Item"), TypeVar("Result")

MAX_BATCH = 512


class Group(Generic[Item, Result]):
    """Those of one process that store something. `commit` gets a function that gives the items gathered so far.

    It is to call that once, when its turn to write has come, and to give a result for each item. What it raises is
    raised for all of them.
    """

    def __init__(self, commit: Commit[Item, Result], wait_seconds: float) -> None:
        self._commit = commit
        self._wait_seconds = wait_seconds
        self._mutex = threading.Lock()
        self._gathered: list[_Job[Item, Result]] = []
        self._led = False
        self._own = threading.local()

    def submit(self, item: Item) -> Result:
        """Store one item with others; its result.

        Raises OutboxUnavailableError when that takes too long, and what `commit` raises.
        """
        job: _Job[Item, Result] = _Job(item, self._signal())
        with self._mutex:
            self._gathered.append(job)
            leads = not self._led
            self._led = True
        if not leads:
            self._wait(job)
        if not job.done:
            self._lead(job)
        return job.outcome()

    def _signal(self) -> threading.Lock:
        """This thread's own lock, held: it waits by taking it once more, another thread wakes it by letting it go."""
        signal: threading.Lock | None = getattr(self._own, "signal", None)
        if signal is None:
            signal = self._own.signal = threading.Lock()
            signal.acquire()
        return signal

    def _wait(self, job: _Job[Item, Result]) -> None:
        """Wait until the job is done or this thread is to lead.

        Raises OutboxUnavailableError when neither happens in time.
        """
        if job.signal.acquire(timeout=self._wait_seconds):
            return
        with self._mutex:
            if job.woken:  # at the last moment
                job.signal.acquire()
                return
            job.woken = True  # from now on nobody lets its signal go
            if job.done or job.leads:
                return
            if job in self._gathered:
                self._gathered.remove(job)
        raise OutboxUnavailableError(f"the outbox took more than {self._wait_seconds:g} s; send it again")

    def _lead(self, job: _Job[Item, Result]) -> None:
        taken: list[_Job[Item, Result]] = []

        def take() -> Sequence[Item]:
            with self._mutex:
                taken.extend(self._gathered[:MAX_BATCH])
                del self._gathered[:MAX_BATCH]
            return [one.item for one in taken]

        try:
            results = self._commit(take)
            for one, result in zip(taken, results, strict=True):
                one.result = result
        except Exception as error:  # noqa: BLE001 - whatever it is, each of them raises it
            for one in taken or [job]:
                one.error = error
        except BaseException:
            for one in taken or [job]:
                one.error = OutboxUnavailableError("the thread that stored it was stopped; send it again")
            raise
        finally:
            self._end(job, taken)

    def _end(self, leader: _Job[Item, Result], taken: Sequence[_Job[Item, Result]]) -> None:
        """Wake those whose jobs are done, and the first that waits, to lead."""
        with self._mutex:
            if leader in self._gathered:  # its turn to write never came
                self._gathered.remove(leader)
            leader.done = True
            for one in taken:
                one.done = True
            self._led = bool(self._gathered)
            for one in self._gathered[:1]:
                one.leads = True
            for one in (*taken, *self._gathered[:1]):
                if one is not leader and not one.woken:
                    one.woken = True
                    one.signal.release()


class _Job(Generic[Item, Result]):
    """One item on its way."""

    __slots__ = ("done", "error", "item", "leads", "result", "signal", "woken")

    result: Result

    def __init__(self, item: Item, signal: threading.Lock) -> None:
        self.item = item
        self.signal = signal
        self.error: BaseException | None = None
        self.done = self.leads = self.woken = False

    def outcome(self) -> Result:
        """What came of it. Raises what went wrong."""
        if self.error is None:
            return self.result
        if isinstance(self.error, OutboxUnavailableError):
            raise OutboxUnavailableError(str(self.error)) from self.error
        raise self.error
