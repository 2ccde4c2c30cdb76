"""The process that reports alarms: one of all hosts, never a delivery's thread.

What each channel was sent is stored in the outbox, so that a restart repeats nothing, and a message is sent by the
process that claims the channel first, so that no other sends it too. A channel that does not answer holds up nobody
else: each has a thread. Only that the outbox itself is away cannot be stored there: the process that was the leader
remembers it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.errors import OutboxError
from bridge.model import HOUR_MS, MINUTE_MS
from bridge.operations.reporting.channels import AlarmChannelError
from bridge.operations.reporting.message import next_message
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.model import Alarm
    from bridge.operations.reporting.channels import Channel
    from bridge.operations.reporting.message import AlarmMessage
    from bridge.outbox import Outbox

PAUSE_MS: Final = MINUTE_MS
"""Between two messages of one channel: an alarm that comes and goes fills no inbox."""

CURRENT_MS: Final = 2 * MINUTE_MS
"""What is stored is reported while a look is no older: after an outage of the outbox it may be long over. An alarm that
ended stays for a minute, until a look ends it."""

LEASE_MS: Final = MINUTE_MS
"""So long nobody else sends to a channel that is being sent to; more than a message may take."""

FIRST_RETRY_MS: Final = 30_000
LAST_RETRY_MS: Final = HOUR_MS


class Reporter:
    """Reports to one channel.

    `outage` gives the alarm that the outbox is away, None while it is not or another process reports it; `clock` is
    this host's time in ms UTC, for the time when the outbox has none.
    """

    def __init__(
        self,
        store: Outbox,
        channel: Channel,
        *,
        least: str,
        outage: Callable[[], Alarm | None],
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._channel = channel
        self._least = least
        self._outage = outage
        self._clock = clock
        self._away = registry.AlarmChannel(name=channel.name)

    def start(self, stop: threading.Event, step_seconds: float) -> None:
        """Report in a thread of its own, every so many seconds, until `stop` is set."""
        threading.Thread(
            target=self._run, args=(stop, step_seconds), name=f"alarms-{self._channel.kind}", daemon=True
        ).start()

    def step(self) -> None:
        """Send what there is to send now, if it is this process that does."""
        outage = self._outage()
        if outage is not None or self._away.reported:
            self._step_away(outage)
        if outage is None:
            self._step()

    def _run(self, stop: threading.Event, step_seconds: float) -> None:
        while not stop.wait(step_seconds):
            try:
                self.step()
            except OutboxError:
                continue  # the alarm for it is what `outage` gives
            except Exception as error:  # noqa: BLE001 - an error here must not end the reports
                log.broke(error)

    def _step(self) -> None:
        if not registry.alarms_are_current(self._store, within_ms=CURRENT_MS):
            return
        known = registry.alarm_channel(self._store, self._channel.name)
        now = self._store.now()
        message = next_message(known.reported, registry.active_alarms(self._store), least=self._least, now=now)
        if message is None or now < known.next_at:
            return
        if not registry.claim_alarm_channel(self._store, self._channel.name, lease_ms=LEASE_MS):
            return
        try:
            warning = self._send(message)
        except AlarmChannelError as error:
            pause = retry_ms(known.failures, error.retry_after)
            registry.note_alarm_failure(self._store, self._channel.name, str(error), pause_ms=pause)
            return
        registry.note_alarm_message(
            self._store, self._channel.name, message.active, pause_ms=PAUSE_MS, error=warning or None
        )

    def _step_away(self, outage: Alarm | None) -> None:
        """As `_step`, from memory."""
        known, now = self._away, self._clock()
        active = (outage,) if outage is not None else ()
        message = next_message(known.reported, active, least=self._least, now=now)
        if message is None or now < known.next_at:
            return
        try:
            self._send(message)
        except AlarmChannelError as error:
            self._away = registry.AlarmChannel(
                name=known.name,
                reported=known.reported,
                next_at=now + retry_ms(known.failures, error.retry_after),
                failures=known.failures + 1,
            )
            return
        self._away = registry.AlarmChannel(name=known.name, reported=active, next_at=now + PAUSE_MS)

    def _send(self, message: AlarmMessage) -> str:
        """Send and log; what was wrong although it was taken. Raises AlarmChannelError."""
        logger = log.get_logger(channel=self._channel.kind, host=self._channel.host, message_id=message.message_id)
        try:
            warning = self._channel.send(message)
        except AlarmChannelError as error:
            logger.warning("alarm.not_sent", error=str(error))
            raise
        more = {"error": warning} if warning else {}
        logger.info("alarm.sent", raised=len(message.raised), cleared=len(message.cleared), **more)
        return warning


def retry_ms(failures: int, retry_after: float) -> int:
    """How long to wait after a failure that had `failures` in a row before it: half a minute, doubled up to an hour."""
    return max(min(FIRST_RETRY_MS << min(failures, 20), LAST_RETRY_MS), int(retry_after * 1000))


def start_reporters(
    store: Outbox,
    channels: Sequence[Channel],
    *,
    least: str,
    outage: Callable[[], Alarm | None],
    clock: Callable[[], int],
    stop: threading.Event,
    step_seconds: float,
) -> None:
    """Report to each channel, every so many seconds, until `stop` is set."""
    for channel in channels:
        Reporter(store, channel, least=least, outage=outage, clock=clock).start(stop, step_seconds)
