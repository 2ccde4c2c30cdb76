"""Splitting a person's full name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from nameparser import HumanName

PARTS: Final = ("first", "last", "rest")

_PLAIN: Final = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)* [^\W\d_]+(?:[-'’][^\W\d_]+)*")
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "herr", "frau", "mme", "sra", "dra"})


@lru_cache(maxsize=64)
def part(full_name: str, which: str) -> str:
    """The first name, the last name with its particles (`de la Cruz`), or the rest (all but the first name).

    A single word is a first name; for it, last and rest are blank.
    """
    text = " ".join(full_name.split())[:500]
    words = text.split()
    if len(words) == 1:
        return text if which == "first" else ""
    if _PLAIN.fullmatch(text) and words[0].lower() not in _TITLES:
        return words[0] if which == "first" else words[1]
    name = HumanName(text)
    first, middle, last = str(name.first), str(name.middle), str(name.last)
    if not first and not last:
        first, _, last = text.partition(" ")
    match which:
        case "first":
            return first
        case "last":
            return last
        case _:
            return f"{middle} {last}".strip()
