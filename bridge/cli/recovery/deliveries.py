"""Chosen deliveries, changed in steps of one transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from bridge.cli.options.confirmation import agreed
from bridge.cli.output.documents import print_json
from bridge.cli.output.progress import Progress
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import counted
from bridge.outbox import operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bridge.model import DeliveryState
    from bridge.outbox import Outbox
    from bridge.outbox.operator import Selector


AT_ONCE: Final = 200
"""How many deliveries one transaction changes."""


def chosen_ids(store: Outbox, selector: Selector, states: tuple[DeliveryState, ...]) -> list[int]:
    """The chosen deliveries that are in one of these states, oldest first."""
    return sorted(
        one.delivery_id
        for _, found in operator.chosen(store, selector)
        for one in found
        if one.delivery_id is not None and one.state in states
    )


def change(
    done: str,
    ids: list[int],
    act: Callable[[Iterable[int]], int],
    *,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    what: str = "delivery",
) -> None:
    """Ask, change the deliveries (or `what` else) in steps, and say how many; `done` is the participle: `retried`."""
    fit = counted(len(ids), what)
    changed = 0
    if ids and not dry_run:
        if not agreed(f"{fit} will be {done}. Go on?", yes=yes, single=len(ids) == 1):
            raise click.Abort
        progress = Progress(done, len(ids))
        for start in range(0, len(ids), AT_ONCE):
            changed += act(ids[start : start + AT_ONCE])
            progress.reached(start)
    if as_json:
        print_json({"fit": len(ids), done: changed, "dry_run": dry_run})
    else:
        echo(f"{fit} would be {done}" if dry_run else f"{counted(changed, what)} {done}")
