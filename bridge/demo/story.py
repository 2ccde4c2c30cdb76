"""The demo as a story: what was sent, what was answered, what became of it, and what Zoho holds in the end."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import orjson

from bridge import intake
from bridge.demo.webhooks import webhooks
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks
from bridge.hooks.hook import Hook
from bridge.model import DeliveryState, EventState, Request, call_name, event_name
from bridge.operations.leads import diagnosis
from bridge.outbox import operator
from bridge.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.demo.stage import Stage
    from bridge.demo.webhooks import Webhook
    from bridge.outbox import Outbox
    from bridge.outbox.operator import DeliveryStory, EventStory

    Say = Callable[[str], None]

WAIT_SECONDS: Final = 300
_ENDS: Final = (DeliveryState.DELIVERED, DeliveryState.DEAD)
_BY_STATUS: Final = {401: "refused at the door (401): the signature does not fit the body; nothing is stored"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A webhook that was sent, and its answer."""

    webhook: Webhook
    status: int
    events: tuple[dict[str, Any], ...]


def send_all(stage: Stage) -> tuple[Sent, ...]:
    """Send every webhook of the story, signed as its sender would. Raises NoAnswerError."""
    presets = hooks.load_presets()
    secret = dict(stage.secrets).get
    opened = {file.name: file for file in hooks.read_folder(stage.mappings, presets)}
    sent = []
    for webhook in webhooks():
        hook = hooks.open_hook(opened[webhook.hook], presets, lambda name: secret(name, ""))
        if not isinstance(hook, Hook):
            raise LeadbridgeError(f"the hook {webhook.hook!r} is closed: {hook.problems[0].message}")
        sent.append(_send(stage, webhook, hook))
    return tuple(sent)


def wait_for_ends(store: Outbox) -> tuple[EventStory, ...]:
    """All events, oldest first, once every delivery has reached its end. Raises LeadbridgeError after a minute."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        events = operator.find_events(store)[::-1]
        open_deliveries = [d for event in events for d in event.deliveries if d.state not in _ENDS]
        if not open_deliveries:
            return events
        if time.monotonic() > deadline:
            raise LeadbridgeError(f"{len(open_deliveries)} deliveries have no end after {WAIT_SECONDS} seconds")
        time.sleep(0.1)


def report(sent: tuple[Sent, ...], events: tuple[EventStory, ...], zoho: Mapping[str, Any], say: Say) -> None:
    """Print the whole story."""
    by_name = {event_name(event.event_id): event for event in events}
    say("What was sent, what was answered, and what became of it")
    for number, one in enumerate(sent, start=1):
        say(f"\n{number}. {one.webhook.title}")
        say(f"   POST /hooks/{one.webhook.hook}  ->  {one.status}")
        if not one.events:
            say(f"   {_BY_STATUS.get(one.status, 'nothing is stored')}")
        for answered in one.events:
            _report_event(answered, by_name[answered["id"]], say)
    _tell_zoho(zoho, say)


def _send(stage: Stage, webhook: Webhook, hook: Hook) -> Sent:
    now = now_ms()
    request = Request(
        hook=webhook.hook,
        method="POST",
        url=f"{stage.hooks_url}/hooks/{webhook.hook}",
        headers={"content-type": webhook.content_type},
        query={},
        body=webhook.body,
        received_at=now,
    )
    signed = intake.sign_request(request, hook.scheme, hook.secrets, now=now)
    if webhook.forged:
        signed = replace(signed, body=signed.body.replace(b"Ada", b"Eve"))
    path = f"/hooks/{webhook.hook}" + (f"?{urlencode(signed.query)}" if signed.query else "")
    answer = stage.post(path, signed.body, signed.headers)
    return Sent(webhook=webhook, status=answer.status, events=tuple(orjson.loads(answer.body).get("events", ())))


def _report_event(answered: Mapping[str, Any], event: EventStory, say: Say) -> None:
    if answered.get("duplicate"):
        say(f"   {answered['id']}: seen before, nothing new is stored")
        return
    reason = _why(event) if event.reason else ""
    say(f"   {answered['id']}: {answered['state']}{f', {reason}' if reason else ''}")
    for delivery in event.deliveries:
        _tell_delivery(delivery, say)


def _why(event: EventStory) -> str:
    if event.state is not EventState.REFUSED:
        return event.reason.replace("_", " ")
    problems = orjson.loads(event.notes or b"{}").get("problems", [])
    return "; ".join(problem["message"] for problem in problems)


def _tell_delivery(delivery: DeliveryStory, say: Say) -> None:
    target = delivery.target
    if target.api == "subscribe":
        fields = orjson.loads(delivery.body or b"{}")
        say(f"     maps to  {', '.join(f'{name}: {value}' for name, value in fields.items())}")
        goal = f"Subscribe to the list {target.list_name}"
    else:
        goal = diagnosis.goal(delivery.target)
    last = delivery.attempts[-1] if delivery.attempts else None
    result = last.result.replace("_", " ") if last else delivery.state.name.lower()
    say(f"     {goal}: {result}{f' ({call_name(last.call_id)})' if last else ''}")


def _tell_zoho(zoho: Mapping[str, Any], say: Say) -> None:
    say("\nWhat Zoho holds now")
    for name, leads in zoho["leads"].items():
        members = [f"{address} ({lead['status']})" for address, lead in leads.items()]
        say(f"   list {name}: {', '.join(members) or 'nobody'}")
    for name, times in zoho["journeys"].items():
        say(f"   journey {name}: {', '.join(times) or 'nobody'}")
    calls = [call["api"] for call in zoho["calls"]]
    leads = sum(len(call["leads"]) for call in zoho["calls"] if call["api"] == "trigger")
    say(
        f"   {calls.count('subscribe')} Subscribe calls and {calls.count('trigger')} Trigger calls "
        f"(for {leads} leads); lock-outs: {zoho['lockouts']}"
    )
