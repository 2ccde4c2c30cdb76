"""Whether a question asks for somebody else's data: a friend's, a manager's, whose address gets a copy.

The words stand in `other_people.json`, by language and by whom they mean (`friend`, `boss`, `professional`, `copy`). A
star stands for any letters before or after a word, `^` for the start of the name, and 2 for any number from 2 to 9.
Chinese, Japanese, Korean and Thai put no blanks between words: theirs are found anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from bridge.expressions import comparable
from bridge.expressions.texts import LONGEST_CACHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OTHER_PEOPLE: Final = Path(__file__).with_name("other_people.json")

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ID: Final = re.compile(
    r"(?<![^\W_])(?:(?i:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?=[^\W_]*?[a-z][0-9]++[a-z])[^\W_]++)"
)
"""A UUID, or letters with digits among them: made by a machine, and `cc` within it is no word."""

_CHECKOUT: Final = re.compile(r"(?i)(?<![^\W_])billing[_.\[](?=email|phone|first|last|company)")
"""The start of a key of shops' checkout forms (WooCommerce's `billing_email`): the customer's own data."""

_MAIL: Final = re.compile(r" e (?=mail|post|pošt|пошт|поща|naslov)")
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_BARE: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ى": "ي"})
_NUMBERS: Final = frozenset("23456789")
_SHORT: Final = 2
_SHORTEST_BARE: Final = 5
"""Letters. A shorter Latin word is not looked for without its accents: Swedish `vän` would be Dutch `van`."""

_HEAD: Final = 4
"""Characters by which a longer entry is looked for."""

_GREEK: Final = "\u0370"
_DEVANAGARI: Final = "\u0900"
"""From here on marks are vowels and not accents."""
UNSPACED: Final = "\u0e00"
"""From here on no blanks stand between words."""


def is_about_others(names: Iterable[str]) -> bool:
    """Whether a question's name says that it asks for somebody else's: `Friend's e-mail`, `kollege_email`."""
    return any(_says_others(name) for name in names if len(name) <= LONGEST_CACHED)


@lru_cache(maxsize=4096)
def _says_others(name: str) -> bool:
    name = _CHECKOUT.sub(" ", _ID.sub(" ", name))
    plain = _words(comparable(name))
    texts = {_joined(plain), _joined(_parts(name, plain))}
    return any(_is_known(text) for text in texts | set(map(bare, texts)))


def words_of(name: str) -> list[str]:
    """The words of a question's name, those of `teacherEmail` as well, without ids, comparable."""
    name = _ID.sub(" ", name)
    return _joined(_parts(name, _words(comparable(name)))).split()[1:]


def _parts(name: str, plain: list[str]) -> list[str]:
    return [word for word in _words(comparable(_HUMP.sub(" ", name))) if len(word) > _SHORT or word in plain]


def _words(text: str) -> list[str]:
    """Runs of letters with their marks, and 2 for each number from 2 to 9."""
    runs = [(kind, "".join(run)) for kind, run in groupby(text, _kind)]
    return ["2" if kind == "N" else run for kind, run in runs if kind == "L" or (kind == "N" and run in _NUMBERS)]


def _kind(letter: str) -> str:
    kind = unicodedata.category(letter)[0]
    return "L" if kind == "M" else kind


def _joined(words: Iterable[str]) -> str:
    return _MAIL.sub(" e", f" ^ {' '.join(words)} ")


def bare(text: str) -> str:
    """Without accents; as it is where marks are more than that."""
    if text.isascii() or last_letter(text) >= _DEVANAGARI:
        return text
    letters = unicodedata.normalize("NFKD", text.translate(_BARE))
    return "".join([letter for letter in letters if unicodedata.category(letter)[0] != "M"]).translate(_BARE)


def last_letter(text: str) -> str:
    """The letter of a text, which is not empty, that Unicode has last, without its marks: the script shows by it."""
    return max(unicodedata.normalize("NFD", text))


def _is_known(text: str) -> bool:
    """Whether an entry is a part of it."""
    entries, lengths = _entries()
    return any(
        text[place : place + length] in entries
        for place in range(len(text) - 1)
        for length in (2, 3, *lengths.get(text[place : place + _HEAD], ()))
    )


@cache
def _entries() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """All that is looked for, and the lengths of those that begin alike; there are shorter ones of 2 and 3."""
    languages = orjson.loads(OTHER_PEOPLE.read_bytes())
    entries = {entry for by_role in languages.values() for line in by_role.values() for entry in line.split(", ")}
    texts = frozenset(spelling for entry in entries for spelling in _spellings(entry))
    lengths: dict[str, set[int]] = {}
    for text in (each for each in texts if len(each) >= _HEAD):
        lengths.setdefault(text[:_HEAD], set()).add(len(text))
    return texts, {head: tuple(found) for head, found in lengths.items()}


def _spellings(entry: str) -> Iterator[str]:
    """What is looked for: with a blank on each side that has no star, with and without accents."""
    word = _joined(_words(comparable(entry))).strip().removeprefix("^ ")
    is_unspaced = last_letter(word) >= UNSPACED
    before = "" if entry.startswith("*") or is_unspaced else " ^ " if entry.startswith("^") else " "
    after = "" if entry.endswith("*") or is_unspaced else " "
    yield before + word + after
    if not word.isascii() and (len(word) >= _SHORTEST_BARE or last_letter(word) >= _GREEK):
        yield before + bare(word.translate(_UMLAUTS)) + after
        yield before + bare(word) + after
