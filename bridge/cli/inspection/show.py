"""`leadbridge show`: what happened to one lead."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import orjson

from bridge import config
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_events
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.requests import print_stored
from bridge.cli.output.terminal import echo, echo_body, echo_line
from bridge.expressions import as_text
from bridge.hooks import folder as hooks
from bridge.hooks.secrets import unset_unasked
from bridge.model import EventState, call_name, delivery_name, event_name
from bridge.operations.leads import diagnosis, story
from bridge.operations.leads.requests import requests_of
from bridge.operations.wording import counted, shown_span, shown_time
from bridge.outbox import operator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.config import Settings
    from bridge.model import Problem
    from bridge.operations.leads.diagnosis import Gates
    from bridge.operations.leads.requests import RequestStory
    from bridge.outbox import Outbox
    from bridge.outbox.operator import DeliveryStory, EventStory


@click.command(
    cls=Command,
    examples=[
        "leadbridge show ada@example.com",
        "leadbridge show evt_12",
        "leadbridge show call_7 --json",
        "leadbridge show evt_12 --request --raw > submission.json",
    ],
)
@click.argument("what", metavar="ID|ADDRESS", shell_complete=complete_events)
@click.option("--request", "as_sent", is_flag=True, help="Show what the sender sent instead: headers and body.")
@click.option("--raw", is_flag=True, help="With --request: the newest body alone, byte for byte.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(what: str, as_sent: bool, raw: bool, as_json: bool) -> None:
    """Show what happened to one lead.

    By an address, or by the id of an event, a delivery, a call or a lead from the log. Starts with one sentence that
    gives the lead's state. With --request: the requests as they came, without secrets. Ends with 1 when nothing is
    found.
    """
    settings = config.load(config.environment())
    store = open_store(settings.database_url)
    found = story.find(store, settings, what)
    if (as_sent or raw) and found.events:
        _print_requests(requests_of(store, found.events), raw=raw, as_json=as_json)
    elif as_json:
        print_json(found.as_json())
    elif found.events:
        echo_line(found.diagnosis)
        echo()
        for event in found.events:
            _print_event(event, found.gates, found.now, _unset_token(event, settings))
    else:
        _print_nothing(found, store)
    sys.exit(0 if found.events else 1)


def _print_requests(requests: Sequence[RequestStory], *, raw: bool, as_json: bool) -> None:
    if raw:
        echo_body(requests[0].stored.body or b"")
    elif as_json:
        print_json({"requests": [request.as_json() for request in requests]})
    else:
        for request in requests:
            print_stored(request)


def _print_nothing(found: story.Found, store: Outbox) -> None:
    """Nothing is known: the hooks with their last events and what they rejected since, and near spellings."""
    echo_line(found.diagnosis)
    is_empty = not operator.newest(store, operator.Selector(), limit=1).found
    echo_line(f"  searched in the outbox {store.name}{', which has received nothing yet' if is_empty else ''}")
    for hook in found.hooks:
        ago = f"{shown_span(found.now - hook.last_event_at)} ago" if hook.last_event_at is not None else "never"
        rejected = ", ".join(f"{count} ({why})" for why, count in hook.rejected.items())
        name = hook.hook or "(no such hook)"
        echo_line(f"  hook {name}: last event {ago}; rejected since: {rejected or 'none'}")


def _unset_token(event: EventStory, settings: Settings) -> Problem | None:
    """Why an event's answers are not fetched, where that is the token of its mapping."""
    path = settings.mappings / f"{event.hook}.yaml"
    if event.state is not EventState.FETCHING or not path.is_file():
        return None
    presets = hooks.load_presets(settings.mappings)
    mapping = hooks.read_file(path, presets).mapping
    scheme = hooks.scheme_of(mapping, presets) if mapping is not None else None
    if mapping is None or scheme is None:
        return None
    unset = unset_unasked(mapping, scheme, config.SecretReader(config.environment()))
    return next((problem for problem in unset if problem.path == "fetch.token"), None)


def _print_event(event: EventStory, gates: Gates, now: int, unset: Problem | None) -> None:
    received = f"received {shown_time(event.received_at)}"
    echo_line(f"{event_name(event.event_id)}  hook {event.hook}, {event.kind}, {received}")
    if event.seen_at is not None:
        again = f"again {counted(event.seen - 1, 'time')}, last {shown_time(event.seen_at)}"
        echo_line(f"  the same came {again}: nothing of it is new")
    echo_line(f"  {diagnosis.of_event(event, gates, now=now)}")
    if unset is not None:
        echo_line(f"  {unset.message}")
        echo_line(f"    {unset.fix}")
    notes = orjson.loads(event.notes or b"{}")
    if notes.get("consent"):
        parts = (f"{name} {_consent_part(name, value)}" for name, value in notes["consent"].items() if value)
        echo_line(f"  consent: {', '.join(parts)}")
    _print_findings((*notes.get("problems", ()), *notes.get("warnings", ())))
    for delivery in event.deliveries:
        _print_delivery(delivery)
    echo()


def _consent_part(name: str, value: Any) -> str:
    """A part of what is stored of a consent; the time is milliseconds UTC."""
    return shown_time(value) if name == "at" and isinstance(value, int) else as_text(value)


def _print_findings(findings: Sequence[dict[str, Any]]) -> None:
    for found in findings:
        path = f"{found['path']}: " if found.get("path") else ""
        echo_line(f"  {path}{found['message']}")
        if found.get("fix"):
            echo_line(f"    {found['fix']}")


def _print_delivery(delivery: DeliveryStory) -> None:
    replayed = f", replay {delivery.replay}" if delivery.replay else ""
    name = delivery_name(delivery.delivery_id)
    echo_line(f"  {name}  {diagnosis.goal(delivery.target)}: {delivery.state.name.lower()}{replayed}")
    if delivery.target.api in ("subscribe", "add_leads") and delivery.body:
        fields = orjson.loads(delivery.body)
        echo_line(f"    {', '.join(f'{name}: {value}' for name, value in fields.items())}")
    for attempt in delivery.attempts:
        answer = " ".join(part for part in (attempt.code, attempt.message) if part)
        echo_line(
            f"    {shown_time(attempt.started_at)}  {call_name(attempt.call_id)}  {attempt.result}"
            f"{f'  (Zoho: {answer})' if answer else ''}"
        )
