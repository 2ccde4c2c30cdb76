"""Instants: integers, milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from bridge.model import DAY_MS
from bridge.times.text import UnreadableTime, read_number, read_text


class Unit(StrEnum):
    """How a sender writes a time."""

    S = "s"
    MS = "ms"
    ISO = "iso"
    """A text, ISO 8601 or another form that can be read in one way only; without a zone it is UTC."""
    AUTO = "auto"
    """Some senders mix them: a number goes by its size (see `read_number`), everything else is a text."""


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = 253_402_300_799_999
"""The last millisecond of the year 9999; what lies beyond is not a time."""

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?", re.ASCII)


def read_instant(value: Any, unit: Unit) -> int | None:
    """The time of a text or a number, or None when it is not a time in that unit or could be more than one."""
    if value.__class__ is not str and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        return None
    text = str(value).strip()
    if unit in (Unit.ISO, Unit.AUTO):
        at = _from_text(text, numbers=unit is Unit.AUTO)
    else:
        at = _from_number(text, 1000 if unit is Unit.S else 1)
    return at if at is not None and 0 <= at <= LATEST else None


def now_ms() -> int:
    """The time of this host, in ms UTC."""
    return time.time_ns() // 1_000_000


def as_iso(at: int) -> str:
    """A time as ISO 8601 text in UTC, with milliseconds only where there are some: `2026-03-04T15:00:00Z`."""
    moment = EPOCH + timedelta(milliseconds=at)
    return moment.isoformat(timespec="milliseconds" if at % 1000 else "seconds").replace("+00:00", "Z")


def _from_text(text: str, *, numbers: bool) -> int | None:
    try:
        moment = read_number(text) if numbers else None
        if moment is None:
            moment = read_text(text, UTC)
        since = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) - EPOCH
    except (UnreadableTime, OverflowError):
        return None
    return since.days * DAY_MS + since.seconds * 1000 + since.microseconds // 1000


def _from_number(text: str, factor: int) -> int | None:
    if _NUMBER.fullmatch(text) is None:
        return None
    whole, _, fraction = text.partition(".")
    return int(whole) * factor + (int(float(f"0.{fraction}") * factor) if fraction else 0)
