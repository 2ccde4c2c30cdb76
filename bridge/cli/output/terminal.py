"""The one way to print: control characters are escaped, and colour is for terminals.

Payloads, and names out of them, are written by strangers. A terminal would obey an escape sequence in them (ECMA-48),
and a bidirectional override would show a text in another order than it has (UTR 36).
"""

from __future__ import annotations

import os
import re
from typing import Final, NamedTuple

import click

_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # bidirectional marks, overrides and isolates; line separators
    "\ud800-\udfff]"  # half a surrogate pair, which no encoding can write
)
_BREAKS: Final = re.compile("[\t\n]")


class Styled(NamedTuple):
    """A text in a colour of click, shown so only on a terminal."""

    text: str
    colour: str


def echo(*parts: str | Styled, err: bool = False, nl: bool = True) -> None:
    """Print the parts as one text, on standard error if `err`. What a terminal would obey is escaped.

    Colour is left out where output is no terminal, and where NO_COLOR is set (https://no-color.org).
    """
    text = "".join(
        escaped(part) if isinstance(part, str) else click.style(escaped(part.text), fg=part.colour, bold=True)
        for part in parts
    )
    click.echo(text, err=err, nl=nl, color=False if os.environ.get("NO_COLOR") else None)


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
