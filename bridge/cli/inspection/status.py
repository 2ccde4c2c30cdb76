"""`leadbridge status`: how things stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bridge import bootstrap, config
from bridge.cli.command import Command
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import Styled, echo
from bridge.model import Priority
from bridge.operations.alarms import AlarmSeverity, alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.operations.documents import target_name
from bridge.operations.status import CAP, open_leads, service_status
from bridge.operations.wording import counted, shown_span, shown_time

if TYPE_CHECKING:
    from collections.abc import Container

    from bridge.operations.alarms import Alarm
    from bridge.operations.status import ServiceStatus
    from bridge.outbox.operator import ApiStatus, LaneStatus

_COLOURS = {AlarmSeverity.CRITICAL: "red", AlarmSeverity.WARNING: "yellow", AlarmSeverity.INFO: "blue"}


@click.command(
    cls=Command,
    examples=[
        "leadbridge status",
        "leadbridge status --json",
    ],
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(as_json: bool) -> None:
    """Show alarms, what waits, and the use of Zoho's limits.

    Alarms come first, the most urgent first; then what was received, what waits and since when, what is locked or held
    and until when, and what was given up.
    """
    settings = config.load(config.environment())
    store = open_store(settings.database_url)
    state = service_status(store, bootstrap.limits(settings))
    raised = alarms(read_inputs(store, settings.accounts))
    if as_json:
        print_json(_as_object(state, settings.accounts) | {"alarms": [_alarm_as_object(alarm) for alarm in raised]})
        return
    echo(f"outbox {store.name} at {shown_time(state.status.now)}\n")
    for alarm in raised:
        severity = Styled(alarm.severity.value.upper(), _COLOURS[alarm.severity])
        echo(severity, f"  {alarm.subject}: {alarm.message}\n  {alarm.fix}\n")
    _print_events(state)
    for api in state.status.apis:
        _print_api(api, state, is_served=api.account in settings.accounts)
    _print_dead(state)
    for name, count in state.status.resent_in_doubt.items():
        echo(f"\n{counted(count, 'delivery')} sent to {name} again after a call without an answer (outcome unknown)")


def _alarm_as_object(alarm: Alarm) -> dict[str, Any]:
    severity = {"severity": alarm.severity.value}
    return severity | {name: getattr(alarm, name) for name in ("name", "subject", "message", "fix", "since")}


def _print_events(state: ServiceStatus) -> None:
    rows = [(hook, name, str(count), _rate(state, hook, name)) for (hook, name), count in state.status.mapped.items()]
    echo("Events received, by their state now")
    print_table([("hook", "state", "events", "per hour"), *rows] if rows else [("none yet",)], indent="  ")


def _rate(state: ServiceStatus, hook: str, name: str) -> str:
    return f"{state.events_an_hour.get((hook, name), 0):g}" if state.events_an_hour else "-"


def _print_api(api: ApiStatus, state: ServiceStatus, *, is_served: bool) -> None:
    now, key = state.status.now, (api.account, api.api)
    budget = state.budgets.get(key)
    allowed = f" of {budget}" if budget else ""
    echo(f"\n{api.api} (account {api.account}): {api.calls_counted}{allowed} calls used in the window")
    if api.lanes and not is_served:
        echo(
            "  ",
            Styled("NOT SERVED", "red"),
            f": account {api.account!r} is not in the settings; its leads wait until it is",
        )
    if api.locked_until is not None:
        echo("  ", Styled("LOCKED", "red"), f" by Zoho for another {shown_span(api.locked_until - now)}")
    elif api.breaker_failures:
        probe = f"; the next probe is in {shown_span((api.breaker_until or now) - now)}"
        echo("  ", Styled("FAILING", "red"), f", {counted(api.breaker_failures, 'failure')} in a row{probe}")
    if api.lanes:
        header = ("lane", "to", "live", "waiting", "bulk", "in flight", "behind", "oldest")
        print_table([header, *(_lane_row(lane, now) for lane in api.lanes)], indent="  ")
    for lane in api.lanes:
        if lane.held_reason:
            since = shown_span(now - (lane.held_since or now))
            echo(f"  lane {lane.lane_id} is ", Styled("HELD", "red"), f" for {since}: {lane.held_reason}")
            echo(f"    the next probe is at {shown_time(lane.probe_at)}; `leadbridge release {lane.lane_id}` tries now")
    coming = state.forecasts.get(key)
    if coming is not None and coming.calls:
        load = f"{counted(coming.leads, 'lead')}, {counted(coming.calls, 'call')}"
        echo(f"  empty in about {shown_span(coming.done_at - now)} ({load})")


def _lane_row(lane: LaneStatus, now: int) -> tuple[str, ...]:
    counts = [_capped(lane.pending.get(kind, 0)) for kind in Priority]
    oldest = shown_span(now - lane.oldest_at) if lane.oldest_at is not None else "-"
    return (str(lane.lane_id), target_name(lane.target), *counts, _capped(lane.claimed), _capped(lane.blocked), oldest)


def _print_dead(state: ServiceStatus) -> None:
    rows = [(api, reason, str(count)) for (api, reason), count in state.status.dead.items()]
    echo("\nDead")
    print_table([("api", "reason", "deliveries"), *rows] if rows else [("none",)], indent="  ")


def _capped(count: int) -> str:
    return f"{CAP}+" if count >= CAP else str(count)


def _as_object(state: ServiceStatus, accounts: Container[str]) -> dict[str, Any]:
    now = state.status.now
    return {
        "now": now,
        "events": [
            {
                "hook": hook,
                "state": name,
                "count": count,
                "an_hour": state.events_an_hour.get((hook, name), 0.0 if state.events_an_hour else None),
            }
            for (hook, name), count in state.status.mapped.items()
        ],
        "apis": [_api_as_object(api, state) | {"served": api.account in accounts} for api in state.status.apis],
        "dead": [{"api": api, "reason": reason, "count": count} for (api, reason), count in state.status.dead.items()],
        "resent_in_doubt": [{"api": api, "count": count} for api, count in state.status.resent_in_doubt.items()],
    }


def _api_as_object(api: ApiStatus, state: ServiceStatus) -> dict[str, Any]:
    key = (api.account, api.api)
    budget, coming = state.budgets.get(key), state.forecasts.get(key)
    shown = {name: value for name, value in asdict(api).items() if name != "ends"}
    return shown | {
        "budget": budget,
        "budget_left": max(0, budget - api.calls_counted) if budget is not None else None,
        "empty_at": coming.done_at if coming is not None else None,
        "lanes": [_lane_as_object(lane) for lane in api.lanes],
    }


def _lane_as_object(lane: LaneStatus) -> dict[str, Any]:
    pending = {kind.name.lower(): count for kind, count in lane.pending.items()}
    return {
        "lane": lane.lane_id,
        "target": target_name(lane.target),
        "pending": pending,
        "claimed": lane.claimed,
        "blocked": lane.blocked,
        "open": open_leads(lane),
        "oldest_at": lane.oldest_at,
        "held_reason": lane.held_reason,
        "held_since": lane.held_since,
        "probe_at": lane.probe_at,
    }
