"""`leadbridge show`: what happened to one lead."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import orjson

from bridge import bootstrap, config
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_events
from bridge.cli.options.selection import one
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.events import delivery_document, event_document
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import shown_span, shown_time
from bridge.model import call_name, delivery_name, event_name
from bridge.operations import diagnosis
from bridge.outbox import inbox, operator, registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.config import Settings
    from bridge.operations.diagnosis import Gates
    from bridge.outbox import Outbox
    from bridge.outbox.operator import AttemptStory, DeliveryStory, EventStory


@click.command(
    cls=Command,
    examples=[
        "leadbridge show ada@example.com",
        "leadbridge show evt_12",
        "leadbridge show call_7 --json",
    ],
)
@click.argument("what", metavar="ID|ADDRESS", shell_complete=complete_events)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(what: str, as_json: bool) -> None:
    """Show what happened to one lead.

    By an address, or by the id of an event, a delivery or a call from the log. Starts with one sentence that gives the
    lead's state. Ends with 1 when nothing is found.
    """
    settings = config.load(config.environment())
    store = open_store(settings.database_url)
    chosen = one(what)
    events = operator.find_events(store, **chosen)
    now = store.now()
    if not events:
        _print_nothing(what, store, chosen.get("lead"), as_json=as_json)
        sys.exit(1)
    gates = _gates(store, settings)
    sentence = diagnosis.of_lead(what, events, gates, now=now)
    if as_json:
        print_json({"diagnosis": sentence, "events": [_event_json(event, gates, now) for event in events]})
        return
    echo(f"{sentence}\n")
    for event in events:
        _print_event(event, gates, now)


def _gates(store: Outbox, settings: Settings) -> Gates:
    budgets = {name: limits.budget for name, limits in bootstrap.limits(settings).items()}
    tokens = {account: registry.token(store, account) for account in settings.accounts}
    apis = operator.status(store, cap=1).apis
    return diagnosis.gates(apis, budgets, tuple(settings.accounts), tokens, now=store.now())


def _print_nothing(what: str, store: Outbox, lead: str | None, *, as_json: bool) -> None:
    """Nothing is known: the hooks with their last events and what they rejected since, and near spellings."""
    near = operator.near_spellings(store, lead) if lead else ()
    sentence = diagnosis.never_came(what, near) if lead else f"{what}: no event, delivery or call has this id."
    hooks = _hooks(store) if lead else []
    if as_json:
        print_json({"diagnosis": sentence, "events": [], "near": near, "hooks": hooks})
        return
    echo(sentence)
    echo(f"  searched in the outbox {store.name}{'' if hooks else ', which has received nothing yet'}")
    now = store.now()
    for hook in hooks:
        ago = f"{shown_span(now - hook['last_event_at'])} ago" if hook["last_event_at"] is not None else "never"
        rejected = ", ".join(f"{count} ({why})" for why, count in hook["rejected_since"].items())
        echo(f"  hook {hook['hook']}: last event {ago}; rejected since: {rejected or 'none'}")


def _hooks(store: Outbox) -> list[dict[str, Any]]:
    last_events = dict(registry.last_events_by_hook(store))
    for rejected in inbox.rejections(store, since=0):
        last_events.setdefault(rejected.hook, None)
    return [
        {
            "hook": hook or "(no such hook)",
            "last_event_at": last,
            "rejected_since": {
                rejected.why: rejected.count for rejected in inbox.rejections(store, since=(last or 0), hook=hook)
            },
        }
        for hook, last in sorted(last_events.items())
    ]


def _print_event(event: EventStory, gates: Gates, now: int) -> None:
    echo(f"{event_name(event.event_id)}  hook {event.hook}, {event.kind}, received {shown_time(event.received_at)}")
    echo(f"  {diagnosis.of_event(event, gates, now=now)}")
    notes = orjson.loads(event.notes or b"{}")
    if notes.get("consent"):
        parts = (f"{name} {_consent_part(name, value)}" for name, value in notes["consent"].items() if value)
        echo(f"  consent: {', '.join(parts)}")
    _print_findings((*notes.get("problems", ()), *notes.get("warnings", ())))
    for delivery in event.deliveries:
        _print_delivery(delivery)
    echo()


def _consent_part(name: str, value: Any) -> str:
    """A part of what is stored of a consent; the time is milliseconds UTC."""
    return shown_time(value) if name == "at" and isinstance(value, int) else str(value)


def _print_findings(findings: Sequence[dict[str, Any]]) -> None:
    for found in findings:
        path = f"{found['path']}: " if found.get("path") else ""
        echo(f"  {path}{found['message']}")
        if found.get("fix"):
            echo(f"    {found['fix']}")


def _print_delivery(delivery: DeliveryStory) -> None:
    replayed = f", replay {delivery.replay}" if delivery.replay else ""
    name = delivery_name(delivery.delivery_id)
    echo(f"  {name}  {diagnosis.goal(delivery)}: {delivery.state.name.lower()}{replayed}")
    if delivery.target.api != "trigger" and delivery.body:
        fields = orjson.loads(delivery.body)
        echo(f"    {', '.join(f'{name}: {value}' for name, value in fields.items())}")
    for attempt in delivery.attempts:
        answer = " ".join(part for part in (attempt.code, attempt.message) if part)
        echo(
            f"    {shown_time(attempt.started_at)}  {call_name(attempt.call_id)}  {attempt.result}"
            f"{f'  (Zoho: {answer})' if answer else ''}"
        )


def _event_json(event: EventStory, gates: Gates, now: int) -> dict[str, Any]:
    return event_document(event) | {
        "diagnosis": diagnosis.of_event(event, gates, now=now),
        "type": event.type,
        "item": event.item,
        "notes": orjson.loads(event.notes or b"{}"),
        "deliveries": [_delivery_json(delivery, gates, now) for delivery in event.deliveries],
    }


def _delivery_json(delivery: DeliveryStory, gates: Gates, now: int) -> dict[str, Any]:
    return delivery_document(delivery) | {
        "diagnosis": diagnosis.of_delivery(delivery, gates, now=now),
        "body": orjson.loads(delivery.body) if delivery.body else None,
        "attempts": [_attempt_json(attempt) for attempt in delivery.attempts],
    }


def _attempt_json(attempt: AttemptStory) -> dict[str, Any]:
    whole = asdict(attempt)
    return {"call": call_name(whole.pop("call_id"))} | whole
