"""Countries as people name them, in some 35 languages. The names are CLDR's (`scripts/cldr.py`)."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Final

_LONGEST: Final = 100
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_AROUND: Final = re.compile(rf"\(.*?\)|{_FLAG.pattern}|[+\d:]")
"""What stands next to a name: `🇩🇪 Germany (+49)`."""

_BETWEEN: Final = re.compile(r"\s[-–—|]\s|[/|,;]")

_FIRST_FLAG_LETTER: Final = 0x1F1E6


def country_code(value: Any) -> str:
    """The two capitals of a country that is given by them, by three letters, a flag or a name; "" if it is none."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ""
    name = name_key(_AROUND.sub(" ", value))
    if not name and (flag := _FLAG.search(value)):
        return "".join(chr(ord(letter) - _FIRST_FLAG_LETTER + ord("A")) for letter in flag.group())
    return _codes().get(name) or _code_of_parts(value)


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
