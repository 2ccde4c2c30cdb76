"""The first journey: a request becomes stored events and deliveries, and only then an answer.

Nothing here knows HTTP status codes or Zoho. Whatever an authentic request holds is kept: a body that cannot be
read, a mapping that refuses and even a fault of our own become a refused event, since senders switch off hooks
that answer errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake, log, mapping, metrics
from bridge.errors import (
    ClosedHookError,
    IntakeError,
    MediaTypeError,
    MethodError,
    TooLargeError,
    UnknownHookError,
    UnreadableError,
)
from bridge.model import (
    DEFAULT_LIMITS,
    Event,
    EventState,
    Kind,
    Limits,
    NewEvent,
    NewRequest,
    Problem,
    Severity,
    event_name,
)
from bridge.outbox import inbox, registry
from bridge.receiving import lookup, priority
from bridge.receiving.form_changes import note_forms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bridge.intake import HandshakeAnswer, Preset, Scheme, VerifiedRequest
    from bridge.mapping import HookMapping, Mapped
    from bridge.model import Receipt, Request
    from bridge.outbox import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One URL that takes webhooks: how it is verified and read, and its mapping."""

    name: str
    preset: Preset
    scheme: Scheme
    secrets: Mapping[str, tuple[str, ...]]
    mapping: HookMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedHook:
    """A hook that cannot take requests for now, and why."""

    name: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """All hooks of this process.

    `texts` are the mapping files in use, and `mapping_set_id` gives the id under which the outbox keeps them. `stale`
    are the problems of files that are bad, whose hooks run on their last good text.
    """

    by_name: Mapping[str, Hook | ClosedHook]
    mapping_set_id: Callable[[], int]
    texts: Mapping[str, str] = field(default_factory=dict)
    stale: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedEvent:
    """What the sender is told of one event."""

    receipt: Receipt
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """The event as it stands in an answer: no value of the payload is repeated there."""
        told: dict[str, Any] = {"id": event_name(self.receipt.event_id), "state": _STATE_NAMES[self.receipt.state]}
        if self.receipt.reason:
            told["reason"] = self.receipt.reason
        if self.receipt.duplicate:
            told["duplicate"] = True
        if self.problems:
            told["problems"] = [_without_values(problem) for problem in self.problems]
        return told


_STATE_NAMES: Final = {state: state.name.lower() for state in EventState}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A stored request: its hook and its events, in the order in which they stood in the request."""

    hook: Hook
    events: tuple[ReceivedEvent, ...]


def greet(request: Request, hooks: Hooks, store: Outbox, *, public_url: str = "") -> HandshakeAnswer | None:
    """The answer to a handshake that the hook's preset names, None for any other request. Nothing is kept.

    Raises UnknownHookError, ClosedHookError, SignatureError and HandshakeError.
    """
    hook = find_hook(request.hook, hooks, store)
    return intake.answer_handshake(
        request, hook.preset.handshakes, hook.scheme, hook.secrets, now=request.received_at, public_url=public_url
    )


def receive(
    request: Request, hooks: Hooks, store: Outbox, *, public_url: str = "", limits: Limits = DEFAULT_LIMITS
) -> Received:
    """Verify, read, map and store one request.

    Raises UnknownHookError, ClosedHookError, MethodError, SignatureError, UnreadableError, MediaTypeError and
    TooLargeError when nothing is stored, and OutboxUnavailableError when it could not be.
    """
    hook = find_hook(request.hook, hooks, store)
    if request.method not in hook.preset.methods:
        message = f"webhooks of {hook.preset.name!r} do not come by {request.method}"
        raise MethodError(message, allowed=hook.preset.methods)
    verified = intake.verify(
        request,
        hook.scheme,
        hook.secrets,
        now=request.received_at,
        public_url=public_url,
        body_kind=hook.preset.body,
        limits=limits,
    )
    events = _events(hook, verified, limits)
    if isinstance(events, Problem):
        results, new_events = [], [_refused_body(verified, events)]
        problems: list[tuple[Problem, ...]] = [(events,)]
    else:
        results = [(event, _map(hook, event)) for event in events]
        new_events = [event_to_store(event, mapped, request.received_at) for event, mapped in results]
        problems = [mapped.problems for _, mapped in results]
    if priority.is_marked(request, store):
        new_events = [priority.as_bulk(event) for event in new_events]
    mapping_set_id = hooks.mapping_set_id()
    receipts = inbox.record(store, _new_request(hook, verified, tuple(new_events), mapping_set_id))
    note_forms(store, hook.mapping, results, mapping_set_id=mapping_set_id, now=request.received_at)
    _log_events(hook, new_events, receipts, registry.identity(store))
    return Received(hook=hook, events=tuple(map(_told, receipts, problems)))


def _told(receipt: Receipt, problems: tuple[Problem, ...]) -> ReceivedEvent:
    return ReceivedEvent(receipt=receipt, problems=problems if receipt.state is EventState.REFUSED else ())


def find_hook(asked: str, hooks: Hooks, store: Outbox) -> Hook:
    """The open hook that is asked for by this name. Raises UnknownHookError and ClosedHookError.

    The answer repeats no other hook's name: that is in the error's `hint`, for the log.
    """
    name = lookup.match(asked, hooks.by_name)
    hook = hooks.by_name[name] if name is not None else None
    if isinstance(hook, Hook):
        return hook
    if hook is not None:
        raise ClosedHookError(f"hook {hook.name!r} is closed: {hook.problems[0].message}", hook=hook.name)
    if lookup.is_name(asked) and registry.known_hook(store, asked):
        raise ClosedHookError(f"the mapping of hook {asked!r} is gone", hook=asked)
    error = UnknownHookError(f"there is no hook {lookup.shown(asked)!r}")
    closest = lookup.closest(asked, hooks.by_name)
    error.hint = f"the closest hook is {closest!r}" if closest else ""
    raise error


def _events(hook: Hook, verified: VerifiedRequest, limits: Limits) -> Sequence[Event] | Problem:
    """The request's events, or why its body cannot be read although the sender is authentic."""
    try:
        content = intake.parse(verified, hook.preset.body, limits)
        events = intake.read_events(hook.preset, verified, content, also_headers=hook.mapping.headers, limits=limits)
        return mapping.expand(hook.mapping, events)
    except (UnreadableError, MediaTypeError, TooLargeError) as error:
        if not verified.authentic:
            raise
        message, _, fix = str(error).partition("; ")
        code = "too_large" if isinstance(error, TooLargeError) else "unreadable"
        return Problem(code=code, message=message, fix=f"{fix}; {_REPAIR}" if fix else _REPAIR)
    except IntakeError:
        raise
    except Exception as error:  # noqa: BLE001 - the request is authentic: it is kept, whatever breaks
        return _our_fault(error, hook.name)


_REPAIR = "the body is stored: `leadbridge replay --body FILE` sends a corrected one"


def _refused_body(verified: VerifiedRequest, problem: Problem) -> NewEvent:
    return NewEvent(
        item=0,
        kind=Kind.OTHER,
        state=EventState.REFUSED,
        reason=problem.code,
        key=intake.body_key(verified.request.body),
        key_until=verified.request.received_at + intake.DIGEST_LIFETIME_MS,
        notes=_notes(problems=(problem,)),
    )


def _map(hook: Hook, event: Event) -> Mapped:
    try:
        return map_event(hook, event)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the event nor its neighbours
        problem = _our_fault(error, hook.name)
        return mapping.Mapped(state=EventState.REFUSED, reason=problem.code, problems=(problem,))


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


_UNDECODABLE = "undecodable_text"


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


_FETCH_FIX = "write fetch: {token: NAME} into the mapping, set NAME to the sender's access token, and replay the event"
_NO_FETCH_FIX = "the preset does not know how to fetch this: let the sender post the answers themselves"


def _reference(hook: Hook, fix: str) -> Problem:
    message = f"{hook.preset.title} told an id only: the person's answers must be fetched"
    return hook.mapping.place.problem("reference", message, fix, Severity.WARNING)


def event_to_store(event: Event, mapped: Mapped, received_at: int) -> NewEvent:
    """What is kept of an event: what its mapping made of it, and the key by which it is known."""
    key, lasts_ms = intake.idempotency_key(event, mapped.id_value)
    return NewEvent(
        item=event.item,
        kind=event.kind,
        type=event.type or "",
        state=mapped.state,
        reason=mapped.reason,
        key=key,
        key_until=None if lasts_ms is None else received_at + lasts_ms,
        lead=mapped.lead,
        notes=_notes(problems=mapped.problems, warnings=mapped.warnings, consent=mapped.consent, at=event.at),
        deliveries=mapped.deliveries,
    )


def _new_request(
    hook: Hook, verified: VerifiedRequest, events: tuple[NewEvent, ...], mapping_set_id: int
) -> NewRequest:
    request = verified.request
    body, content_type = intake.stored_body(verified)
    wanted = (*hook.preset.headers, *hook.mapping.headers)
    signatures = hook.preset.signature_headers
    meta = {
        "method": request.method,
        "headers": intake.redact_headers(request, wanted, scheme=hook.scheme, signatures=signatures),
        "query": intake.redact_query(request, hook.scheme),
    }
    return NewRequest(
        hook=hook.name,
        received_at=request.received_at,
        body=body,
        content_type=content_type,
        meta=orjson.dumps(meta),
        mapping_set_id=mapping_set_id,
        events=events,
    )


def _our_fault(error: Exception, hook: str) -> Problem:
    where = log.broke(error, hook=hook)
    return Problem(
        code="internal",
        message=f"Leadbridge itself failed ({type(error).__name__} in {where})",
        fix="the event is kept: report this, and replay the event after an upgrade",
    )


def _notes(
    *,
    problems: Sequence[Problem] = (),
    warnings: Sequence[Problem] = (),
    consent: Mapping[str, Any] | None = None,
    at: int | None = None,
) -> bytes:
    notes: dict[str, Any] = {}
    if problems:
        notes["problems"] = [problem.as_json() for problem in problems]
    if warnings:
        notes["warnings"] = [problem.as_json() for problem in warnings]
    if consent:
        notes["consent"] = consent
    if at:
        notes["sent_at"] = at
    return orjson.dumps(notes, default=str)


def _without_values(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "path": problem.path, "fix": problem.fix}


def _log_events(hook: Hook, events: Sequence[NewEvent], receipts: Sequence[Receipt], key: bytes) -> None:
    for event, receipt in zip(events, receipts, strict=True):
        state, duplicate = _STATE_NAMES[receipt.state], receipt.duplicate
        log.info(
            "event.recorded",
            hook=hook.name,
            event_id=event_name(receipt.event_id),
            state=state,
            reason=receipt.reason,
            kind=str(event.kind),
            lead_id=log.lead_id(key, event.lead),
            deliveries=0 if duplicate else len(event.deliveries),
            duplicate=duplicate,
        )
        metrics.count(metrics.EVENTS, hook.name, "duplicate" if duplicate else state)
