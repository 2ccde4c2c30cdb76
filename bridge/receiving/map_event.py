"""An event through its hook's mapping, and what is stored of it: the same when it comes, is fetched or replayed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake, mapping
from bridge.model import DAY_MS, EventState, NewEvent, Severity

if TYPE_CHECKING:
    from bridge.hooks.hook import Hook
    from bridge.mapping import Mapped
    from bridge.model import Event, Problem


def map_event(hook: Hook, event: Event) -> Mapped:
    """An event through its hook's mapping; one that names a person by an id only is fetching, where that is asked for.

    Else such an event is ignored, with a warning that says what to do. Bytes that could not be decoded do no harm where
    the mapping reads none of them; else the event is refused.
    """
    event, *others = intake.possible_readings(event)
    mapped = _mapped(hook, event)
    if any(_effect(_mapped(hook, other)) != _effect(mapped) for other in others):
        problems = tuple([replace(note, severity=Severity.ERROR) for note in event.notes if note.code == _UNDECODABLE])
        mapped = replace(
            mapped, state=EventState.REFUSED, reason=_UNDECODABLE, problems=problems, deliveries=(), planned=()
        )
    return replace(mapped, warnings=(*mapped.warnings, *event.notes)) if event.notes else mapped


_UNDECODABLE: Final = "undecodable_text"


def _effect(mapped: Mapped) -> tuple[Any, ...]:
    """What comes of an event, without what is only said about it."""
    return mapped.state, mapped.reason, mapped.lead, mapped.planned


def _mapped(hook: Hook, event: Event) -> Mapped:
    mapped = mapping.apply(hook.mapping, event)
    if mapped.reason != "reference":
        return mapped
    if not intake.wants_fetch(hook.preset.fetch, event):
        return replace(mapped, warnings=(*mapped.warnings, _reference(hook, _NO_FETCH_FIX)))
    if not hook.mapping.fetch_token:
        return replace(mapped, warnings=(*mapped.warnings, _reference(hook, _FETCH_FIX)))
    return replace(mapped, state=EventState.FETCHING, reason="")


LATEST_AHEAD_MS: Final = DAY_MS
"""How far a sender's time may lie after the receipt: a clock without a zone is up to 14 hours ahead.

What lies beyond is no time of sending (a date of the form's, a wrong clock): all that comes later would look older.
"""

_FETCH_FIX: Final = (
    "write fetch: {token: NAME} into the mapping, set NAME to the sender's access token, and replay the event"
)
_NO_FETCH_FIX: Final = "the preset does not know how to fetch this: let the sender post the answers themselves"


def _reference(hook: Hook, fix: str) -> Problem:
    message = f"{hook.preset.title} sent an id only: the person's answers must be fetched"
    return hook.mapping.place.problem("reference", message, fix, Severity.WARNING)


def event_to_store(
    hook: Hook, event: Event, mapped: Mapped, received_at: int, *, received_first_at: int | None = None
) -> NewEvent:
    """What is stored of an event: what its mapping made of it, its key, and the digests that tell a change of it.

    Where the sender says no time, consent was given when the request was received: at first, if it was received again.
    """
    inputs = intake.input_digest(event, headers=hook.mapping.headers, queries=hook.mapping.queries)
    key, lasts_ms = intake.idempotency_key(event, mapped.id_value, inputs)
    return NewEvent(
        item=event.item,
        kind=event.kind,
        type=event.type or "",
        state=mapped.state,
        reason=mapped.reason,
        key=key,
        key_until=None if lasts_ms is None else received_at + lasts_ms,
        lead=mapped.lead,
        notes=_notes(mapped, received_at if received_first_at is None else received_first_at),
        sent_at=None if event.at is None or event.at > received_at + LATEST_AHEAD_MS else event.at,
        inputs=inputs,
        outcome=_outcome_digest(mapped),
        deliveries=mapped.deliveries,
    )


def _outcome_digest(mapped: Mapped) -> bytes:
    """The digest of what would be delivered and of the consent for it; empty where nothing would be."""
    if mapped.state is not EventState.ACCEPTED:
        return b""
    deliveries = [(one.target, one.body.decode()) for one in mapped.deliveries]
    return intake.digest([mapped.lead, {**(mapped.consent or {}), "at": None}, deliveries])


def _notes(mapped: Mapped, asked_at: int) -> bytes:
    """What a person may ask about later, as JSON; `asked_at` is the time of a consent that has none of its own."""
    notes: dict[str, Any] = {}
    if mapped.problems:
        notes["problems"] = [problem.as_json() for problem in mapped.problems]
    if mapped.warnings:
        notes["warnings"] = [problem.as_json() for problem in mapped.warnings]
    if mapped.consent:
        has_time = mapped.consent.get("at") is not None
        notes["consent"] = mapped.consent if has_time else {**mapped.consent, "at": asked_at}
    return orjson.dumps(notes, default=str)
