"""Splitting a person's full name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from nameparser import HumanName
from nameparser.config import CONSTANTS
from nameparser.config.maiden_markers import MAIDEN_MARKERS

PARTS: Final = ("first", "last", "rest")

_PLAIN: Final = re.compile(r"(?:[A-Za-zÀ-ɏ]+(?:[-'’][A-Za-zÀ-ɏ]+)*(?: |$)){2,5}")


def part(full_name: str, which: str) -> str:
    """The first name, the last name with its particles (`de la Cruz`), or the rest (all but the first name).

    A single word is a first name; for it, last and rest are blank.
    """
    first, middle, last = _split(full_name)
    match which:
        case "first":
            return first
        case "last":
            return last
        case _:
            return f"{middle} {last}".strip()


@lru_cache(maxsize=64)
def _split(full_name: str) -> tuple[str, str, str]:
    words = full_name[:500].split()
    if len(words) < 2:
        return "".join(words), "", ""
    text = " ".join(words)
    if _PLAIN.fullmatch(text) and _special().isdisjoint(text.lower().split()) and min(map(len, words)) > 1:
        return words[0], " ".join(words[1:-1]), words[-1]  # as the library would, at a hundredth of the cost
    name = HumanName(text)
    if not name.first and not name.last:
        return words[0], "", " ".join(words[1:])
    return str(name.first), str(name.middle), str(name.last)


@lru_cache(maxsize=1)
def _special() -> frozenset[str]:
    """Every word that means something to the library: titles, particles, suffixes, conjunctions, `née`."""
    known = CONSTANTS
    return frozenset(
        {"miss", "herr", "frau", "mme", "sra", "dra"}.union(
            known.titles,
            known.first_name_titles,
            known.prefixes,
            known.bound_first_names,
            known.conjunctions,
            known.suffix_acronyms,
            known.suffix_acronyms_ambiguous,
            known.suffix_not_acronyms,
            MAIDEN_MARKERS,
        )
    )
