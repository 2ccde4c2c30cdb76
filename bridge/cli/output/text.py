"""Results as people or programs read them."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Problem

NARROWEST: Final = 8
"""No column is cut to less than this."""


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    try:
        click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())
    except TypeError:  # a number beyond 64 bits or half a surrogate pair, which a payload may hold
        click.echo(json.dumps(value, indent=2, default=str))


def print_table(rows: Sequence[Sequence[str]], *, indent: str = "") -> None:
    """Rows in columns as wide as they need; on a terminal the widest are cut until the rows fit it."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    if sys.stdout.isatty():
        widths = fitted(widths, shutil.get_terminal_size().columns - len(indent))
    for row in rows:
        cells = [cut(cell, width) for cell, width in zip(row, widths, strict=True)]
        padded = [cell.ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)]
        click.echo((indent + "  ".join([*padded, cells[-1]])).rstrip())


def fitted(widths: Sequence[int], room: int) -> list[int]:
    """The widths of columns, the widest made narrower one by one until all fit, two spaces apart."""
    fitting = list(widths)
    while sum(fitting) + 2 * (len(fitting) - 1) > room and max(fitting) > NARROWEST:
        fitting[fitting.index(max(fitting))] -= 1
    return fitting


def cut(text: str, width: int) -> str:
    """The text, or its start with an ellipsis where it is longer."""
    return text if len(text) <= width else text[: width - 1] + "…"


def print_problem(problem: Problem) -> None:
    """A problem as `file:line:column: path: sentence`, and its fix on a line of its own."""
    place = ":".join(str(part) for part in (problem.file, problem.line or "", problem.column or "") if part)
    parts = [part for part in (place, str(problem.severity), problem.path) if part]
    click.echo(f"{': '.join(parts)}: {problem.message}")
    if problem.fix:
        click.echo(f"    {problem.fix}")


def shown_time(at: int | None) -> str:
    """A time in ms UTC as `2026-11-21 09:30:05 UTC`, `-` for none."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def shown_span(milliseconds: int) -> str:
    """A length of time in its two largest units: `3 min 5 s`."""
    seconds = max(0, round(milliseconds / 1000))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def counted(count: int, noun: str) -> str:
    """`1 delivery`, `3 deliveries`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{count} {noun}s"
