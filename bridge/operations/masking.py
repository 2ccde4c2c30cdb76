"""Personal data hidden from who need not see it, while everything about it can still be followed.

Masked are all values of payloads and leads, and in sentences what stands in quotes, addresses and long numbers. Left
are words of the mapping, the names of fields and lists, yes and no: they are not about the person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge.address import IN_TEXT
from bridge.documents import load, scalars

if TYPE_CHECKING:
    from collections.abc import Iterable

DOTS: Final = "•••"
"""Stands for what is hidden, however long it is."""

_ANYBODYS: Final = frozenset({"", "yes", "no", "true", "false", "on", "off", "y", "n", "0", "1"})
_OURS: Final = frozenset({"state", "reason"})
_QUOTED: Final = re.compile(r"""(?<!\w)'(?P<one>[^'\n]*)'(?!\w)|(?<!\w)"(?P<two>[^"\n]*)"(?!\w)""")
_NUMBER: Final = re.compile(r"\+?\d[\d ()/.-]{6,}\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?")
_WORD: Final = re.compile(r"[\w-]+")


class Mask:
    """What one person sees of another's data: everything once it is `revealed`, else what is not personal.

    `vocabulary` are words that may be shown.
    """

    def __init__(self, *, revealed: bool, vocabulary: Iterable[str] = ()) -> None:
        self.revealed = revealed
        self._vocabulary = frozenset(word.casefold() for word in vocabulary)

    def text(self, text: str) -> str:
        """A text of which nothing is known but that it may be personal: `A•••`, an address `a•••@e•••.com`."""
        if self.revealed or text.strip().casefold() in _ANYBODYS or text.casefold() in self._vocabulary:
            return text
        local, at, domain = text.strip().rpartition("@")
        if not at:
            return f"{text.strip()[:1]}{DOTS}"
        name, dot, ending = domain.rpartition(".")
        return f"{local[:1]}{DOTS}@{name[:1]}{DOTS}{dot}{ending}" if dot else f"{local[:1]}{DOTS}@{DOTS}"

    def value(self, value: Any) -> Any:
        """A JSON value with all its texts and numbers masked; names of fields stay."""
        if self.revealed or value is None or isinstance(value, bool):
            return value
        if isinstance(value, dict):
            return {name: self.value(inner) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return self.text(value) if isinstance(value, str) else DOTS

    def part(self, path: str, value: Any) -> Any:
        """A value of a difference, masked unless its path says that it is a word of ours."""
        return value if path in _OURS or path.endswith(".api") else self.value(value)

    def sentence(self, sentence: str) -> str:
        """A sentence of ours, or of Zoho's, with what it quotes of the person masked."""
        if self.revealed:
            return sentence
        sentence = _QUOTED.sub(self._quoted, sentence)
        sentence = IN_TEXT.sub(lambda found: self.text(found[0]), sentence)
        return _NUMBER.sub(lambda found: found[0] if _MOMENT.match(found[0]) else DOTS, sentence)

    def _quoted(self, found: re.Match[str]) -> str:
        inner = found["one"] if found["one"] is not None else found["two"]
        return f"{found[0][0]}{self.text(inner)}{found[0][0]}"


def words_of(mapping: str) -> frozenset[str]:
    """The words of a mapping's text: every key and value, and the parts of paths and conditions."""
    words: set[str] = set()
    for text in scalars(load(mapping, file="").data):
        words.add(text)
        words.update(_WORD.findall(text))
    return frozenset(words)
