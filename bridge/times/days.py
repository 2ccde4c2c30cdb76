"""The day in a text: every way to read it is tried, and it counts when all of them agree.

The names of months and weekdays are CLDR's, in some 25 languages (`scripts/cldr.py`).
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from itertools import permutations, product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.times.errors import UnreadableTime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ORDERS: Final = ("day_first", "month_first", "year_first")
"""The ways to write a day in digits."""

_EAST_ASIAN: Final = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日號号일]")
_ORDINAL: Final = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|ère|o|a)(?!\w)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+|\s+|.", re.DOTALL)
_SEPARATORS: Final = frozenset(",./-|·@'’")
_FILLERS: Final = frozenset(
    (
        *("t", "on", "at", "of", "the", "le", "la", "à", "a", "de", "del", "do", "di", "da", "den", "der", "dem"),
        *("am", "um", "den", "kl", "klo", "o", "om", "las", "alle", "às", "ore", "no"),
        *(
            "г",
            "года",
            "в",
            "р",
            "року",
            "dnia",
            "roku",
            "godz",
            "v",
            "ve",
            "saat",
            "στισ",
            "klokka",
            "klokken",
            "kello",
        ),
    )
)
"""Words that stand between the parts of a time; whatever else is unknown makes a text unreadable."""

_POSITIONS: Final = {"day_first": (2, 1, 0), "month_first": (2, 0, 1), "year_first": (0, 1, 2)}
"""Where year, month and day are."""


def is_day_word(word: str) -> bool:
    """Whether a word belongs to a day or stands between its parts, so that it is not a time zone."""
    months, weekdays = _words()
    return word.casefold() in months or word.casefold() in weekdays or word.casefold() in _FILLERS


def read_day(text: str, order: str) -> date:
    """The one day that a text can mean. `order` is one of ORDERS or "". Raises UnreadableTime."""
    numbers, months, weekdays = _parts(text)
    days: set[date] = set()
    for names in {(month, weekday) for month, weekday in _meanings(months, weekdays)}:
        days.update(_days(numbers, *names, order))
    if len(days) == 1:
        return days.pop()
    if not days:
        message = "no day of the calendar is meant" if numbers else "there is no day in this"
        raise UnreadableTime("bad_date", message, "give day, month and a year of four digits")
    if len({(day.month, day.day) for day in days}) == 1:
        raise UnreadableTime("ambiguous_date", "the century cannot be determined", "give a year of four digits")
    message = "day and month cannot be distinguished"
    raise UnreadableTime("ambiguous_date", message, "write `read: day_first` or `read: month_first`")


def _parts(text: str) -> tuple[list[str], list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The numbers, and what each word may mean as a month and as a weekday."""
    text = _ORDINAL.sub(r"\1", _EAST_ASIAN.sub(r"\1-\2-\3", text))
    month_names, weekday_names = _words()
    numbers, months, weekdays = [], [], []
    for token in _TOKEN.findall(text):
        word = token.casefold()
        if token[0] in "0123456789":
            numbers.append(token)
        elif word in month_names or word in weekday_names:
            months.append(month_names.get(word, ()))
            weekdays.append(weekday_names.get(word, ()))
        elif word not in _FILLERS and not token.isspace() and token not in _SEPARATORS:
            raise UnreadableTime("bad_date", "this cannot be read as a date", "say how with `read`")
    return numbers, months, weekdays


def _meanings(
    months: Sequence[tuple[int, ...]], weekdays: Sequence[tuple[int, ...]]
) -> Iterator[tuple[int | None, int | None]]:
    """The ways to take the words: one month at most, one weekday at most; two words cannot be the same thing."""
    match len(months):
        case 0:
            yield None, None
        case 1:
            yield from ((month, None) for month in months[0])
            yield from ((None, weekday) for weekday in weekdays[0])
        case 2:
            for one, other in permutations(range(2)):
                yield from product(months[one], weekdays[other])


def _days(numbers: Sequence[str], month: int | None, weekday: int | None, order: str) -> Iterator[date]:
    if month is None:
        written = _in_digits(numbers, order)
    elif len(numbers) == 2:
        written = [(year, str(month), day) for year, day in permutations(numbers)]
    else:
        return
    for year_text, month_text, day_text in written:
        if len(month_text) <= 2 and len(day_text) <= 2:
            for year in _years(year_text):
                day = _day(year, int(month_text), int(day_text))
                if day is not None and weekday in (None, day.weekday()):
                    yield day


def _in_digits(numbers: Sequence[str], order: str) -> list[tuple[str, str, str]]:
    if len(numbers) != 3:
        return []
    orders = ORDERS if not order or len(numbers[0]) == 4 else (order,)
    return [(numbers[year], numbers[month], numbers[day]) for year, month, day in map(_POSITIONS.get, orders)]  # type: ignore[misc]


def _years(text: str) -> tuple[int, ...]:
    """The years that are meant: a year of two digits may be of this or of the last century."""
    match len(text):
        case 4:
            return (int(text),)
        case 2:
            return (1900 + int(text), 2000 + int(text))
    return ()


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= 1000 else None
    except ValueError:
        return None


@cache
def _words() -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    data = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
    months, weekdays = ({name: tuple(meant) for name, meant in data[part].items()} for part in ("months", "weekdays"))
    return months, weekdays
