"""Weeks of upkeep in an hour: what came minutes ago is made 401 days old, and is purged as the service purges.

The purge is that of `leadbridge purge`, which goes in the service's own steps and pauses; here it starts once a minute.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from bridge.model import DAY_MS
from bridge.operations.retention import PAUSE_SECONDS, purge_all

if TYPE_CHECKING:
    from bridge.outbox import Outbox

BACK_MS: Final = 401 * DAY_MS
YOUNG_MS: Final = 120_000
"""What is younger is left alone."""

STEP: Final = 100
PURGE_EVERY_SECONDS: Final = 60.0
AGE_EVERY_SECONDS: Final = 5.0

_AGE: Final = {
    "requests": "UPDATE requests SET received_at = received_at - ? WHERE id > ? AND id <= ?",
    "calls": "UPDATE calls SET started_at = started_at - ?, counts_until = 0 WHERE id > ? AND id <= ?",
}
_END: Final = {
    "requests": "SELECT id FROM requests WHERE id > ? AND received_at < ? ORDER BY id LIMIT ?",
    "calls": "SELECT id FROM calls WHERE id > ? AND ended_at IS NOT NULL AND counts_until < ? ORDER BY id LIMIT ?",
}


class Upkeep:
    """Ages and purges one outbox in a thread of its own.

    `purges` are when each purge started and ended, in seconds since the epoch.
    """

    def __init__(self, store: Outbox) -> None:
        self._store = store
        self._done = dict.fromkeys(_AGE, 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep")
        self.purges: list[tuple[float, float]] = []

    def start(self) -> None:
        """Start."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is in flight."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        purge_at = time.monotonic() + PURGE_EVERY_SECONDS
        while not self._stop.wait(AGE_EVERY_SECONDS):
            for table in _AGE:
                while self._age(table) and not self._stop.wait(PAUSE_SECONDS):
                    pass
            if time.monotonic() >= purge_at:
                purge_at += PURGE_EVERY_SECONDS
                self._purge()

    def _age(self, table: str) -> bool:
        """Make the next rows of a table old; whether there may be more."""
        with self._store.write() as transaction:
            before = transaction.now() - (YOUNG_MS if table == "requests" else 0)
            connection, sign = transaction.connection, "?" if transaction.dialect == "sqlite" else "%s"
            after = self._done[table]
            found: list[Any] = connection.execute(_END[table].replace("?", sign), (after, before, STEP)).fetchall()
            if not found:
                return False
            self._done[table] = found[-1]["id"]
            connection.execute(_AGE[table].replace("?", sign), (BACK_MS, after, self._done[table]))
        return len(found) == STEP

    def _purge(self) -> None:
        started = time.time()
        now = self._store.now()
        purge_all(self._store, bodies_before=now - 30 * DAY_MS, events_before=now - 400 * DAY_MS)
        self.purges.append((started, time.time()))
