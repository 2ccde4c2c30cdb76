"""What happened to one lead, found by an address or an id, and where to look when it never came."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import address, bootstrap, log
from bridge.model import call_name
from bridge.operations.documents import delivery_document, event_document
from bridge.operations.leads import diagnosis
from bridge.operations.selection import one
from bridge.outbox import inbox, operator, registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.config import Settings
    from bridge.operations.leads.diagnosis import Gates
    from bridge.outbox import Outbox
    from bridge.outbox.operator import AttemptStory, DeliveryStory, EventStory

_LEAD_ID: Final = re.compile("lead_[0-9a-f]{16}")
"""As `log.pseudonym` makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSince:
    """A hook that an event may have been rejected at: its last event, and what it rejected since, by reason.

    `hook` is "" for requests to no hook; `last_event_at` is None for one that received nothing.
    """

    hook: str
    last_event_at: int | None
    rejected: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found: a sentence, the events (newest first) or, without any, near spellings and the hooks."""

    diagnosis: str
    events: tuple[EventStory, ...] = ()
    gates: Gates
    now: int
    near: tuple[str, ...] = ()
    hooks: tuple[HookSince, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What was found as a JSON object, as docs/operations.md lists it."""
        if self.events:
            events = [event_json(event, self.gates, self.now) for event in self.events]
            return {"diagnosis": self.diagnosis, "events": events}
        hooks = [
            {"hook": one.hook or "(no such hook)", "last_event_at": one.last_event_at, "rejected_since": one.rejected}
            for one in self.hooks
        ]
        return {"diagnosis": self.diagnosis, "events": [], "near": self.near, "hooks": hooks}


def find(store: Outbox, settings: Settings, what: str) -> Found:
    """All that is known of an address, or of the id of an event, a delivery or a call. Raises LeadbridgeError."""
    events = events_of(store, what)
    now = store.now()
    gates = gates_now(store, settings)
    if events:
        return Found(diagnosis=diagnosis.of_lead(what, events, gates, now=now), events=events, gates=gates, now=now)
    if "@" not in what:
        return Found(diagnosis=f"{what}: no event, delivery, call or lead has this id.", gates=gates, now=now)
    near = operator.near_spellings(store, address.normalised(what))
    return Found(diagnosis=diagnosis.never_came(what, near), gates=gates, now=now, near=near, hooks=_hooks(store))


def events_of(store: Outbox, what: str) -> tuple[EventStory, ...]:
    """The events of an address or an id, newest first. Raises LeadbridgeError for what is neither.

    The id of a lead, `lead_...` in the log and the audit, is found by computing that of each lead: of a million in
    about two seconds.
    """
    if not _LEAD_ID.fullmatch(what):
        return operator.find_events(store, **one(what))
    key = registry.identity(store)
    lead = operator.lead_that(store, lambda known: log.pseudonym(key, known) == what)
    return operator.find_events(store, lead=lead) if lead is not None else ()


def gates_now(store: Outbox, settings: Settings) -> Gates:
    """What keeps each API back now."""
    budgets = {name: limits.budget for name, limits in bootstrap.limits(settings).items()}
    tokens = {account: registry.token(store, account) for account in settings.accounts}
    apis = operator.status(store, cap=1).apis
    return diagnosis.gates(apis, budgets, tuple(settings.accounts), tokens, now=store.now())


def event_json(event: EventStory, gates: Gates, now: int) -> dict[str, Any]:
    """An event with its deliveries and their attempts as a JSON object."""
    return event_document(event) | {
        "diagnosis": diagnosis.of_event(event, gates, now=now),
        "type": event.type,
        "item": event.item,
        "times_received": event.seen,
        "last_received_at": event.seen_at or event.received_at,
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


def _hooks(store: Outbox) -> tuple[HookSince, ...]:
    last_events: dict[str, int | None] = dict(registry.last_events_by_hook(store))
    for rejected in inbox.rejections(store, since=0):
        last_events.setdefault(rejected.hook, None)
    return tuple(
        HookSince(
            hook=hook,
            last_event_at=last,
            rejected={one.why: one.count for one in inbox.rejections(store, since=(last or 0), hook=hook)},
        )
        for hook, last in sorted(last_events.items())
    )
