"""The clock in a text: `15:00`, `3:00:00.5 PM`, `3 p. m.`, `15h30`, `15 h 30`, `15.30 Uhr`, `下午3:00`, `15時00分`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Final

from bridge.times.errors import UnreadableTime

_HALF: Final = r"(?P<half>[ap]\.?\s?m(?:\.|(?!\w)))"
_BEFORE: Final = r"(?:(?P<before>\b[ap]m|午前|午後|上午|下午|오전|오후)\s?)?"
_CLOCK: Final = re.compile(
    rf"{_BEFORE}(?<!\d)(?P<hour>\d{{1,2}})(?:"
    rf":(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{{1,9}}))?)?(?:\s?{_HALF}|\s?(?:uhr|h|hrs)(?!\w))?"
    rf"|\s?{_HALF.replace('half', 'short')}"
    r"|\s?(?:h|uhr)(?:\s?(?P<after_h>\d\d))?(?!\w)"
    r"|\.(?P<after_dot>\d\d)\s(?:uhr|h|hrs)(?!\w)"
    r"|\s?[時时點点시]\s?(?:(?P<after_hour>\d{1,2})\s?[分분]\s?(?:(?P<last>\d{1,2})\s?[秒초])?)?)(?![\d:])",
    re.ASCII | re.IGNORECASE,
)
_AFTERNOON: Final = frozenset({"午後", "下午", "오후"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock's time, the text on both sides of it, and whether a minus sign after it can only begin an offset."""

    at: time
    before: str
    after: str
    is_exact: bool


def cut_clock(text: str) -> Clock | None:
    """Take the clock out of a text; None without one. Raises UnreadableTime for a clock that cannot be."""
    found = _CLOCK.search(text)
    if found is None:
        return None
    half = found["half"] or found["short"] or found["before"] or ""
    after, before = text[found.end() :], text[: found.start()]
    try:
        at = time(
            _hour(int(found["hour"]), half, after),
            int(found["minute"] or found["after_h"] or found["after_dot"] or found["after_hour"] or 0),
            int(found["second"] or found["last"] or 0),
            int((found["fraction"] or "")[:6].ljust(6, "0")),
        )
    except ValueError as error:
        raise UnreadableTime("bad_date", "no clock shows this time") from error
    is_exact = bool(found["second"]) or before[-1:] in ("T", "t") or bool(half and after.startswith(" "))
    return Clock(at=at, before=before.removesuffix(":"), after=after, is_exact=is_exact)


def _hour(hour: int, half: str, after: str) -> int:
    """The hour of 24. German `am` (on) before a day looks like the English half of the day."""
    if half == "am" and hour >= 12 and re.match(r"\s\d", after):
        if hour > 12:
            return hour
        raise UnreadableTime("ambiguous_date", "12:00 am is midnight in English and noon in German")
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise UnreadableTime("bad_date", f"no clock shows {hour} with a half of the day")
    return hour % 12 + (12 if half[0] in "pP" or half in _AFTERNOON else 0)
