"""How forms usually name an address, a name, a phone: for places where people name the fields, in 37 languages.

The names stand in `usual_names.json`, by language: for each part of a contact its names, the likeliest first; the ways
to say `your` that may stand before them; the marks of a `required` field; and other words that the person's `own`
address is named by (see `own_address`; a star stands for any ending). A preset writes `usual` for them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge.expressions import LONGEST, comparable
from bridge.expressions.texts import LONGEST_CACHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE: Final = Path(__file__).with_name("usual_names.json")

PARTS: Final = ("email", "first_name", "last_name", "full_name", "phone", "company")
"""The parts of a contact that have usual names."""

_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
"""Letters that no Unicode form takes apart."""

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
"""How people write these letters without the keys for them."""

_BRACKETS: Final = re.compile(r"[(\[{（【]([^()\[\]{}（）【】]*)[)\]}）】]\s*[*:?]*$")
_RECALL: Final = re.compile(r"\*?\{\{[^{}]*\}\}\*?")
"""Where a question repeats an earlier answer, as Typeform writes it: `And your last name, *{{field:...}}*?`"""

TRACKING: Final = (
    "utm_*", "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id", "referrer",
    "referer", "landing_page",
)  # fmt: skip
"""Names of tracking fields (where a lead came from), in lower case with underscores; `*` stands for any ending."""


def folded(name: str) -> str:
    """A name's letters and digits alone, without regard to letter case, accents and what stands between words.

    `E-Mail-Adresse`, `e_mail_adresse`, `eMailAdresse` and `Email adresse (Pflichtfeld) *` are one. A name of more than
    500 characters is given back as it is.
    """
    return _cached_fold(name) if len(name) <= LONGEST_CACHED else name if len(name) > LONGEST else _fold(name)


def _fold(name: str) -> str:
    text = comparable(_RECALL.sub("", name) if "{{" in name else name)
    mark = _BRACKETS.search(text)
    if mark and mark.start() and mark[1].strip(" *") in _required():
        text = text[: mark.start()]
    return _letters(text) or text


def _letters(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS)).casefold()
    return "".join([letter for letter in text if letter.isalnum()])


_cached_fold: Final = lru_cache(maxsize=4096)(_fold)


def known_as(names: Iterable[str]) -> frozenset[str]:
    """What something with these names may be called: folded, with the number at the end and without it."""
    all_folded = [folded(name) for name in names]
    return frozenset((*all_folded, *map(unnumbered, all_folded)))


def unnumbered(name: str) -> str:
    """A folded name without the number at its end that builders add to a second field: `fullname2`."""
    return name.rstrip("0123456789") or name


@cache
def usual_names(part: str) -> tuple[str, ...]:
    """The folded names of a part of a contact, the likeliest first: English ones, then those of other languages."""
    return tuple(dict.fromkeys(_names(part)))


def part_named(name: str) -> str:
    """The part of a contact that has this usual name, or an empty text."""
    return _cached_part(name) if len(name) <= LONGEST_CACHED else ""


@lru_cache(maxsize=4096)
def _cached_part(name: str) -> str:
    return _part_of().get(folded(name), "")


@cache
def _part_of() -> dict[str, str]:
    return {name: part for part in PARTS for name in usual_names(part)}


def _names(part: str) -> Iterator[str]:
    for words in languages().values():
        bare = [letters for name in words[part] for letters in _spellings(name)]
        yield from bare
        if part == "email":
            bare += ["email", "mail"]
        for before in (before for your in words["your"] for before in _spellings(your)):
            yield from (before + name for name in bare)


def _spellings(name: str) -> tuple[str, ...]:
    plain = _letters(comparable(name))
    return (plain,) if name.isascii() else (plain, _letters(comparable(name).translate(_UMLAUTS)))


@cache
def languages() -> dict[str, Any]:
    """What the file holds, by language."""
    found: dict[str, Any] = orjson.loads(FILE.read_bytes())
    return found


@cache
def _required() -> frozenset[str]:
    return frozenset(comparable(mark) for words in languages().values() for mark in words["required"])
