"""`leadbridge retry` and `leadbridge cancel`: the same deliveries again, or never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from bridge import outbox
from bridge.cli.bulk import Progress, agreed, bulk_options, counted, need_choice
from bridge.cli.choosing import selector_options
from bridge.cli.output import print_json
from bridge.model import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bridge.outbox import Outbox, Selector

AT_ONCE: Final = 200
"""How many deliveries one transaction changes."""

_OPEN: Final = (DeliveryState.PENDING, DeliveryState.BLOCKED)


@click.command()
@selector_options
@bulk_options
def retry(store: Outbox, selector: Selector, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Try given-up deliveries again, with a fresh 72 hours.

    Chooses among the dead. A subscribe that comes back brings the actions back that died with it.
    """
    need_choice(selector)
    ids = _ids(store, selector, (DeliveryState.DEAD,))
    _act("retried", ids, lambda some: outbox.revive(store, some), yes=yes, dry_run=dry_run, as_json=as_json)


@click.command()
@selector_options
@bulk_options
def cancel(store: Outbox, selector: Selector, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Give up deliveries that wait, and mark dead ones as decided.

    What a call carries at this moment is left alone: it may have arrived. With --state dead, dead letters are marked
    as looked at: they raise no alarm any more, and may be purged in time.
    """
    need_choice(selector)
    states = (DeliveryState.DEAD,) if selector.delivery_state is DeliveryState.DEAD else _OPEN
    ids = _ids(store, selector, states)
    _act("cancelled", ids, lambda some: outbox.cancel(store, some), yes=yes, dry_run=dry_run, as_json=as_json)


def _ids(store: Outbox, selector: Selector, states: tuple[DeliveryState, ...]) -> list[int]:
    """The chosen deliveries that are in one of these states."""
    return [
        one.delivery_id
        for _, found in outbox.chosen(store, selector)
        for one in found
        if one.delivery_id is not None and one.state in states
    ]


def _act(
    done: str, ids: list[int], act: Callable[[Iterable[int]], int], *, yes: bool, dry_run: bool, as_json: bool
) -> None:
    fit = counted(len(ids), "delivery")
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
        click.echo(f"{fit} would be {done}" if dry_run else f"{counted(changed, 'delivery')} {done}")
