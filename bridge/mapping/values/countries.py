"""Countries as people name them, in some 35 languages. The names are CLDR's (`scripts/cldr.py`)."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import phonenumbers
from phonenumbers import PhoneMetadata

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST: Final = 100
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_AROUND: Final = re.compile(rf"{_FLAG.pattern}|[+\d:]|\([tT]he\)")
"""What stands next to a name: `🇩🇪 Germany (+49)`, `Gambia (the)`."""

_BETWEEN: Final = re.compile(r"\s[-–—|]\s|[/|,;()]")
_TURNED: Final = re.compile(r"(?P<name>[^,()]+)[,(](?P<title>[^,()]+)\)?")
"""As lists sort them: `Korea, Republic of`, `Korea (Republic of)`."""

_TITLE: Final = re.compile(
    r"(?:(?:people s|democratic|socialist|islamic|federal|federative|united|arab|plurinational|bolivarian|oriental"
    r"|eastern|hashemite|co operative|grand|former) )*+"
    r"(?:republic|kingdom|commonwealth|principality|duchy|sultanate|union|federation) of (?P<name>.+)"
)
"""`Federal Republic of Germany`. A `State of Georgia` may as well be a part of a country."""

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
    text = _AROUND.sub(" ", value)
    if not name_key(text):
        return _of_flag(value) or _dialled(value)
    return _named(text) or _code_of_parts(text)


def _of_flag(text: str) -> str:
    flag = _FLAG.search(text)
    return "".join(chr(ord(letter) - _FIRST_FLAG_LETTER + ord("A")) for letter in flag.group()) if flag else ""


def _named(text: str) -> str:
    """The country of a code or a name, with or without what its state is called, which may stand behind the name."""
    code = text.strip().upper()
    if code in _names_of():
        return code
    turned = _TURNED.fullmatch(text.strip())
    names = (name_key(text), name_key(f"{turned['title']} {turned['name']}") if turned else "")
    titled = [found["name"] for found in map(_TITLE.fullmatch, names) if found]
    return next(filter(None, (*map(_known, names), *map(_unshared, titled))), "")


def _known(name: str) -> str:
    return _codes().get(name, "")


@lru_cache(maxsize=1024)
def _unshared(name: str) -> str:
    """The country of a name that is no part of another country's, as Congo, Guinea, Korea and Sudan are."""
    code = _known(name)
    inner = f" {name} "
    return "" if any(inner in f" {other} " and its != code for other, its in _codes().items()) else code


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
    """The one country of a text that names it twice (`GB - United Kingdom`), or before a remark in brackets.

    "" where two differ, and where without the remark the name may be that of another country.
    """
    for gap in _BETWEEN.finditer(text):
        first, second = _named(text[: gap.start()]), _named(text[gap.end() :].strip(" )"))
        if first and first == second:
            return first
    codes = {_named(part) for part in _BETWEEN.split(text) if part.strip()}
    if len(codes) == 1:
        return codes.pop()
    before, bracket, _ = text.partition("(")
    return _unshared(name_key(before)) if bracket and len(codes - {""}) == 1 else ""


def name_key(name: str) -> str:
    """A country's name as it is looked up: words in small letters, `st` for `saint`, without marks and `the`."""
    letters = "".join(each for each in unicodedata.normalize("NFKD", name) if unicodedata.category(each) != "Mn")
    plain = letters.casefold().replace(".", "").replace("&", " and ")
    spaced = "".join([each if each.isalnum() or unicodedata.category(each) == "Mc" else " " for each in plain])
    return " ".join(["st" if word == "saint" else word for word in spaced.split() if word != "the"])


@cache
def _names_of() -> dict[str, list[str]]:
    """The names of each country as they are looked up, by its two letters."""
    names: dict[str, list[str]] = json.loads(Path(__file__).with_name("countries.json").read_text(encoding="utf-8"))
    return names


@cache
def _codes() -> dict[str, str]:
    return {name: code for code, names in _names_of().items() for name in names}
