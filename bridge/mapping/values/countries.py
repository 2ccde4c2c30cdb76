"""Countries as people name them, in some 35 languages. The names are CLDR's (`scripts/cldr.py`)."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import phonenumbers
from phonenumbers import PhoneMetadata

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST: Final = 100
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_AROUND: Final = re.compile(rf"\(.*?\)|{_FLAG.pattern}|[+\d:]")
"""What stands next to a name: `🇩🇪 Germany (+49)`."""

_BETWEEN: Final = re.compile(r"\s[-–—|]\s|[/|,;]")

_PREFIX: Final = re.compile(r"\s*+\(?\s*+(?P<plus>\+|00)?\s*+(?P<digits>[1-9](?:[ -]?[0-9]){0,5})\s*+\)?\s*+", re.ASCII)
_ISO_DIGITS: Final = 3

_FIRST_FLAG_LETTER: Final = 0x1F1E6


def country_code(value: Any) -> str:
    """The two capitals of a country given by them, by three letters, a flag, a name or how its numbers start.

    "" if it is none.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ""
    name = name_key(_AROUND.sub(" ", value))
    if not name and (flag := _FLAG.search(value)):
        return "".join(chr(ord(letter) - _FIRST_FLAG_LETTER + ord("A")) for letter in flag.group())
    if not name.strip("-"):
        return _dialled(value)
    return _codes().get(name) or _code_of_parts(value)


def _dialled(text: str) -> str:
    """The country whose numbers start so (`+44`, `0044`, `44`, `+1-242`); of several the one that gave the rules.

    Three digits alone may as well be the country's number in ISO 3166 and are none: 356 is India there, Malta here.
    """
    found = _PREFIX.fullmatch(text)
    digits = "".join(filter(str.isdecimal, found["digits"])) if found else ""
    if found is None or (len(digits) == _ISO_DIGITS and not found["plus"]):
        return ""
    for length in range(1, len(digits) + 1):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length]))
        if regions is not None:
            return _within(regions, digits[length:])
    return ""


def _within(regions: Sequence[str], area: str) -> str:
    """Of the countries that share a prefix the one of an area code; "" where that says nothing."""
    if not area:
        return "" if regions[0] == "001" else regions[0]
    starts = {region: PhoneMetadata.metadata_for_region(region, None) for region in regions}
    named = [
        region
        for region, data in starts.items()
        if data and data.leading_digits and re.match(data.leading_digits, area)
    ]
    return named[0] if len(named) == 1 else ""


def _code_of_parts(text: str) -> str:
    """The one country of a text that names it twice (`GB - United Kingdom`); "" where two differ."""
    parts = _BETWEEN.split(text)
    codes = {_codes().get(name_key(_AROUND.sub(" ", part)), "") for part in parts}
    return codes.pop() if len(parts) > 1 and len(codes) == 1 else ""


def name_key(name: str) -> str:
    """A country's name as it is looked up: in small letters, without marks, dots and a leading `the`."""
    letters = "".join(each for each in unicodedata.normalize("NFKD", name) if unicodedata.category(each) != "Mn")
    plain = letters.casefold().replace(".", "").replace("’", "'").replace("&", " and ")
    return " ".join(plain.split()).removeprefix("the ")


@cache
def _codes() -> dict[str, str]:
    data = json.loads(Path(__file__).with_name("countries.json").read_text(encoding="utf-8"))
    return {name: code for code, names in data.items() for name in (code.casefold(), *names)}
