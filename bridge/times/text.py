"""One reader for the times that people and programs write.

Whatever could be two times is none: every way to read a text is tried, and only what all of them agree on counts. So a
time is right or left out, and never another one. Nothing depends on the host's clock, zone or language.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from bridge.times.clocks import Clock, cut_clock
from bridge.times.days import ORDERS, is_day_word, read_day
from bridge.times.errors import UnreadableTime
from bridge.times.zones import called, fixed_zone, in_zone, match_zone

__all__ = ["ORDERS", "UnreadableTime", "read_number", "read_text"]

_LONGEST: Final = 100
_NUMBER: Final = re.compile(r"-?(\d{9,19})(\.\d+)?", re.ASCII)
_COMPACT: Final = re.compile(
    r"(?<!\d)(\d{4})(\d\d)(\d\d)(?:[T ]?([0-2]\d)([0-5]\d)([0-5]\d)?)?(?=$|[^\d:/-]|-\d\d:?\d\d$)", re.ASCII
)
_SINCE_1970: Final = re.compile(r"\\?/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\\?/", re.ASCII)
"""Milliseconds since 1970 as .NET writes them; the offset is that of the writer and changes nothing
(https://learn.microsoft.com/en-us/previous-versions/dotnet/articles/bb299886(v=msdn.10)).
"""

_ISO_SEPARATORS: Final = frozenset("Tt ")
_BRACKETS: Final = re.compile(r"(?<!\s)\s*[(\[]([^()\[\]]+)[)\]]$")
_DASHES: Final = str.maketrans("\u2212\u2013", "--")
_LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AT_END: Final = re.compile(
    r"[\s,]((?:UTC|GMT|UT)\s?[+-]\s?[\d:]{1,5}|[+-]\d\d:?\d\d|[A-Za-z]{1,5}|[A-Za-z]+/[A-Za-z0-9_/+-]+)$",
    re.ASCII | re.IGNORECASE,
)
_MOST_ZONES: Final = 2
_FACTORS: Final = (1, 1_000, 1_000_000, 1_000_000_000)


def read_number(text: str) -> datetime | None:
    """The time of a bare number since 1970; None when the text is not such a number.

    Its size distinguishes seconds, milliseconds, micro- and nanoseconds, as long as the time lies before 2200. Raises
    UnreadableTime for a number that is none of these.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    size = len(match.group(1))
    if _is_compact(text):
        if size == 14:
            return None
        raise UnreadableTime("ambiguous_date", "these are milliseconds, or a date and a time", "`read: milliseconds`")
    for factor in _FACTORS:
        most = len(str(int((_LAST - _EPOCH).total_seconds()) * factor))
        if size in (most, most - 1):
            moment = _EPOCH + timedelta(microseconds=round(float(text) / factor * 1_000_000))
            if moment < _LAST:
                return moment
    raise UnreadableTime(
        "bad_date", "this number is not a time", "say what it counts: `read: seconds` or `milliseconds`"
    )


def _is_compact(digits: str) -> bool:
    """Whether these digits may be a date and a time, written without separators: 20260304150000, 202603041500."""
    match = _COMPACT.fullmatch(digits)
    return match is not None and len(digits) in (12, 14) and digits[:2] in ("19", "20") and digits[4:6] <= "12"


def read_text(written: str, zone: tzinfo | None, order: str = "") -> datetime:
    """The time that a text gives; aware where it names a zone, else naive.

    `zone` decides which of an abbreviation's meanings counts (IST in Asia/Kolkata); `order` is one of ORDERS, for days
    written in digits alone. Raises UnreadableTime for what is not a time or could be several.
    """
    is_day = len(written) == 10 and written[7] == "-"
    if (is_day or written[10:11] in _ISO_SEPARATORS) and written[4:5] == "-" and (found := _iso(written)) is not None:
        return found
    text = unicodedata.normalize("NFKC", written[:_LONGEST]).translate(_DASHES).strip()
    if len(written) > _LONGEST:
        raise UnreadableTime("bad_date", "this is too long for a date")
    return _read(text, zone, order)


def _iso(text: str) -> datetime | None:
    """The quick way for most of what programs write; what it does not read may still be a time."""
    if text[16:17] == "-" and text[10] == " ":  # an offset, or the end of a span of time
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year >= 1000 else None


def _read(text: str, zone: tzinfo | None, order: str) -> datetime:
    if counted := _SINCE_1970.fullmatch(text):
        return _since_1970(int(counted[1]))
    text = _COMPACT.sub(_separated, text, count=1)
    outer = _BRACKETS.search(text)
    clock = cut_clock(text[: outer.start()] if outer else text)
    if clock is None:
        return datetime.combine(read_day(text, order), time())
    names, after = _cut_zones(clock)
    if not names:
        names, after = _cut_last_zone(after)
    moment = datetime.combine(read_day(f"{clock.before} {after}", order), clock.at)
    return _placed(moment, names, outer.group(1).strip() if outer else "", zone)


def _since_1970(milliseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise UnreadableTime("bad_date", "this number is not a time") from error


def _separated(found: re.Match[str]) -> str:
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}" + (f"T{hour}:{minute}:{second or '00'}" if hour else "")


def _cut_zones(clock: Clock) -> tuple[list[str], str]:
    """The zones that follow the clock, as they are written, and the rest: `+0530 IST` are two."""
    names: list[str] = []
    after = clock.after
    while len(names) < _MOST_ZONES:
        name, rest = match_zone(after.lstrip(" "))
        if not name or is_day_word(name):
            break
        if name[0] == "-" and not clock.is_exact and len(name) != len("-0500"):
            raise UnreadableTime("ambiguous_date", "this is an offset, or the end of a span of time")
        names.append(name)
        after = rest
    return names, after


def _cut_last_zone(text: str) -> tuple[list[str], str]:
    """The zone at the end: `15:00, March 4, 2026 CET`."""
    found = _AT_END.search(text)
    if found is None or is_day_word(found.group(1)):
        return [], text
    return [found.group(1)], text[: found.start()]


def _placed(moment: datetime, names: list[str], outer: str, zone: tzinfo | None) -> datetime:
    """The moment in the zone that is written, where all that is written about it agrees.

    An offset decides, whatever an unknown name next to it says. A remark in brackets alone decides nothing.
    """
    if not names and not outer:
        return moment
    candidates = [_in_named(moment, name, zone) for name in (*names, outer) if name]
    first = candidates[0]
    is_offset = bool(names) and any(sign in names[0] for sign in "+-")
    unknown = [
        name for name, candidate in zip(filter(None, (*names, outer)), candidates, strict=True) if candidate is None
    ]
    if first is None or not all(_is_remark(name, outer, is_offset=is_offset) for name in unknown):
        raise UnreadableTime(
            "bad_date", "the time zone cannot be determined", "name the sender's: `zone: Asia/Kolkata`"
        )
    if len({candidate.astimezone(UTC) for candidate in candidates if candidate is not None}) > 1:
        raise UnreadableTime("bad_date", "two time zones contradict each other")
    return first


def _is_remark(name: str, outer: str, *, is_offset: bool) -> bool:
    """Whether an unknown name only comments on the zone before it: `+0530 IST`, `GMT (Coordinated Universal Time)`."""
    return (" " in name and name == outer) or (is_offset and len(name) > 2)


def _in_named(moment: datetime, name: str, zone: tzinfo | None) -> datetime | None:
    """The moment in the zone of this name; None where the name is not known, or the clock shows that time not once.

    What `zone` itself calls so counts first: Manila had a PDT of its own.
    """
    own = None if zone is None else called(name, moment, zone)
    fixed = fixed_zone(name) if own is None else None
    return own if fixed is None else in_zone(moment, fixed)
