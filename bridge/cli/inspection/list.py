"""`leadbridge list`: events and deliveries, filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bridge.cli.command import Command
from bridge.cli.options.selection import selector_options
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import shown_time
from bridge.model import DeliveryState, delivery_name, event_name
from bridge.outbox import operator

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.operator import Chosen, Selector


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
@click.option("--limit", default=50, show_default=True, help="At most so many, the newest.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(store: Outbox, selector: Selector, limit: int, as_json: bool) -> None:
    """List events and their deliveries, the newest first.

    Without options all of them; the options choose.
    """
    found = operator.newest(store, selector, limit=limit)
    if as_json:
        print_json({"found": [as_object(one) for one in found]})
        return
    if not found:
        echo("Nothing fits.")
        return
    print_table([("event", "delivery", "received", "hook", "lead", "where", "state"), *map(_row, found)])
    if len(found) == limit:
        echo(f"(the newest {limit}; --limit shows more)", err=True)


def as_object(one: Chosen) -> dict[str, Any]:
    """A chosen event or delivery for a program."""
    whole: dict[str, Any] = {
        "event": event_name(one.event_id),
        "received_at": one.received_at,
        "hook": one.hook,
        "kind": one.kind.value,
        "event_state": one.event_state.name.lower(),
        "event_reason": one.event_reason,
        "lead": one.lead,
    }
    if one.delivery_id is not None and one.state is not None and one.priority is not None:
        whole |= {
            "delivery": delivery_name(one.delivery_id),
            "replay": one.replay,
            "state": one.state.name.lower(),
            "priority": one.priority.name.lower(),
            "reason": one.reason.value if one.reason else "",
            "code": one.code,
            "available_at": one.available_at,
            "ended_at": one.ended_at,
            "lane": one.lane_id,
            "api": one.target.api if one.target else "",
            "target": place(one),
        }
    return whole


def place(one: Chosen) -> str:
    """Where a delivery goes: its journey or its list."""
    target = one.target
    if target is None:
        return ""
    return target.journey_name or target.journey_key or target.list_name or target.list_key


def _row(one: Chosen) -> tuple[str, ...]:
    return (
        event_name(one.event_id),
        delivery_name(one.delivery_id) if one.delivery_id is not None else "",
        shown_time(one.received_at).removesuffix(" UTC"),
        one.hook,
        one.lead or f"({one.kind})",
        f"{one.target.api} {place(one)}" if one.target else "",
        _state(one),
    )


def _state(one: Chosen) -> str:
    if one.state is None:
        return " ".join(part for part in (one.event_state.name.lower(), one.event_reason) if part)
    if one.state is DeliveryState.DEAD:
        return " ".join(part for part in ("dead", one.reason.value if one.reason else "", one.code) if part)
    return one.state.name.lower()
