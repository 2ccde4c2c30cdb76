"""Time zones as they stand next to a clock: an offset, an abbreviation that means one offset, an IANA name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

OFFSETS: Final = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2,
    "EET": 2, "EEST": 3, "WAT": 1, "CAT": 2, "SAST": 2, "EAT": 3, "PKT": 5, "WIB": 7, "WITA": 8, "HKT": 8, "JST": 9,
    "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "EST": -5, "EDT": -4, "MST": -7, "MDT": -6, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
"""Abbreviations that mean one offset, in hours. UT, GMT and the American ones are defined for mail (RFC 5322, section
4.3, https://www.rfc-editor.org/rfc/rfc5322#section-4.3), the others stand in the IANA database
(https://www.iana.org/time-zones); MEZ and MESZ are German for CET and CEST.

Left out is what another country uses, too, so that only `zone:` can tell it: IST (India, Israel, Ireland), CST and CDT
(America, China, Cuba), PST (America, Philippines), BST (Britain, Bangladesh), AST (Atlantic, Arabia), MSK and KST (two
offsets since 2000)."""

_OFFSET: Final = r"(?P<sign>[+-])(?P<hours>\d{2})(?::?(?P<minutes>\d{2}))?(?![\d.:/-])"
_NAMED: Final = r"(?:UTC|GMT|UT)\s?(?P<sign>[+-])\s?(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?![\d.:/-])"
_NAMED_OFFSET: Final = re.compile(_NAMED, re.ASCII | re.IGNORECASE)
_BARE_OFFSET: Final = re.compile(_OFFSET, re.ASCII)
_PLACE: Final = re.compile(r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2}(?![\w/])", re.ASCII)
_WORD: Final = re.compile(r"[A-Za-z]{1,5}(?!\w)", re.ASCII)
_LOWEST: Final = -12 * 60
_HIGHEST: Final = 14 * 60
"""No zone of the IANA database lies beyond, in minutes."""


def match_zone(text: str) -> tuple[str, str]:
    """The zone at the start of a text as it is written, or "", and what follows it. It may be no zone at all."""
    for pattern in (_NAMED_OFFSET, _BARE_OFFSET, _PLACE, _WORD):
        if found := pattern.match(text):
            return found.group(), text[found.end() :]
    return "", text


def fixed_zone(text: str) -> tzinfo | None:
    """The zone that a whole text names, if it names just one: `UTC+2`, `-05:00`, `CEST`, `Europe/Berlin`."""
    offset = _NAMED_OFFSET.fullmatch(text) or _BARE_OFFSET.fullmatch(text)
    if offset:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        signed = -minutes if offset["sign"] == "-" else minutes
        is_real = _LOWEST <= signed <= _HIGHEST and int(offset["minutes"] or 0) < 60
        return timezone(timedelta(minutes=signed)) if is_real else None
    if (hours := OFFSETS.get(text.upper())) is not None:
        return UTC if hours == 0 else timezone(timedelta(hours=hours))
    if _PLACE.fullmatch(text):
        try:
            return ZoneInfo(text)
        except (OSError, ValueError, KeyError):
            return None
    return None


def in_zone(moment: datetime, zone: tzinfo) -> datetime | None:
    """A clock's time in a zone; None where the clock skips it or shows it twice."""
    early, late = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return early if early.utcoffset() == late.utcoffset() else None


def called(name: str, moment: datetime, zone: tzinfo) -> datetime | None:
    """A clock's time in a zone that has this abbreviation then, as Asia/Kolkata has IST; None if it has another."""
    for fold in (0, 1):
        placed = moment.replace(tzinfo=zone, fold=fold)
        if name.upper() == (placed.tzname() or "").upper():
            return placed
    return None
