"""One lead's story as the page and its document show it, masked unless it was revealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake
from bridge.console.page import Shown
from bridge.errors import IntakeError, LeadbridgeError
from bridge.model import DeliveryState, EventState, event_name
from bridge.operations import trial
from bridge.operations.leads import diagnosis, story
from bridge.operations.masking import Mask
from bridge.outbox import operator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.console.page import Console
    from bridge.operations.leads.diagnosis import Gates
    from bridge.operations.trial import Tried
    from bridge.outbox.operator import DeliveryStory, EventStory, StoredRequest

LONGEST_BODY: Final = 64_000
"""Bytes of a body that a page shows."""

_FINDING: Final = {"path": "", "severity": "", "fix": ""}
"""The parts that a stored problem has only where there is something to say."""

_TONES: Final = {
    DeliveryState.DELIVERED: "ok",
    DeliveryState.DEAD: "bad",
    DeliveryState.PENDING: "wait",
    DeliveryState.BLOCKED: "wait",
    DeliveryState.CLAIMED: "wait",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryShown:
    """A delivery with the sentence on where it is, its tone, and the fields it carries."""

    story: DeliveryStory
    goal: str
    sentence: str
    tone: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What came: as a document where it can be read as one, and as text. `size` counts the bytes; None: purged."""

    content_type: str
    size: int | None = None
    document: Any = None
    raw: str = ""
    is_cut: bool = False


def of(console: Console, event: EventStory, events: Sequence[EventStory], *, revealed: bool) -> Shown:
    """The story of `event`, one of the lead's `events`, newest first."""
    store, settings = console.outbox, console.settings
    now, gates = store.now(), story.gates_now(store, settings)
    words, tried = _todays(console, event)
    mask = Mask(revealed=revealed, vocabulary=words | target_names(event))
    who = event.lead or event_name(event.event_id)
    sentence = diagnosis.of_lead(who, events, gates, now=now).removeprefix(f"{who}: ")
    said = sentence.replace(diagnosis.where_looked(events[0]), "")  # the page shows it
    notes = orjson.loads(event.notes or b"{}")
    deciding = next((one for one in events if one.state is EventState.ACCEPTED and one.deliveries), events[0])
    values = {
        "mask": mask,
        "lead": event.lead,
        "sentence": said,
        "tone": _tone_of_event(deciding),
        "events": [(one, _tone_of_event(one)) for one in events],
        "event": event,
        "event_sentence": diagnosis.of_event(event, gates, now=now).replace(diagnosis.where_looked(event), ""),
        "event_tone": _tone_of_event(event),
        "findings_": [_FINDING | one for one in (*notes.get("problems", ()), *notes.get("warnings", ()))],
        "consent": {name: value for name, value in (notes.get("consent") or {}).items() if value},
        "deliveries": [_delivery(one, gates, now) for one in event.deliveries],
        "body": _body(operator.request_of(store, event.event_id)),
        "tried": tried,
        "has_mapping": tried is not None,
    }
    document = story.Found(diagnosis=f"{who}: {sentence}", events=(event,), gates=gates, now=now).as_json()
    return Shown("lead.html", values, _masked(document, mask))


def _todays(console: Console, event: EventStory) -> tuple[frozenset[str], Tried | None]:
    """The words of today's mapping of the event's hook, and what it makes of the event; None without a file."""
    try:
        file, presets = trial.todays_file(console.settings.mappings, event.hook)
    except LeadbridgeError:
        return frozenset(), None
    return trial.vocabulary(file, presets), trial.explain_event(console.outbox, event, file, presets)


def target_names(event: EventStory) -> set[str]:
    """The names of lists and journeys."""
    targets = [delivery.target for delivery in event.deliveries]
    return {name for one in targets for name in (one.list_name, one.list_key, one.journey_name, one.journey_key)}


def _delivery(delivery: DeliveryStory, gates: Gates, now: int) -> DeliveryShown:
    return DeliveryShown(
        story=delivery,
        goal=diagnosis.goal(delivery.target),
        sentence=diagnosis.of_delivery(delivery, gates, now=now),
        tone="warn" if delivery.held_reason and delivery.state is DeliveryState.PENDING else _TONES[delivery.state],
        fields=orjson.loads(delivery.body) if delivery.body else {},
    )


def _tone_of_event(event: EventStory) -> str:
    """How good or bad it is: ok, wait, warn, bad, or none."""
    if event.state is EventState.REFUSED:
        return "bad"
    if event.state is EventState.FETCHING:
        return "wait"
    if event.state is EventState.IGNORED or not event.deliveries:
        return "none"
    delivery = diagnosis.decisive(event)
    return "warn" if delivery.held_reason and delivery.state is DeliveryState.PENDING else _TONES[delivery.state]


def _body(stored: StoredRequest | None) -> Body:
    if stored is None or stored.body is None:
        return Body(content_type=stored.content_type if stored is not None else "")
    shown = stored.body[:LONGEST_BODY]
    return Body(
        content_type=stored.content_type,
        size=len(stored.body),
        document=_document(stored.body, stored.content_type) if len(stored.body) <= LONGEST_BODY else None,
        raw=shown.decode("utf-8", "replace"),
        is_cut=len(shown) < len(stored.body),
    )


def _document(body: bytes, content_type: str) -> Any:
    """The body as a JSON value; None where it is neither JSON nor a form."""
    try:
        if body.lstrip().startswith((b"{", b"[")):
            return intake.read_json(body)
        if content_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            return dict(intake.read_fields(body, content_type))
    except (IntakeError, ValueError):
        pass
    return None


def _masked(document: dict[str, Any], mask: Mask) -> dict[str, Any]:
    """The document of `show --json` with its personal values masked."""
    document["diagnosis"] = mask.sentence(document["diagnosis"])
    for event in document["events"]:
        event["lead"] = mask.text(event["lead"])
        event["diagnosis"] = mask.sentence(event["diagnosis"])
        event["notes"] = mask.value(event["notes"])
        for delivery in event["deliveries"]:
            delivery["body"] = mask.value(delivery["body"])
            delivery["diagnosis"] = mask.sentence(delivery["diagnosis"])
            for attempt in delivery["attempts"]:
                attempt |= {name: mask.sentence(attempt[name]) for name in ("message", "call_message")}
    return document
