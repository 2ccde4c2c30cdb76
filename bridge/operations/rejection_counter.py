"""How many requests were rejected, counted in memory and written every few seconds: a storm of them costs no writes."""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from typing import TYPE_CHECKING, Final

from bridge import errors, log
from bridge.outbox import inbox
from bridge.outbox.engine import WokenThread

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.engine import Turns

FLUSH_SECONDS: Final = 2.0

WHY: Final[dict[type[errors.LeadbridgeError], str]] = {
    errors.UnknownHookError: "unknown_hook",
    errors.ClosedHookError: "closed",
    errors.MethodError: "method",
    errors.SignatureError: "signature",
    errors.HandshakeError: "handshake",
    errors.UnreadableError: "unreadable",
    errors.MediaTypeError: "media_type",
    errors.TooLargeError: "too_large",
    errors.RateError: "rate",
    errors.MalformedError: "malformed",
}
"""The word for each reason, in logs, metrics and `show`."""


class Rejected:
    """The rejected requests of one process that the outbox does not know of yet.

    A thread of its own writes them down a while after the first; it ends, and the rest is written, as `store` closes.
    """

    def __init__(self, store: Outbox, *, flush_seconds: float = FLUSH_SECONDS) -> None:
        self._store = store
        self._flush_seconds = flush_seconds
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._thread = WokenThread("rejected", self._write_now_and_then)
        store.before_closing(self._close)
        atexit.register(self.flush)

    def note(self, hook: str, why: str) -> None:
        """Count one. The name of a hook that nobody knows is not stored: anybody can invent them without end."""
        with self._lock:
            self._counts["" if why == "unknown_hook" else hook, why] += 1
        self._thread.wake()

    def flush(self) -> None:
        """Write down what was counted since the last time. What cannot be written is left for the next."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            inbox.add_rejections(self._store, counts, at=self._store.now())
        except errors.OutboxError as error:
            log.get_logger().error("outbox.unavailable", error=str(error))
            with self._lock:
                self._counts += counts

    def _close(self) -> None:
        self._thread.close()
        self.flush()

    def _write_now_and_then(self, turns: Turns) -> None:
        while turns.next():
            turns.rest(self._flush_seconds)
            self.flush()
            if self._counts:  # the outbox is away
                turns.woken.set()
