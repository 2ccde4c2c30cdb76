"""How far long work is."""

from __future__ import annotations

import time
from typing import Any, Final

from bridge.cli.output.terminal import echo

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


def without_none(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts that are given."""
    return {name: value for name, value in facts.items() if value is not None}
