"""`leadbridge status` and `leadbridge show`: how things stand, and what happened to one lead."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from bridge import address, config, outbox, verdict
from bridge.cli.output import print_json, print_table, shown_span, shown_time
from bridge.errors import LeadbridgeError
from bridge.model import call_name, delivery_name, event_name

if TYPE_CHECKING:
    from bridge.outbox import DeliveryStory, EventStory, LaneStatus, Outbox, Status

CAP: Final = 10_000


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def status(as_json: bool) -> None:
    """How things stand: what waits, what is used of Zoho's limits, what is locked, held or given up."""
    store = _open()
    state = outbox.status(store, cap=CAP)
    if as_json:
        print_json(_status_json(state))
        return
    click.echo(f"outbox {store.name} at {shown_time(state.now)}\n")
    _print_events(state)
    _print_apis(state)
    _print_dead(state)


@click.command()
@click.argument("what", metavar="ID|ADDRESS")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(what: str, as_json: bool) -> None:
    """What happened to one lead: by an address, or by the id of an event, a delivery or a call from the log.

    Ends with 1 when nothing is found.
    """
    store = _open()
    events = outbox.find_events(store, **_selector(what))
    now = store.now()
    if as_json:
        print_json({"events": [_event_json(event, now) for event in events]})
    elif not events:
        click.echo(f"Nothing is known of {what}.")
        _print_last_events(store, now)
    else:
        for event in events:
            _print_event(event, now)
    sys.exit(0 if events else 1)


def _open() -> Outbox:
    return outbox.open_outbox(config.load(config.environment()).database_url)


def _selector(what: str) -> dict[str, Any]:
    kinds = {"evt": "event_id", "dlv": "delivery_id", "call": "call_id"}
    prefix, _, number = what.partition("_")
    if prefix in kinds and number.isdecimal():
        return {kinds[prefix]: int(number)}
    if "@" in what:
        return {"lead": address.normalised(what)}
    raise LeadbridgeError(f"{what!r} is neither an address nor an id; ids look like evt_12, dlv_12 or call_12")


def _print_event(event: EventStory, now: int) -> None:
    click.echo(
        f"{event_name(event.event_id)}  hook {event.hook}, {event.kind}, received {shown_time(event.received_at)}"
    )
    click.echo(f"  {verdict.of_event(event, now=now)}")
    notes = orjson.loads(event.notes or b"{}")
    if notes.get("consent"):
        click.echo(f"  consent: {', '.join(f'{name} {value}' for name, value in notes['consent'].items() if value)}")
    for found in (*notes.get("problems", ()), *notes.get("warnings", ())):
        click.echo(f"  {found.get('path', '')}: {found['message']}")
    for delivery in event.deliveries:
        _print_delivery(delivery, now)
    click.echo()


def _print_delivery(delivery: DeliveryStory, now: int) -> None:
    click.echo(f"  {delivery_name(delivery.delivery_id)}  {verdict.goal(delivery)}: {delivery.state.name.lower()}")
    if delivery.target.api == "subscribe" and delivery.body:
        fields = orjson.loads(delivery.body)
        click.echo(f"    {', '.join(f'{name}: {value}' for name, value in fields.items())}")
    for attempt in delivery.attempts:
        words = " ".join(part for part in (attempt.code, attempt.message) if part)
        click.echo(
            f"    {shown_time(attempt.started_at)}  {call_name(attempt.call_id)}  {attempt.result}"
            f"{f'  (Zoho: {words})' if words else ''}"
        )


def _print_last_events(store: Outbox, now: int) -> None:
    for hook, at in sorted(outbox.last_events_by_hook(store).items()):
        ago = f"{shown_span(now - at)} ago" if at is not None else "never"
        click.echo(f"  hook {hook}: last event {ago}")


def _print_events(state: Status) -> None:
    rows = [("hook", "state", "events"), *((hook, name, str(count)) for (hook, name), count in state.events.items())]
    click.echo("Events received")
    print_table(rows if len(rows) > 1 else [("none yet",)], indent="  ")


def _print_apis(state: Status) -> None:
    for api in state.apis:
        click.echo(f"\n{api.api} (account {api.account}): {api.calls_counted} calls in the window")
        if api.locked_until is not None:
            click.echo(f"  LOCKED by Zoho for another {shown_span(api.locked_until - state.now)}")
        if api.breaker_failures:
            click.echo(f"  FAILING, {api.breaker_failures} times in a row; it is probed")
        for lane in api.lanes:
            _print_lane(lane, state.now)


def _print_lane(lane: LaneStatus, now: int) -> None:
    target = lane.target
    where = target.journey_name or target.journey_key or target.list_name or target.list_key
    age = f", oldest {shown_span(now - lane.oldest_at)}" if lane.oldest_at is not None else ""
    click.echo(
        f"  {where}: {_capped(lane.pending)} waiting, {_capped(lane.claimed)} under way, "
        f"{_capped(lane.blocked)} behind an earlier action{age}"
    )
    if lane.held_reason:
        click.echo(f"    HELD: {lane.held_reason}; the next probe is at {shown_time(lane.probe_at)}")


def _print_dead(state: Status) -> None:
    rows = [(api, reason, str(count)) for (api, reason), count in state.dead.items()]
    click.echo("\nGiven up")
    print_table([("api", "reason", "deliveries"), *rows] if rows else [("none",)], indent="  ")


def _capped(count: int) -> str:
    return f"{CAP} or more" if count >= CAP else str(count)


def _status_json(state: Status) -> dict[str, Any]:
    return {
        "now": state.now,
        "events": [{"hook": hook, "state": name, "count": count} for (hook, name), count in state.events.items()],
        "apis": [asdict(api) for api in state.apis],
        "dead": [{"api": api, "reason": reason, "count": count} for (api, reason), count in state.dead.items()],
    }


def _event_json(event: EventStory, now: int) -> dict[str, Any]:
    whole = asdict(event) | {
        "id": event_name(event.event_id),
        "verdict": verdict.of_event(event, now=now),
        "state": event.state.name.lower(),
        "notes": orjson.loads(event.notes or b"{}"),
        "deliveries": [_delivery_json(delivery, now) for delivery in event.deliveries],
    }
    return {name: value for name, value in whole.items() if name != "event_id"}


def _delivery_json(delivery: DeliveryStory, now: int) -> dict[str, Any]:
    whole: dict[str, Any] = asdict(delivery)
    whole |= {
        "id": delivery_name(delivery.delivery_id),
        "verdict": verdict.of_delivery(delivery, now=now),
        "state": delivery.state.name.lower(),
        "delivery_class": delivery.delivery_class.name.lower(),
        "body": orjson.loads(delivery.body) if delivery.body else None,
    }
    return {name: value for name, value in whole.items() if name != "delivery_id"}
