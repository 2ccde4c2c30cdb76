"""`leadbridge cancel`: waiting deliveries are given up, dead ones marked as decided."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import click

from bridge.cli.command import Command
from bridge.cli.options.confirmation import bulk_options, need_choice
from bridge.cli.options.selection import selector_options
from bridge.model import DeliveryState, EventState
from bridge.outbox import operator

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.operator import Selector

from bridge.cli.recovery.deliveries import change, chosen_ids

_OPEN: Final = (DeliveryState.PENDING, DeliveryState.BLOCKED)


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
    """Cancel waiting deliveries; decide on dead ones and refused events.

    A delivery in flight is left alone: it may have arrived. With --state dead, dead deliveries are marked as decided:
    they raise no alarm any more, and are purged in time. With --state refused, refused events are dismissed: they count
    as ignored, with the reason "dismissed".
    """
    need_choice(selector)
    if selector.event_state is EventState.REFUSED:
        events = sorted({one.event_id for _, found in operator.chosen(store, selector) for one in found})
        dismiss = partial(operator.dismiss, store)
        change("dismissed", events, dismiss, yes=yes, dry_run=dry_run, as_json=as_json, what="event")
        return
    states = (DeliveryState.DEAD,) if selector.delivery_state is DeliveryState.DEAD else _OPEN
    ids = chosen_ids(store, selector, states)
    change("cancelled", ids, lambda some: operator.cancel(store, some), yes=yes, dry_run=dry_run, as_json=as_json)
