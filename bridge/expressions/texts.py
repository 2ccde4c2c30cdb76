"""Texts compared as people read them: without regard to entities, letter case, Unicode form and white space."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any, Final

LONGEST: Final = 500
"""Characters. A longer text is not a name: it is compared as it is, since normalising takes quadratic time.

CPython sorts combining marks by insertion (`unicodedata.normalize`): 200,000 of them take minutes.
"""

LONGEST_CACHED: Final = 200
"""Characters. Nothing longer is cached, so that a cache of 4,096 names holds less than 2 MB."""

_EDGE: Final = "?:*.! \t"
_AS_TYPED: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")) | {
    ord(letter): typed
    for typed, letters in {"'": "‘’ʼ‛", '"': "“”„‟", "-": "‐‑–—", "...": "…"}.items()
    for letter in letters
}
"""No soft hyphens, zero-width blanks and byte order marks; quotes and dashes as on a keyboard."""


def comparable(text: str) -> str:
    """`text` as it is compared: HTML entities read, NFC, no invisible characters, plain quotes and dashes, single
    blanks, case-folded.

    Plug-ins send labels and values escaped for HTML: `Tips &amp; news`, `It&#039;s free`, `I&nbsp;agree`.
    """
    if len(text) > LONGEST:
        return text
    if "&" in text:
        text = html.unescape(html.unescape(text))  # twice: some plug-ins escape what was escaped already
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_AS_TYPED))
    return " ".join(text.casefold().split())


_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def without_entities(value: Any) -> Any:
    """A JSON value with the entities of HTML in its texts read: `O&#39;Brien`, `M&uuml;ller`, `Tips &amp; news`.

    Each once, and only where its semicolon says that it is one; names of keys stay as they are.
    """
    if isinstance(value, str):
        return _ENTITY.sub(_read_entity, value) if "&" in value else value
    if isinstance(value, dict):
        return {name: without_entities(inner) for name, inner in value.items()}
    return [without_entities(inner) for inner in value] if isinstance(value, list) else value


def _read_entity(found: re.Match[str]) -> str:
    return html.unescape(found[0]).replace("\N{NO-BREAK SPACE}", " ")


def normal_label(label: str) -> str:
    """A question's name as it is looked up: comparable, and without punctuation at its edges."""
    text = comparable(label)
    return text.strip(_EDGE) or text
