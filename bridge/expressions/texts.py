"""Texts compared as people read them: without regard to entities, letter case, Unicode form and white space."""

from __future__ import annotations

import html
import unicodedata
from typing import Final

LONGEST: Final = 500
"""Characters. A longer text is not a name: it is compared as it is, since normalising takes quadratic time.

CPython sorts combining marks by insertion (`unicodedata.normalize`): 200,000 of them take minutes.
"""

LONGEST_CACHED: Final = 200
"""Characters. Nothing longer is cached, so that a cache of 4,096 names holds less than 2 MB."""

_EDGE: Final = "?:*.! \t"
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Soft hyphens, zero-width blanks and byte order marks."""


def comparable(text: str) -> str:
    """`text` as it is compared: HTML entities read, NFC, no invisible characters, single blanks, case-folded.

    Plug-ins send labels and values escaped for HTML: `Tips &amp; news`, `It&#039;s free`, `I&nbsp;agree`.
    """
    if len(text) > LONGEST:
        return text
    if "&" in text:
        text = html.unescape(html.unescape(text))  # twice: some plug-ins escape what was escaped already
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return " ".join(text.casefold().split())


def normal_label(label: str) -> str:
    """A question's name as it is looked up: comparable, and without punctuation at its edges."""
    text = comparable(label)
    return text.strip(_EDGE) or text
