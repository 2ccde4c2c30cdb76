"""What one process of all does for the others: it watches, stores the totals of each hour, and purges what is old.

Alarms are logged here, and stored for those who report them to people.

The deliverer and the health pages' process each run it, so that a dead one is noticed by the other; which of them
works is agreed in the outbox.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.errors import OutboxError
from bridge.model import MINUTE_MS, AlarmSeverity
from bridge.operations.acts import log_audit
from bridge.operations.alarms import alarms, unwritable
from bridge.operations.alarms.inputs import read_inputs
from bridge.operations.reporting.channels import open_channels
from bridge.operations.reporting.reporter import start_reporters
from bridge.operations.retention import Retention, pause_after
from bridge.outbox import counters, registry
from bridge.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.config import Settings
    from bridge.model import Alarm
    from bridge.outbox import Outbox

LEAST_PAUSE_SECONDS: Final = 1.0
LEASE_MS: Final = 20_000
CLEARED_AFTER_MS: Final = MINUTE_MS
"""An alarm that is away for less is still the same one, for those who report it."""

PURGE_SECONDS: Final = 4.0
"""How long one look purges at most, its pauses included: while much is to go, most of the time between two looks."""


class Upkeep:
    """The upkeep of one outbox by this process. Holds the alarms that stood at its last look.

    That the outbox is away is logged and reported by the process that was the leader; where no process ever reached
    it, by those with `reports_first`.
    """

    def __init__(self, store: Outbox, settings: Settings, *, reports_first: bool = False) -> None:
        self._store = store
        self._settings = settings
        self._is_leader = reports_first
        self._outage: Alarm | None = None
        self.unwritable_for = ""
        """Why the outbox could not be written at the last look; empty where it could."""
        self._accounts = tuple(settings.accounts)
        self._retention = Retention(
            store, keep_bodies_days=settings.keep_bodies_days, keep_events_days=settings.keep_events_days
        )
        self._holder = registry.this_process()
        self._active: dict[tuple[str, str, str], Alarm] = {}

    def start(self, stop: threading.Event) -> None:
        """Look every `upkeep_seconds` and report alarms, in threads of their own, until `stop` is set."""
        start_reporters(
            self._store,
            open_channels(self._settings),
            least=self._settings.alarms.severity,
            outage=lambda: self._outage,
            clock=now_ms,
            stop=stop,
            step_seconds=self._settings.upkeep_seconds,
        )
        threading.Thread(target=self._run, args=(stop,), name="upkeep", daemon=True).start()

    def look(self, stop: threading.Event | None = None) -> tuple[Alarm, ...]:
        """One look: log what was raised and cleared, and do a little of what is to be done. The alarms that stand."""
        try:
            self._is_leader = registry.acquire_leader_lease(self._store, "upkeep", self._holder, lease_ms=LEASE_MS)
            if not self._is_leader:
                self._store.check()
            self._outage, self.unwritable_for = None, ""
            if not self._is_leader:
                self._active.clear()
                return ()
            counters.note_totals(self._store)
            log_audit(self._store)
            found = alarms(read_inputs(self._store, self._accounts))
            self._compare(found)
            registry.note_alarms(self._store, found, linger_ms=CLEARED_AFTER_MS)
            self._purge(stop or threading.Event())
            self._store.hold_reserve()
        except OutboxError as error:
            self.unwritable_for = str(error)
            found = (unwritable(str(error)),)
            if self._is_leader:
                self._compare((*self._active.values(), *found))  # what cannot be looked at has not ended
                self._outage = self._outage or replace(found[0], raised_at=now_ms())
            else:
                self._active = {found[0].key: found[0]}  # whoever leads afterwards says that it is cleared
        return found

    def _run(self, stop: threading.Event) -> None:
        with suppress(OutboxError):  # what comes before the first look is counted in its hour
            counters.note_totals(self._store)
        seconds = self._settings.upkeep_seconds
        pause = 2 * seconds  # so long a deliverer that is started at the same time has to be seen
        while not stop.wait(pause):
            started = monotonic()
            try:
                self.look(stop)
            except Exception as error:  # noqa: BLE001 - an error here must not end the watch
                log.broke(error)
            pause = max(min(LEAST_PAUSE_SECONDS, seconds), seconds - (monotonic() - started))

    def _compare(self, found: Sequence[Alarm]) -> None:
        active = {alarm.key: alarm for alarm in found}
        for key, alarm in active.items():
            if key not in self._active:
                _log_raised(alarm, alarm.since or now_ms())
        for key, alarm in self._active.items():
            if key not in active:
                log.get_logger().info(
                    "alarm.cleared", alarm=alarm.name, subject=alarm.subject, severity=alarm.severity.value
                )
        self._active = active

    def _purge(self, stop: threading.Event) -> None:
        started = monotonic()
        until = started + PURGE_SECONDS
        while self._retention.step(self._store.now()) and started < until:
            if stop.wait(pause_after(monotonic() - started)):
                return
            started = monotonic()


def _log_raised(alarm: Alarm, since: int) -> None:
    logger = log.get_logger(alarm=alarm.name, subject=alarm.subject, severity=alarm.severity.value)
    levels = {
        AlarmSeverity.CRITICAL: logger.error,
        AlarmSeverity.WARNING: logger.warning,
        AlarmSeverity.INFO: logger.info,
    }
    levels[alarm.severity]("alarm.raised", message=alarm.message, fix=alarm.fix, since=log.shown_time(since))
