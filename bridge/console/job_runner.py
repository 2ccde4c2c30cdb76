"""The thread that carries out the jobs that were started in the console, or that nobody runs any more."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from bridge import log
from bridge.errors import LeadbridgeError
from bridge.operations import acts
from bridge.outbox import acts as stored

if TYPE_CHECKING:
    from bridge.config import Settings
    from bridge.outbox import Outbox


class JobRunner:
    """One thread of this process that carries out the jobs that nobody runs, one after the other.

    Those of a command that was killed, say, are found within the settings' `upkeep_seconds`.
    """

    def __init__(self, store: Outbox, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._notified = threading.Event()
        self._starting = threading.Lock()
        self._process = 0

    def notify(self) -> None:
        """Have the thread look now; start it, if this process has none."""
        with self._starting:
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._run, name="jobs", daemon=True).start()
        self._notified.set()

    def run_waiting(self) -> None:
        """Carry out what waits now. A job that fails is logged and left, and tried again at a later look."""
        for job in stored.waiting_jobs(self._store):
            try:
                acts.run(acts.Parts(self._store, self._settings.mappings), job.job_id)
            except LeadbridgeError as error:
                log.get_logger().error("job.failed", job=job.job_id, act=job.act, error=str(error))
            except Exception as error:  # noqa: BLE001 - the thread must outlive what is wrong with one job
                log.broke(error)

    def _run(self) -> None:
        while True:
            self._notified.wait(self._settings.upkeep_seconds)
            self._notified.clear()
            try:
                self.run_waiting()
            except LeadbridgeError as error:  # the outbox is away
                log.get_logger().error("outbox.unavailable", error=str(error))
