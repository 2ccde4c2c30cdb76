"""The texts that a value holds for a part of a contact, and which of them can be used."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bridge.address import MAX_LENGTH, normalised, problem, written
from bridge.expressions import as_text, is_blank
from bridge.intake.events.usual_names import folded, usual_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_KEYS: Final = {
    "first_name": ("first", "firstname", "givenname"),
    "last_name": ("last", "lastname", "familyname", "surname"),
    "full_name": ("full", "fullname", "firstandlast", "name"),
    "phone": ("full", "phone", "number", "value", "fullnumber"),
    "email": ("email", "value", "address", "emailaddress"),
    "company": ("name", "company", "value"),
}
"""The keys of a part inside an object, folded."""

_PRIMARY: Final = ("primary", "is_primary", "isPrimary")
_DIGITS: Final = re.compile(r"(?:\d\D*){5}")
_LETTER: Final = re.compile(r"[^\W_]")
_DEEPEST: Final = 3


def fitness(part: str) -> Callable[[str], object]:
    """Whether a text may be such a part: an address that Zoho takes, a phone of five digits, a name with a letter."""
    return _is_address if part == "email" else (_DIGITS if part == "phone" else _LETTER).search


def _is_address(text: str) -> bool:
    return "@" in text and len(text) <= MAX_LENGTH and problem(text) is None


def identity(part: str, text: str) -> str:
    """What is equal for two ways to write the same."""
    if part == "email":
        return normalised(text)
    if part == "phone":
        return "".join([letter for letter in text if letter.isdigit()]).lstrip("0") or text
    return folded(text) or text


def texts_of(part: str, value: Any, depth: int = _DEEPEST) -> list[str]:
    """The texts of a value that are not blank: its own, those of its items, those under the part's keys.

    Of a list with a primary item that can be used, only that one's. True and false are not texts.
    """
    if isinstance(value, str):
        return [text] if (text := (written(value) if part == "email" else value).strip()) else []
    if isinstance(value, bool) or is_blank(value) or not depth:
        return []
    if isinstance(value, list):
        return _primary(part, value) or [text for item in value for text in texts_of(part, item, depth - 1)]
    return _inside(part, value, depth) if isinstance(value, dict) else [as_text(value).strip()]


def _primary(part: str, items: Iterable[Any]) -> list[str]:
    marked = [item for item in items if isinstance(item, dict) and any(item.get(name) is True for name in _PRIMARY)]
    return [text for item in marked for text in texts_of(part, item) if fitness(part)(text)][:1]


def _inside(part: str, value: Mapping[str, Any], depth: int) -> list[str]:
    if part == "phone":
        pieces = [as_text(value.get(name)).strip() for name in ("country", "area", "phone")]
        if pieces[1] and pieces[2]:
            return [" ".join(filter(None, pieces))]
    keys = _keys(part)
    return [text for key, inner in value.items() if folded(key) in keys for text in texts_of(part, inner, depth - 1)][
        :1
    ]


@cache
def _keys(part: str) -> frozenset[str]:
    return frozenset((*_KEYS[part], *usual_names(part)))
