"""`leadbridge list`: events and deliveries, filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge.cli.command import Command
from bridge.cli.options.names import unheard_reason
from bridge.cli.options.selection import selector_options
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo
from bridge.model import DeliveryState, delivery_name, event_name
from bridge.operations.documents import page_document, target_name
from bridge.operations.selection import event_id_of
from bridge.operations.wording import short_time, shown_time
from bridge.outbox import operator

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.operator import Chosen, Selector

_HEADER = ("event", "delivery", "received", "hook", "lead", "to", "state")
_LEAD, _DROPPED = _HEADER.index("lead"), (_HEADER.index("delivery"),)


@click.command(
    cls=Command,
    examples=[
        "leadbridge list",
        "leadbridge list ada@example.com",
        "leadbridge list --hook webinar --state refused --since 2d",
        "leadbridge list --state dead --reason no_list --limit 200",
    ],
)
@selector_options
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="The maximum number of events."
)
@click.option("--before", metavar="EVENT", help="Only events older than this one, to continue an earlier list.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(store: Outbox, selector: Selector, limit: int, before: str | None, as_json: bool) -> None:
    """List events and their deliveries, the newest first.

    Lists all of them unless options select some. Times are UTC. Where a search has looked at many events and few
    match, it ends early and says how far it got.
    """
    page = operator.newest(store, selector, limit=limit, before=event_id_of(before) if before else None)
    if as_json:
        print_json(page_document(page))
        return
    now = store.now()
    if page.found:
        print_table([_HEADER, *(_row(one, now) for one in page.found)], whole=[_LEAD], drop=_DROPPED)
    else:
        echo("No event matches." if page.before is None else "No event matches so far.")
        note = unheard_reason(store, selector)
        echo(f"({note})" if note else "", err=True, nl=bool(note))
    if page.before is not None:
        echo(f"(back to {shown_time(page.searched_to)}; --before {event_name(page.before)} goes on)", err=True)


def _row(one: Chosen, now: int) -> tuple[str, ...]:
    return (
        event_name(one.event_id),
        delivery_name(one.delivery_id) if one.delivery_id is not None else "",
        short_time(one.received_at, now),
        one.hook,
        one.lead or f"({one.kind})",
        f"{one.target.api} {target_name(one.target)}" if one.target else "",
        _state(one),
    )


def _state(one: Chosen) -> str:
    if one.state is None:
        return " ".join(part for part in (one.event_state.name.lower(), one.event_reason) if part)
    if one.state is DeliveryState.DEAD:
        return " ".join(part for part in ("dead", one.reason.value if one.reason else "", one.code) if part)
    return one.state.name.lower()
