"""Texts of strangers made harmless to look at: what a terminal would obey, and what would show a text in another order.

Payloads, and names out of them, are written by strangers. A terminal would obey an escape sequence in them (ECMA-48),
and a bidirectional override would show a text in another order than it has (UTR 36), on a page as well. A
character that is not seen makes two texts look the same that a mapping compares.
"""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # bidirectional marks, overrides and isolates; line separators
    "\u200b\u2060-\u2065\ufeff"  # nothing to see; U+200C and U+200D, which scripts and emoji need, are left
    "\ud800-\udfff]"  # half a surrogate pair, which no encoding can write
)
_BREAKS: Final = re.compile("[\t\n]")


def escaped(text: str) -> str:
    r"""The text with its unsafe characters as Python writes them: `\x1b`, `\u202e`."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_escape, text)


def on_one_line(text: str) -> str:
    """The escaped text with its tabs and newlines escaped as well, for a cell of a table."""
    return _BREAKS.sub(_escape, escaped(text))


def json_escaped(document: str) -> str:
    r"""A JSON document whose unsafe characters are written as `\u202e`: the same values to every reader."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
