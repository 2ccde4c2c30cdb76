"""`leadbridge retry`: dead deliveries are tried again."""

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
        "leadbridge retry dlv_12",
        "leadbridge retry --hook webinar --since 1d --dry-run",
        "leadbridge retry --state dead --yes",
    ],
)
@selector_options
@bulk_options
def command(store: Outbox, selector: Selector, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Retry dead deliveries, with a fresh 72 hours.

    Considers dead deliveries only. When a subscribe is retried, so are the actions that died with it.
    """
    need_choice(selector)
    act(store, acts.choose(store, "retry", selector), yes=yes, dry_run=dry_run, as_json=as_json)
