"""What every command that changes many things has in common: a count first, a question, a dry run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bridge.operations.selection import is_everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox.operator import Selector


def bulk_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command `--yes`, `--dry-run` and `--json`."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("--dry-run", is_flag=True, help="Print what would be done; change nothing."),
        click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
    ):
        command = option(command)
    return command


def need_choice(selector: Selector) -> None:
    """Refuse to act on everything there is. Raises UsageError."""
    if is_everything(selector):
        raise click.UsageError("say which: an id, an address, or an option such as --hook, --reason or --since")


def agreed(sentence: str, *, yes: bool, single: bool = False) -> bool:
    """Whether a person confirms what the sentence says will happen. A single thing named by its id is not asked about.

    Raises UsageError where nobody can be asked.
    """
    if yes or single:
        return True
    if not sys.stdin.isatty():
        raise click.UsageError(f"{sentence} This is not a terminal: add --yes to confirm")
    return click.confirm(f"{sentence} Continue?", err=True)
