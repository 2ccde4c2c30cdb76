"""Moments and days in Zoho's way of writing them.

Zoho stores dates as mm/dd/yyyy and times as mm/dd/yyyy hh:mm:ss; other forms are dropped. It names no time zone.
See https://help.zoho.com/portal/en/kb/marketing-automation-2-0/user-guide/contacts/contact-management/articles/import-contacts
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from bridge import times
from bridge.mapping.context import FormatError

READINGS: Final = (*times.ORDERS, "seconds", "milliseconds")


def write_date(value: Any, zone: tzinfo | None, read: str) -> str:
    """A moment or a day as mm/dd/yyyy. Raises FormatError."""
    day = _in_zone(_moment(value, zone, read), zone)
    return f"{day.month:02}/{day.day:02}/{day.year}"  # the year has four digits; strftime costs three times as much


def write_datetime(value: Any, zone: tzinfo | None, read: str) -> str:
    """A moment as mm/dd/yyyy hh:mm:ss in `zone`; without one in the zone that is written, or in UTC for a number.

    Raises FormatError.
    """
    at = _in_zone(_moment(value, zone, read), zone)
    return f"{at.month:02}/{at.day:02}/{at.year} {at.hour:02}:{at.minute:02}:{at.second:02}"


def _in_zone(moment: datetime, zone: tzinfo | None) -> datetime:
    """In `zone` where one is asked for. Without one, a written offset is kept: the day is the sender's day."""
    try:
        moved = moment if zone is None or moment.tzinfo is None else moment.astimezone(zone)
    except (OverflowError, ValueError) as error:
        raise FormatError("bad_date", "this moment lies outside the calendar") from error
    if moved.year < 1000:
        raise FormatError("bad_date", "this moment lies outside the calendar")
    return moved


def _moment(value: Any, zone: tzinfo | None, read: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise FormatError("bad_date", "not a date")
    text = str(value).strip()
    try:
        if read in ("seconds", "milliseconds"):
            return times.EPOCH + timedelta(seconds=float(text) / (1 if read == "seconds" else 1000))
        moment = None if text[4:5] == "-" else times.read_number(text)  # most are ISO
        return times.read_text(text, zone, read) if moment is None else moment
    except times.UnreadableTime as error:
        raise FormatError(error.code, str(error), error.fix) from error
    except (ValueError, OverflowError) as error:
        raise FormatError("bad_date", "this cannot be read as a date", "say how with `read`") from error
