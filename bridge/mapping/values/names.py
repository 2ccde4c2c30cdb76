"""Splitting a person's full name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from bridge.mapping.values.text import final_text

PARTS: Final = ("first", "last", "rest")

_PLAIN: Final = re.compile(r"(?:[A-Za-zÀ-ɏ]+(?:[-'’][A-Za-zÀ-ɏ]+)*(?: |$)){2,5}")


@lru_cache(maxsize=64)
def parts(full_name: str) -> tuple[str, str, str]:
    """The first name, the last name with its particles (`de la Cruz`), and the rest (all but the first name).

    A single word is a first name; last and rest are then blank. It is remembered for the next field, which most
    likely takes another part of the same name. Raises FormatError.
    """
    first, middle, last = _split(final_text(full_name, ""))
    return first, last, f"{middle} {last}".strip()


def _split(full_name: str) -> tuple[str, str, str]:
    words = full_name[:500].split()
    if len(words) < 2:
        return "".join(words), "", ""
    text = " ".join(words)
    if _PLAIN.fullmatch(text) and _special().isdisjoint(text.lower().split()) and min(map(len, words)) > 1:
        return words[0], " ".join(words[1:-1]), words[-1]  # as the library would, at a hundredth of the cost
    from nameparser import HumanName  # 0.2 s that a plain name does not need

    name = HumanName(text)
    if not name.first and not name.last:
        return words[0], "", " ".join(words[1:])
    return str(name.first), str(name.middle), str(name.last)


@lru_cache(maxsize=1)
def _special() -> frozenset[str]:
    """Every word that means something to the library: titles, particles, suffixes, conjunctions, `née`."""
    from nameparser.config import CONSTANTS
    from nameparser.config.maiden_markers import MAIDEN_MARKERS

    return frozenset(
        {"miss", "herr", "frau", "mme", "sra", "dra"}.union(
            CONSTANTS.titles,
            CONSTANTS.first_name_titles,
            CONSTANTS.prefixes,
            CONSTANTS.bound_first_names,
            CONSTANTS.conjunctions,
            CONSTANTS.suffix_acronyms,
            CONSTANTS.suffix_acronyms_ambiguous,
            CONSTANTS.suffix_not_acronyms,
            MAIDEN_MARKERS,
        )
    )
