"""Alarms: what needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AlarmSeverity(StrEnum):
    """How soon a person must act, in the words of Alertmanager."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What is wrong (`name`) with what (`subject`), since when (ms UTC, None if not known), and the fix.

    `raised_at` (ms UTC) is when it was first found, 0 before it is stored. Another severity is another alarm.
    """

    name: str
    subject: str
    severity: AlarmSeverity
    message: str
    fix: str
    since: int | None = None
    raised_at: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same alarm at the next look."""
        return self.name, self.subject, self.severity.value
