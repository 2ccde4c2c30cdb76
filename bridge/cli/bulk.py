"""What every command that changes many things has in common: a count first, a question, progress, a dry run."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

import click

from bridge.cli.choosing import is_everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox import Selector

SAY_EVERY_SECONDS: Final = 1.0


def bulk_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command `--yes`, `--dry-run` and `--json`."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    ):
        command = option(command)
    return command


def need_choice(selector: Selector) -> None:
    """Refuse to act on everything there is. Raises UsageError."""
    if is_everything(selector):
        raise click.UsageError("say which: an id, an address, or an option such as --hook, --reason or --since")


def agreed(sentence: str, *, yes: bool, single: bool = False) -> bool:
    """Whether a person wants what the sentence says. A single thing named by its id is not asked about."""
    if yes or single:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(f"{sentence} Nobody is there to ask: add --yes")
    return click.confirm(sentence, err=True)


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
            click.echo(f"{self._verb} {count} of {self._total}", err=True)


def counted(count: int, noun: str) -> str:
    """`1 delivery`, `3 deliveries`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{count} {noun}s"


def without_none(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts that are given."""
    return {name: value for name, value in facts.items() if value is not None}
