"""Reading the many ways of writing a moment, and writing it in Zoho's way.

Zoho stores dates as mm/dd/yyyy and times as mm/dd/yyyy hh:mm:ss; other forms are dropped. It names no time zone.
See https://help.zoho.com/portal/en/kb/marketing-automation-2-0/user-guide/contacts/contact-management/articles/import-contacts
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from dateutil import parser as dateutil_parser

from bridge.mapping.context import ShapeError

READINGS: Final = ("day_first", "month_first", "year_first", "seconds", "milliseconds")

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"-?\d{9,16}(\.\d+)?")
_DIGIT_DATE: Final = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4}|\d{2})\b")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = {
    "janvier": "jan", "février": "feb", "fevrier": "feb", "mars": "mar", "avril": "apr", "mai": "may", "juin": "jun",
    "juillet": "jul", "août": "aug", "aout": "aug", "septembre": "sep", "octobre": "oct", "novembre": "nov",
    "décembre": "dec", "decembre": "dec", "januar": "jan", "februar": "feb", "märz": "mar", "juni": "jun",
    "juli": "jul", "oktober": "oct", "dezember": "dec", "enero": "jan", "febrero": "feb", "marzo": "mar",
    "abril": "apr", "mayo": "may", "junio": "jun", "julio": "jul", "agosto": "aug", "septiembre": "sep",
    "octubre": "oct", "noviembre": "nov", "diciembre": "dec", "janeiro": "jan", "fevereiro": "feb", "março": "mar",
    "maio": "may", "junho": "jun", "julho": "jul", "setembro": "sep", "outubro": "oct", "novembro": "nov",
    "dezembro": "dec",
}  # fmt: skip


def write_date(value: Any, zone: tzinfo | None, read: str) -> str:
    """A moment or a day as mm/dd/yyyy. Raises ShapeError."""
    day = _in_zone(_moment(value, zone, read), zone)
    return f"{day.month:02}/{day.day:02}/{day.year}"  # the year has four digits; strftime costs three times as much


def write_datetime(value: Any, zone: tzinfo | None, read: str) -> str:
    """A moment as mm/dd/yyyy hh:mm:ss in `zone` (UTC if None). Raises ShapeError."""
    at = _in_zone(_moment(value, zone, read), zone)
    return f"{at.month:02}/{at.day:02}/{at.year} {at.hour:02}:{at.minute:02}:{at.second:02}"


def _in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    """In `zone` where one is asked for. Without one, a written offset is kept: the day is the sender's day."""
    try:
        moved = moment if zone is None or moment.tzinfo is None else moment.astimezone(zone)
    except (OverflowError, ValueError) as error:
        raise ShapeError("bad_date", "this moment lies outside the calendar") from error
    if moved.year < 1000:
        raise ShapeError("bad_date", "this moment lies outside the calendar")
    return moved


def _moment(value: Any, zone: tzinfo | None, read: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ShapeError("bad_date", "this is no date")
    try:
        text = str(value).strip()
        if read in ("seconds", "milliseconds") or _NUMBER.fullmatch(text):
            return _from_number(float(text), read)
        return _from_text(text[:100], zone, read)
    except (ValueError, OverflowError, TypeError, AttributeError, IndexError) as error:
        raise ShapeError("bad_date", "this cannot be read as a date", "say how with `read`") from error


def _from_number(number: float, read: str) -> datetime:
    """Seconds or milliseconds since 1970; unless `read` says, above 100 thousand million they are milliseconds."""
    is_milliseconds = read == "milliseconds" or (read != "seconds" and abs(number) >= 1e11)
    return _EPOCH + timedelta(seconds=number / 1000 if is_milliseconds else number)


def _from_text(text: str, zone: tzinfo | None, read: str) -> datetime:
    if _ISO.match(text):
        moment = datetime.fromisoformat(text)
    else:
        _refuse_ambiguous(text, read)
        moment = _complete(_in_english(text), day_first=read == "day_first", year_first=read == "year_first")
    if moment.tzinfo is None and zone is not None:
        return moment.replace(tzinfo=zone)
    return moment


def _refuse_ambiguous(text: str, read: str) -> None:
    match = _DIGIT_DATE.match(text)
    if match and not read and int(match.group(1)) <= 12 and int(match.group(2)) <= 12:
        message = "day and month cannot be told apart"
        raise ShapeError("ambiguous_date", message, "write `read: day_first` or `read: month_first`")


def _complete(text: str, *, day_first: bool, year_first: bool) -> datetime:
    """Parsed twice over different days, so that a text lacking day, month or year is refused, not filled up."""
    first, second = (
        dateutil_parser.parse(text, default=day, dayfirst=day_first, yearfirst=year_first, ignoretz=False)
        for day in (datetime(2000, 1, 1), datetime(2004, 2, 2))  # noqa: DTZ001 - a form without a zone has none
    )
    if first != second:
        raise ValueError("incomplete")
    return first


def _in_english(text: str) -> str:
    return " ".join(_MONTHS.get(word.strip(".,").lower(), word) for word in text.split() if word.lower() not in ("de",))
