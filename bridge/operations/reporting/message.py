"""What an alarm channel is sent: the alarms raised and cleared since its last message."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.config.alarms import SEVERITIES
from bridge.model import Alarm, AlarmSeverity

if TYPE_CHECKING:
    from collections.abc import Iterable

GROUP_MS: Final = 10_000
"""An alarm that was just raised waits so long for others that have the same cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMessage:
    """Alarms raised and cleared, `active` those that remain raised, at a time (ms UTC)."""

    at: int
    raised: tuple[Alarm, ...] = ()
    cleared: tuple[Alarm, ...] = ()
    active: tuple[Alarm, ...] = ()

    @property
    def message_id(self) -> str:
        """The same for the same changes: a receiver that got a message twice can tell."""
        digest = hashlib.sha256()
        for alarms in (self.raised, self.cleared):
            for alarm in sorted(alarms, key=lambda one: one.key):
                digest.update(repr((alarm.key, alarm.raised_at)).encode())
            digest.update(b"/")
        return f"msg_{digest.hexdigest()[:24]}"

    @property
    def severity(self) -> str:
        """The highest of the alarms raised, of those cleared if none was."""
        return max((one.severity for one in self.raised or self.cleared), key=SEVERITIES.index)

    @property
    def title(self) -> str:
        """One line for people: a mail's subject, a notification's text."""
        parts = [
            f"{len(self.raised)} raised" if self.raised else "",
            f"{len(self.cleared)} cleared" if self.cleared else "",
        ]
        names = list(dict.fromkeys(one.name for one in (*self.raised, *self.cleared)))
        some = ", ".join([*names[:5], *(["..."] if len(names) > 5 else [])])
        severity = f"{self.severity}: " if self.raised else ""
        return f"Leadbridge {severity}{' and '.join(filter(None, parts))} ({some})"


def next_message(reported: Iterable[Alarm], active: Iterable[Alarm], *, least: str, now: int) -> AlarmMessage | None:
    """What a channel that takes `reported` for the active alarms is to be sent, None if nothing for now.

    Alarms below the severity `least` are left out. Everything that changed goes into one message, as soon as one change
    is not quite fresh. An alarm whose severity changed is raised again, and not cleared.
    """
    wanted = {one.key: one for one in active if SEVERITIES.index(one.severity) >= SEVERITIES.index(least)}
    known = {one.key: one for one in reported}
    raised = tuple(one for key, one in wanted.items() if key not in known)
    ended = tuple(one for key, one in known.items() if key not in wanted)
    still = {(one.name, one.subject) for one in wanted.values()}
    cleared = tuple(one for one in ended if (one.name, one.subject) not in still)
    if not cleared and all(now - one.raised_at < GROUP_MS for one in raised):
        return None
    return AlarmMessage(at=now, raised=raised, cleared=cleared, active=tuple(wanted.values()))


def trial_message(now: int) -> AlarmMessage:
    """A message that tests a channel."""
    trial = Alarm(
        name="trial",
        subject="leadbridge alarms",
        severity=AlarmSeverity.INFO,
        message="this message was sent by `leadbridge alarms --test`: alarms arrive here",
        fix="nothing is wrong",
        raised_at=now,
    )
    return AlarmMessage(at=now, raised=(trial,), active=(trial,))
