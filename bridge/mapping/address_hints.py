"""What to write in the mapping, or to change at the sender, where an event has no address that can be used.

The place of an address is named, never the address.
"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from bridge.address import problem
from bridge.documents import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.model import Event

_MOST: Final = 3
_MOST_VALUES: Final = 2_000
_DEEPEST: Final = 8
_LONGEST_NAME: Final = 60
_LONGEST: Final = 300
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_JSON: Final = re.compile(r"\s*[{\[]")

_UNUSABLE: Final = (
    (
        re.compile(r"\{\{|\}\}|^[\[%$].*[\]%}]$"),
        "the sender did not fill in its placeholder: choose the field there again",
    ),
    (
        re.compile(r"[;&\n][ \t]*+[\w.\-\[\]]++="),
        "several fields came as one: let the sender post application/x-www-form-urlencoded",
    ),
    (re.compile(r"(?i)%(25)*40"), "it was escaped twice: let the sender escape its fields once"),
    (re.compile(r"^[^\s@]+ [^\s@]+@[^\s@]+$"), "it holds a blank: let the sender escape a + as %2B"),
    (re.compile(r"@[^\s,;|/]*+[\s,;|/].*@"), "it holds several addresses: let the form ask for one"),
)
"""Signs of what went wrong on the way, the surest first, each with its fix."""


def unusable(text: str) -> str:
    """The fix for a text that is not an address."""
    found = next((fix for sign, fix in _UNUSABLE if sign.search(text[:_LONGEST])), "")
    return found or "ask for it in a field that checks addresses"


def missing(event: Event) -> tuple[str, str]:
    """Where an event has addresses none of which is the contact's, as the end of a sentence, and the fix."""
    names = [one.label or one.key for one in event.answers if isinstance(one.value, str) and _is_address(one.value)]
    places = [(f"answer {name!r}", f"{{answer: {quoted(name)}}}") for name in names if len(name) <= _LONGEST_NAME]
    inner = []
    if not places:
        for path, text in islice(_texts(event.body, "body", _DEEPEST), _MOST_VALUES):
            if _is_address(text):
                places.append((path, f"{{from: {quoted(path)}}}"))
            elif "@" in text and _JSON.match(text):
                inner.append(path)
    if places:
        choices = " or ".join(f"`Lead Email: {way}`" for _, way in places[:_MOST])
        where = " and ".join(place for place, _ in places[:_MOST])
        return f"; an address stands at {where}", f"where that is the person's own, write {choices}"
    if inner:
        return f"; {inner[0]} holds JSON as a text", "let the sender post that JSON itself"
    return "", "let the form ask for one"


def _is_address(text: str) -> bool:
    return "@" in text and problem(text.strip()) is None


def _texts(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """The texts inside a value with their paths; nothing below a name that may itself be personal, or is long."""
    if isinstance(value, str):
        yield path, value
    elif depth and isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{number}]", depth - 1)
    elif depth and isinstance(value, dict):
        for name, inner in value.items():
            if "@" not in name and len(name) <= _LONGEST_NAME:
                shown = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
                yield from _texts(inner, f"{path}.{shown}", depth - 1)
