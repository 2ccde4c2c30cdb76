"""Times, lengths of time and counts as people read them, on the command line and in the console."""

from __future__ import annotations

from datetime import UTC, datetime


def shown_time(at: int | None) -> str:
    """A time in ms UTC as `2026-11-21 09:30:05 UTC`, `-` for none."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def short_time(at: int, now: int) -> str:
    """A time in ms UTC, without the date where it is today's: `09:30:05`, `11-21 09:30`, or `2025-11-21`."""
    then, today = (datetime.fromtimestamp(one / 1000, UTC) for one in (at, now))
    if then.date() == today.date():
        return f"{then:%H:%M:%S}"
    return f"{then:%m-%d %H:%M}" if then.year == today.year else f"{then:%Y-%m-%d}"


def shown_span(milliseconds: int) -> str:
    """A length of time in its two largest units: `3 min 5 s`."""
    seconds = max(0, round(milliseconds / 1000))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def counted(count: int, singular: str) -> str:
    """A count with what it counts, whose last word is made plural: `1 delivery`, `3 deliveries`, `2 open journeys`."""
    return f"{count} {singular if count == 1 else plural(singular)}"


def agreeing(count: int, one: str, many: str) -> str:
    """The form of a verb that goes with a count: `1 of 3 leads is`, `2 of 3 leads are`."""
    return one if count == 1 else many


def plural(singular: str) -> str:
    """The regular plural of an English word: `lead` -> `leads`, `body` -> `bodies`, `journey` -> `journeys`."""
    if singular.endswith("y") and singular[-2:-1] not in "aeiou":
        return f"{singular[:-1]}ies"
    return f"{singular}es" if singular.endswith(("s", "x", "ch", "sh")) else f"{singular}s"
