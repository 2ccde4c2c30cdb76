"""Results as people or programs read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Problem


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())


def print_table(rows: Sequence[Sequence[str]], *, indent: str = "") -> None:
    """Rows in columns as wide as they need; the last column is not padded."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        click.echo((indent + "  ".join([*padded, row[-1]])).rstrip())


def print_problem(problem: Problem) -> None:
    """A problem as `file:line:column: path: sentence`, and its cure on a line of its own."""
    place = ":".join(str(part) for part in (problem.file, problem.line or "", problem.column or "") if part)
    parts = [part for part in (place, str(problem.severity), problem.path) if part]
    click.echo(f"{': '.join(parts)}: {problem.message}")
    if problem.cure:
        click.echo(f"    {problem.cure}")


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
