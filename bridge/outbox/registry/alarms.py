"""The alarms that are active, and what each alarm channel has been sent: one memory for all hosts and restarts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bridge.model import Alarm, AlarmSeverity
from bridge.outbox.engine.transaction import from_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmChannel:
    """What an alarm channel was sent: the alarms it takes for active, and when (ms UTC) the next message may go.

    `failures` counts those in a row; `error` is the last one's, or what was wrong with the last message sent.
    """

    name: str
    reported: tuple[Alarm, ...] = ()
    next_at: int = 0
    failures: int = 0
    error: str | None = None
    sent_at: int | None = None


def note_alarms(outbox: Outbox, found: Sequence[Alarm], *, linger_ms: int) -> None:
    """Store the alarms found at this look. One that was not found for `linger_ms` has ended.

    An alarm that is stored already keeps the time at which it was raised.
    """
    if not found and not active_alarms(outbox):
        return
    with outbox.write() as transaction:
        now = transaction.now()
        transaction.run_many("note_alarm", [asdict(alarm) | {"now": now} for alarm in found])
        transaction.run("end_alarms", before=now - linger_ms)


def alarms_are_current(outbox: Outbox, *, within_ms: int) -> bool:
    """Whether what is stored of alarms was looked at within so many milliseconds, so that none of it may be long over.

    Each look notes again what it finds, and ends the rest. Where nothing is stored there is nothing to look at.
    """
    with outbox.read() as transaction:
        return transaction.row("alarm_not_looked_at", before=transaction.now() - within_ms) is None


def active_alarms(outbox: Outbox) -> tuple[Alarm, ...]:
    """The alarms of the last look, oldest first."""
    with outbox.read() as transaction:
        return tuple(_alarm(row) for row in transaction.rows("active_alarms"))


def alarm_channels(outbox: Outbox) -> tuple[AlarmChannel, ...]:
    """Every channel that was ever sent something."""
    with outbox.read() as transaction:
        return tuple(_channel(row) for row in transaction.rows("alarm_channels"))


def alarm_channel(outbox: Outbox, name: str) -> AlarmChannel:
    """What the channel of this name was sent."""
    with outbox.read() as transaction:
        row = transaction.row("alarm_channel", name=name)
    return _channel(row) if row else AlarmChannel(name=name)


def claim_alarm_channel(outbox: Outbox, name: str, *, lease_ms: int) -> bool:
    """Whether the caller, and nobody else for `lease_ms`, is to send this channel a message now."""
    with outbox.write() as transaction:
        transaction.run("add_alarm_channel", name=name)
        now = transaction.now()
        return transaction.run("claim_alarm_channel", name=name, until=now + lease_ms, now=now) == 1


def note_alarm_message(
    outbox: Outbox, name: str, reported: Iterable[Alarm], *, pause_ms: int, error: str | None = None
) -> None:
    """Store that the channel was sent a message, after which it takes `reported` for the active alarms."""
    with outbox.write() as transaction:
        now = transaction.now()
        text = json.dumps([asdict(alarm) for alarm in reported])
        transaction.run("note_alarm_message", name=name, reported=text, next_at=now + pause_ms, error=error, now=now)


def note_alarm_failure(outbox: Outbox, name: str, error: str, *, pause_ms: int) -> None:
    """Store that the channel took no message, and that nobody tries again for `pause_ms`."""
    with outbox.write() as transaction:
        transaction.run("note_alarm_failure", name=name, next_at=transaction.now() + pause_ms, error=error)


def _channel(row: Row) -> AlarmChannel:
    return from_row(AlarmChannel, row, reported=tuple(_alarm(one) for one in json.loads(row["reported"])))


def _alarm(row: Row | Mapping[str, Any]) -> Alarm:
    return from_row(Alarm, row, severity=AlarmSeverity(row["severity"]), since=None)
