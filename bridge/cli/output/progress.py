"""How far long work is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from bridge.cli.output.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Callable

SAY_EVERY_SECONDS: Final = 1.0


class Progress:
    """How far long work is, said on standard error once a second."""

    def __init__(self, verb: str, total: int) -> None:
        self._verb = verb
        self._total = total
        self._said_at = time.monotonic()

    def reached(self, count: int) -> None:
        """So many are done."""
        if time.monotonic() - self._said_at >= SAY_EVERY_SECONDS:
            self._said_at = time.monotonic()
            echo(f"{self._verb} {count} of {self._total}", err=True)


def row_progress() -> Callable[[str, int], None]:
    """A callback that says on standard error, once a second, which row of which table was reached."""
    said_at = time.monotonic()

    def report(table: str, row: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= SAY_EVERY_SECONDS:
            said_at = time.monotonic()
            echo(f"{table}: at row {row}", err=True)

    return report
