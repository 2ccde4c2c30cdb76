"""`leadbridge release`: a held lane goes on now, before its next probe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bridge.cli.command import Command
from bridge.cli.options.actor import actor
from bridge.cli.options.names import check_lanes
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo
from bridge.operations import acts
from bridge.operations.documents import target_name
from bridge.operations.wording import shown_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.operator import LaneStatus


@click.command(
    cls=Command,
    examples=[
        "leadbridge release 1",
        "leadbridge release Newsletter",
        "leadbridge release subscribe",
        "leadbridge release --all",
    ],
)
@click.argument("lanes", nargs=-1, metavar="[LANE]...")
@click.option("--all", "every", is_flag=True, help="Release every held lane, and probe every failing API.")
@click.option("--dry-run", is_flag=True, help="Say what would be released and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(lanes: tuple[str, ...], every: bool, dry_run: bool, as_json: bool) -> None:
    """Let held lanes and failing APIs continue before their next probe.

    Use it once the configuration is corrected in Zoho or in the mapping, or Zoho works again. LANE is a number or a
    name as `leadbridge status` shows it: of a list, a journey or an API. If the cause persists, the first call stops
    it again, and no lead is lost. Ends with 1 when nothing matching is stopped.
    """
    if every == bool(lanes):
        raise click.UsageError("name the lanes, or say --all")
    store = open_store()
    check_lanes(store, lanes)
    held = acts.held_now(store)
    chosen = [lane for lane in held if every or not set(lanes).isdisjoint(_names(lane))]
    released = [lane for lane in chosen if dry_run or acts.release(store, lane, actor=actor())]
    failing = [api for api in acts.failing_now(store) if every or api.api in lanes]
    probed = [api for api in failing if dry_run or acts.probe(store, api, actor=actor())]
    if as_json:
        shown = [{"account": api.account, "api": api.api} for api in probed]
        print_json({"released": [_as_object(lane) for lane in released], "probed": shown, "dry_run": dry_run})
    else:
        for api in probed:
            echo(f"{'would probe' if dry_run else 'probing'} {api.api}, account {api.account}")
        if released or not probed:
            _print(released, held, dry_run=dry_run)
        for api in acts.locked_now(store):
            if every or api.api in lanes:
                until = shown_time(api.locked_until)
                echo(f"{api.api}, account {api.account}, is locked by Zoho until {until}; it goes on then", err=True)
    sys.exit(0 if released or probed else 1)


def _print(released: list[LaneStatus], held: Sequence[LaneStatus], *, dry_run: bool) -> None:
    for lane in released:
        echo(f"{'would release' if dry_run else 'released'} {lane.lane_id} {acts.lane_subject(lane)}")
    if not released:
        names = ", ".join(f"{lane.lane_id} ({acts.lane_subject(lane)})" for lane in held)
        echo(f"nothing was released; held lanes: {names or 'none'}", err=True)


def _names(lane: LaneStatus) -> set[str]:
    target = lane.target
    names = (target.journey_name or target.list_name, target.journey_key or target.list_key, target.tag)
    return {str(lane.lane_id), *names} - {""}


def _as_object(lane: LaneStatus) -> dict[str, object]:
    target = lane.target
    where = {"account": target.account, "api": target.api, "target": target_name(target)}
    return {"lane": lane.lane_id} | where | {"held_reason": lane.held_reason, "held_since": lane.held_since}
