"""The one way to print: control characters are escaped, and colour is for terminals."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

import click

from bridge.escaping import escaped, on_one_line


class Styled(NamedTuple):
    """A text in a colour of click, shown so only on a terminal."""

    text: str
    colour: str


def echo(*parts: str | Styled, err: bool = False, nl: bool = True) -> None:
    """Print the parts as one text, on standard error if `err`. What a terminal would obey is escaped.

    Colour is left out where output is not a terminal, and where NO_COLOR is set (https://no-color.org).
    """
    text = "".join(
        escaped(part) if isinstance(part, str) else click.style(escaped(part.text), fg=part.colour, bold=True)
        for part in parts
    )
    click.echo(text, err=err, nl=nl, color=False if os.environ.get("NO_COLOR") else None)


def echo_line(*parts: str | Styled, err: bool = False) -> None:
    """Print the parts as one line, however many they hold: what quotes a stranger's text must not look like more."""
    echo(*(on_one_line(part) if isinstance(part, str) else part for part in parts), err=err)


def echo_body(body: bytes) -> None:
    """A body on standard output: byte for byte in a pipe or a file, as escaped text on a terminal."""
    if sys.stdout.isatty():
        echo(body.decode("utf-8", "replace"))
    else:
        click.echo(body, nl=False)
