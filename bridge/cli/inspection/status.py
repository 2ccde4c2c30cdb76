"""`leadbridge status`: how things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge import bootstrap, config
from bridge.cli.command import Command
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import Styled, echo
from bridge.model import DEFAULT_ACCOUNT, AlarmSeverity, DeadReason, ParametersIn, Priority
from bridge.operations.alarms import alarms
from bridge.operations.alarms.inputs import read_inputs
from bridge.operations.documents import target_name
from bridge.operations.status.document import status_document
from bridge.operations.status.service_status import CAP, service_status
from bridge.operations.wording import counted, shown_span, shown_time
from bridge.zoho import carries_leads

if TYPE_CHECKING:
    from bridge.operations.status.service_status import ServiceStatus
    from bridge.outbox.operator import ApiStatus, LaneStatus

_COLOURS = {AlarmSeverity.CRITICAL: "red", AlarmSeverity.WARNING: "yellow", AlarmSeverity.INFO: "blue"}

NOT_WANTED = frozenset({DeadReason.CANCELLED, DeadReason.WITHDRAWN, DeadReason.OVERTAKEN})
"""Why deliveries end without anybody having to look at them."""


@click.command(
    cls=Command,
    examples=[
        "leadbridge status",
        "leadbridge status --json",
    ],
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(as_json: bool) -> None:
    """Show alarms, what is waiting, and the use of Zoho's limits.

    Alarms come first, the most urgent first; then what was received, what is waiting and since when, what is locked
    or held and until when, and what was given up.
    """
    settings = config.load(config.environment())
    store = open_store(settings.database_url)
    state = service_status(store, bootstrap.limits(settings))
    raised = alarms(read_inputs(store, settings.accounts))
    if as_json:
        print_json(status_document(state, raised, settings.accounts))
        return
    echo(f"outbox {store.name} at {shown_time(state.status.now)}\n")
    for alarm in raised:
        severity = Styled(alarm.severity.value.upper(), _COLOURS[alarm.severity])
        echo(severity, f"  {alarm.subject}: {alarm.message}\n  {alarm.fix}\n")
    _print_events(state)
    others = [api for api in state.status.apis if not _is_of_interest(api)]
    for api in state.status.apis:
        if api not in others:
            _print_api(api, state, is_served=api.account in settings.accounts)
    if others:
        used = (f"{api.api}{_account(api)} {_use(api, state)}" for api in others)
        echo(f"\nOther calls used in their windows: {', '.join(used)}")
    _print_dead(state)
    for name, count in state.status.resent_in_doubt.items():
        echo(f"\n{counted(count, 'delivery')} sent to {name} again after a call without an answer (outcome unknown)")


def _print_events(state: ServiceStatus) -> None:
    rows = [(hook, name, str(count), _rate(state, hook, name)) for (hook, name), count in state.status.mapped.items()]
    echo("Events received, by their state now")
    print_table([("hook", "state", "events", "per hour"), *rows] if rows else [("none yet",)], indent="  ")


def _rate(state: ServiceStatus, hook: str, name: str) -> str:
    return f"{state.events_an_hour.get((hook, name), 0):.0f}"


def _is_of_interest(api: ApiStatus) -> bool:
    """Whether it carries leads, or something keeps it back."""
    return carries_leads(api.api) or bool(api.lanes) or api.locked_until is not None or api.breaker_failures > 0


def _use(api: ApiStatus, state: ServiceStatus) -> str:
    budget = state.budgets.get((api.account, api.api))
    return f"{api.calls_counted} of {budget}" if budget else str(api.calls_counted)


def _account(api: ApiStatus) -> str:
    return "" if api.account == DEFAULT_ACCOUNT else f" (account {api.account})"


def _print_api(api: ApiStatus, state: ServiceStatus, *, is_served: bool) -> None:
    now, key = state.status.now, (api.account, api.api)
    echo(f"\n{api.api}{_account(api)}: {_use(api, state)} calls used in the window")
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
    if api.parameters_in is ParametersIn.URL:
        echo("  this account takes its parameters in the URL only, so its calls are smaller")
    if api.lanes:
        header = ("lane", "to", "live", "waiting", "bulk", "in flight", "behind", "oldest")
        print_table([header, *(_lane_row(lane, now) for lane in api.lanes)], indent="  ")
    for lane in api.lanes:
        if lane.held_reason:
            since = shown_span(now - (lane.held_since or now))
            echo(f"  lane {lane.lane_id} is ", Styled("HELD", "red"), f" for {since}: {lane.held_reason}")
            echo(f"    the next probe is at {shown_time(lane.probe_at)}; `leadbridge release {lane.lane_id}` tries now")
    coming = state.forecasts.get(key)
    if coming is not None and coming.calls and is_served:
        load = f"{counted(coming.leads, 'lead')}, {counted(coming.calls, 'call')}"
        if any(lane.held_reason and lane.has_leads for lane in api.lanes):
            load += ", without what is held"
        if coming.done_at is None:
            echo(f"  when it is empty is not known while {coming.stopped_by} ({load})")
        else:
            echo(f"  empty in about {shown_span(coming.done_at - now)} ({load})")


def _lane_row(lane: LaneStatus, now: int) -> tuple[str, ...]:
    counts = [_capped(lane.pending.get(kind, 0)) for kind in Priority]
    oldest = shown_span(now - lane.oldest_at) if lane.oldest_at is not None else "-"
    return (str(lane.lane_id), target_name(lane.target), *counts, _capped(lane.claimed), _capped(lane.blocked), oldest)


def _print_dead(state: ServiceStatus) -> None:
    given_up: list[tuple[str, ...]] = []
    ended: list[tuple[str, ...]] = []
    for (api, reason), count in state.status.dead.items():
        (ended if reason in NOT_WANTED else given_up).append((api, reason, str(count)))
    echo("\nGiven up")
    print_table([("api", "reason", "deliveries"), *given_up] if given_up else [("none",)], indent="  ")
    if ended:
        echo("\nNot sent because it was not wanted any more")
        print_table([("api", "reason", "deliveries"), *ended], indent="  ")


def _capped(count: int) -> str:
    return f"{CAP}+" if count >= CAP else str(count)
