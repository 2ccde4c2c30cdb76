"""`leadbridge cancel`: waiting deliveries are given up, dead ones marked as decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge.cli.command import Command
from bridge.cli.options.confirmation import bulk_options, need_choice
from bridge.cli.options.selection import selector_options
from bridge.cli.recovery.jobs_in_front import act
from bridge.operations import acts

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.operator import Selector


@click.command(
    cls=Command,
    examples=[
        "leadbridge cancel dlv_12",
        "leadbridge cancel --hook webinar --dry-run",
        "leadbridge cancel --state dead --reason no_list --yes",
        "leadbridge cancel --hook webinar --state refused",
    ],
)
@selector_options
@bulk_options
def command(store: Outbox, selector: Selector, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Cancel waiting deliveries; settle dead ones and refused events.

    A delivery in flight is left alone: it may have arrived. With --state dead, or named by their id, dead deliveries
    are marked as decided: they raise no alarm any more, and are purged in time. With --state refused, or named by
    their id, refused events are dismissed: they count as ignored, with the reason "dismissed".
    """
    need_choice(selector)
    chosen = acts.choose(store, acts.cancelling(store, selector), selector)
    act(store, chosen, yes=yes, dry_run=dry_run, as_json=as_json)
