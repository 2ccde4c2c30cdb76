"""The reconciliation that runs by itself: once in so many hours, by one host, as a job like those of people.

It leaves half of the calls of Get Leads to people who compare something meanwhile, and touches no API that leads go to.
What cannot go on now (the calls are used up, Zoho is away) goes on at a later look from where it was.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.errors import LeadbridgeError
from bridge.model import HOUR_MS, MINUTE_MS
from bridge.operations import acts
from bridge.outbox import acts as stored
from bridge.outbox import registry
from bridge.outbox.acts import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.config import Settings
    from bridge.delivery.account import Account
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Job

LEASE_MS: Final = MINUTE_MS
SPAN_MS: Final = 48 * HOUR_MS
"""What was received within this time is compared: with a run a day each lead is looked at twice."""

SHARE: Final = "alarm_percent"
"""The job's option with the share of leads that may be missing."""


class DailyReconciliation:
    """Starts a job every `hours` (0: never) and runs it. `accounts` are those that can be asked."""

    def __init__(self, store: Outbox, settings: Settings, accounts: Mapping[str, Account]) -> None:
        self._store = store
        self._settings = settings
        self._accounts = {name: _leaving_half(account) for name, account in accounts.items()}
        self._holder = registry.this_process()
        self._failure = ""

    def start(self, stop: threading.Event) -> None:
        """Look every `upkeep_seconds`, in a thread of its own, until `stop` is set; without hours do nothing."""
        if self._settings.reconcile_hours:
            threading.Thread(target=self._run, args=(stop,), name="reconcile", daemon=True).start()

    def look(self) -> Job | None:
        """Start the job that is due, and do what can be done now of the one that is open; that job, if there is one."""
        if not self._is_leader():
            return None
        job = self._open_job()
        if job is None or job.lease_until > self._store.now():
            return job
        try:
            job = acts.run(acts.Parts(self._store, self._settings.mappings, account=self._account), job.job_id)
            self._failure = ""
        except LeadbridgeError as error:
            if str(error) != self._failure:  # a failure that goes on is reported once
                log.get_logger().warning("job.failed", job=job.job_id, act=job.act, error=str(error))
            self._failure = str(error)
        return job

    def _is_leader(self) -> bool:
        return registry.acquire_leader_lease(self._store, "reconcile", self._holder, lease_ms=LEASE_MS)

    def _open_job(self) -> Job | None:
        """The job that is neither stopped nor at its end; a new one if the last one was started long enough ago."""
        last = next(iter(stored.jobs_by(self._store, source=acts.SERVICE, limit=1)), None)
        if last is not None and acts.status_of(last) == "open":
            return last
        if last is not None and self._store.now() - last.started_at < self._settings.reconcile_hours * HOUR_MS:
            return None
        choice = acts.expected(self._store, since=self._store.now() - SPAN_MS, accounts=frozenset(self._accounts))
        if not self._is_leader():  # choosing took so long that another host may have started one
            return None
        actor = Actor(name=socket.gethostname(), source=acts.SERVICE)
        return acts.start(self._store, choice, actor=actor, options={SHARE: self._settings.reconcile_alarm_percent})

    def _account(self, name: str) -> Account:
        if name not in self._accounts:
            raise LeadbridgeError(f"there is no Zoho account {name!r} in the settings")
        return self._accounts[name]

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(self._settings.upkeep_seconds):
            try:
                self.look()
            except LeadbridgeError as error:
                log.get_logger().error("outbox.unavailable", error=str(error))
            except Exception as error:  # noqa: BLE001 - the thread must outlive what is wrong with one job
                log.broke(error)


def _leaving_half(account: Account) -> Account:
    limits = account.limits["leads"]
    return replace(account, limits={**account.limits, "leads": replace(limits, budget=max(1, limits.budget // 2))})
