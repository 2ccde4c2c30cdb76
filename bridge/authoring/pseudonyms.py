"""Pseudonyms for personal values: of the same shape, always the same for the same value, and nobody's.

An example made of a real submission must show what a mapping does with it, and must not hold the person. So every
text and number is replaced but for the words that the preset and the mapping themselves speak of.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"']+@[^\s@<>,;:\"']+\.[^\s@<>,;:\"']+")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?")
_DIGIT_DATE: Final = re.compile(r"\d{1,2}([./-])\d{1,2}\1(\d{4})( .*)?")
_PHONE: Final = re.compile(r"\+?[\d\s().\-/]{7,}")
_URL: Final = re.compile(r"(https?://)([^/\s]+)(.*)", re.DOTALL)
_MOMENT: Final = "2026-03-04T10:15:00.000000000"
_PLAIN: Final = frozenset({"", "true", "false", "yes", "no", "on", "off", "null", "none", "0", "1"})
_PEOPLE: Final = ("ada", "grace", "alan", "mary", "charles", "emmy", "sofja", "leonhard", "carl", "rosalind")
_VOWELS, _CONSONANTS = "aeiou", "bdfgklmnprstvz"
_DATE_PARTS: Final = {"day": "04", "month": "03", "year": "1991"}
"""A date in parts, as Jotform sends it, is a date again."""

_LEAST: Final = 3
"""Shorter parts of a name are not looked for inside other texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonyms:
    """How values are replaced: `keep` are words that stay (lower case), `known` texts whose pseudonyms are given.

    `parts` are texts that stay wherever they are found inside another: conditions look for them.
    """

    keep: Collection[str]
    known: Mapping[str, str] = field(default_factory=dict)
    parts: Collection[str] = ()

    def of(self, value: Any) -> Any:
        """The value with everything personal replaced; a text that holds JSON is replaced inside."""
        match value:
            case dict() if _DATE_PARTS.keys() <= value.keys():
                return {str(key): _DATE_PARTS.get(key, self.of(inner)) for key, inner in value.items()}
            case dict():
                return {self._key(str(key)): self.of(inner) for key, inner in value.items()}
            case list():
                return [self.of(item) for item in value]
            case bool() | None:
                return value
            case int():
                return value if str(value) in self.keep or abs(value) < 10 else int(_digits(str(value)))
            case float():
                return round(value, 2) if abs(value) < 10 else float(_digits(str(value)))
        return self.text(str(value))

    def text(self, text: str) -> str:
        """A text of the same shape."""
        bare = text.strip()
        if bare in self.known:
            return text.replace(bare, self.known[bare])
        if bare.startswith(("{", "[")):
            try:
                return json.dumps(self.of(json.loads(bare)), ensure_ascii=False)
            except (ValueError, RecursionError):
                pass  # it only looks like JSON, or is deeper than any that is read
        if bare.casefold() in self.keep or bare.casefold() in _PLAIN:
            return self._without_known(text)
        parts = _any_of(tuple(self.parts))
        pieces = parts.split(text) if parts else [text]  # no part, a part as it is written, and so on
        if len(pieces) == 1:
            return _shaped(bare)
        return "".join(piece if number % 2 else self.text(piece) for number, piece in enumerate(pieces))

    def _key(self, key: str) -> str:
        return self.text(key) if _ADDRESS.fullmatch(key) or key in self.known else key

    def _without_known(self, text: str) -> str:
        """A word that stays may still quote the person: `Thanks, Ada!`."""
        for value, other in self.known.items():
            if len(value) >= _LEAST and value != text.strip():
                text = re.sub(rf"\b{re.escape(value)}\b", lambda _, other=other: other, text)  # type: ignore[misc]
        return text


@lru_cache(maxsize=16)
def _any_of(parts: tuple[str, ...]) -> re.Pattern[str] | None:
    """Any of the parts, the longest first, in any letter case; None where there is none."""
    longest_first = sorted(filter(None, parts), key=len, reverse=True)
    return re.compile(f"({'|'.join(map(re.escape, longest_first))})", re.IGNORECASE) if longest_first else None


def _shaped(text: str) -> str:
    if _ADDRESS.fullmatch(text):
        return address(text)
    if _DATE.fullmatch(text):
        zone = _DATE.fullmatch(text)[4] or ""  # type: ignore[index]
        moment = _MOMENT[: len(text) - len(zone)]
        return (moment.replace("T", " ") if " " in text else moment) + zone
    digit_date = _DIGIT_DATE.fullmatch(text)
    if digit_date:
        return digit_date[1].join(("04", "03", "2026")) + (digit_date[3] or "")
    url = _URL.fullmatch(text)
    if url:
        return f"{url[1]}example.com{_letters(url[3])}"
    return _digits(text) if _PHONE.fullmatch(text) else _letters(text)


def address(text: str) -> str:
    """An address at example.com in the place of another."""
    number = _hash(text.casefold())
    return f"{_PEOPLE[number % len(_PEOPLE)]}{number % 1000}@example.com"


def _digits(text: str) -> str:
    """Other digits in their places; the country of a telephone number and the first digit stay, for their rules."""
    stays = 3 if text.startswith("+") else 1
    number = str(_hash(text)).rjust(40, "7")
    out, seen = [], 0
    for character in text:
        if character.isdigit() and character.isascii():
            seen += 1
            out.append(character if seen <= stays else number[-(seen % 37) - 1])
        else:
            out.append(character)
    return "".join(out)


def _letters(text: str) -> str:
    """Letters for letters, digits for digits, capitals and punctuation as they were; sayable."""
    number = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    out = []
    for position, character in enumerate(text[:500]):
        pick = number[position % len(number)] + position
        if character.isdigit():
            out.append(str(pick % 10))
        elif character.isalpha():
            letters = _VOWELS if position % 2 else _CONSONANTS
            letter = letters[pick % len(letters)]
            out.append(letter.upper() if character.isupper() else letter)
        else:
            out.append(character)
    return "".join(out)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16], "big")
