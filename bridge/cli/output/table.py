"""Tables that fit the terminal, whatever script their cells are written in."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

from bridge.cli.output.terminal import echo
from bridge.escaping import on_one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

NARROWEST: Final = 8
"""No column is cut to less than this."""

LEGIBLE: Final = 12
"""Every column keeps so much, those that go whole included, before one is cut to less."""

_GAP: Final = 2


def print_table(
    rows: Sequence[Sequence[str]], *, indent: str = "", whole: Collection[int] = (), drop: Sequence[int] = ()
) -> None:
    """Rows in columns as wide as they need, whole in a pipe or a file.

    On a terminal that is too narrow the columns of `drop` are left out one after the other, then the widest are cut,
    those of `whole` last; none to less than LEGIBLE while another one is wider.
    """
    cells = [[on_one_line(cell) for cell in row] for row in rows]
    columns = list(range(len(cells[0])))
    widths = [max(cell_width(row[column]) for row in cells) for column in columns]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - len(indent)
        for column in drop:
            if _taken([widths[one] for one in columns]) > room:
                columns.remove(column)
        widths = fitted(widths, room, columns, whole)
    for row in cells:
        padded = [_padded(_cut(row[column], widths[column]), widths[column]) for column in columns]
        echo((indent + (" " * _GAP).join(padded)).rstrip())


def fitted(widths: Sequence[int], room: int, columns: Sequence[int], whole: Collection[int] = ()) -> list[int]:
    """The widths of all columns, the widest of `columns` made narrower one by one until they fit, `whole` last."""
    fitting = list(widths)
    others = [one for one in columns if one not in whole]
    for may_shrink, least in ((others, LEGIBLE), (columns, LEGIBLE), (others, NARROWEST), (columns, NARROWEST)):
        while may_shrink and _taken([fitting[one] for one in columns]) > room:
            widest = max(may_shrink, key=lambda column: fitting[column])
            if fitting[widest] <= least:
                break
            fitting[widest] -= 1
    return fitting


def cell_width(text: str) -> int:
    """How many cells of a terminal a text takes: Chinese and Japanese characters take two (Unicode's UAX 11)."""
    if text.isascii():
        return len(text)
    from wcwidth import width  # a tenth of a second that most tables do not need

    return width(text)


def _taken(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _cut(text: str, width: int) -> str:
    """The text, or its start with an ellipsis where it is wider."""
    if cell_width(text) <= width:
        return text
    if text.isascii():
        return f"{text[: width - 1]}…"
    from wcwidth import clip

    return f"{clip(text, 0, width - 1)}…"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_width(text))
