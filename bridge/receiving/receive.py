"""The receiving pipeline: a request becomes stored events and deliveries, and only then an answer.

Nothing here knows HTTP status codes or Zoho. Whatever an authentic request holds is stored: a body that cannot be
read, a mapping that refuses and even an error of our own become a refused event, since senders switch off hooks
that answer errors.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake, log, mapping, metrics, tracing
from bridge.errors import (
    ClosedHookError,
    IntakeError,
    MediaTypeError,
    MethodError,
    TooLargeError,
    UnknownHookError,
    UnreadableError,
)
from bridge.hooks.hook import Hook
from bridge.model import (
    DEFAULT_LIMITS,
    WHOLE_REQUEST,
    Event,
    EventState,
    Kind,
    Limits,
    NewRequest,
    Problem,
    event_name,
    value_object,
)
from bridge.outbox import inbox, registry
from bridge.receiving import bulk_mark, lookup
from bridge.receiving.form_changes import note_forms
from bridge.receiving.map_event import event_to_store, map_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.hooks.hook import Hooks
    from bridge.intake import HandshakeAnswer, VerifiedRequest
    from bridge.mapping import Mapped
    from bridge.model import NewEvent, Receipt, Request
    from bridge.outbox import Outbox


@value_object
class ReceivedEvent:
    """What the answer says of one event."""

    receipt: Receipt
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """The event as it stands in an answer: no value of the payload is repeated there."""
        answer: dict[str, Any] = {"id": event_name(self.receipt.event_id), "state": _STATE_NAMES[self.receipt.state]}
        if self.receipt.reason:
            answer["reason"] = self.receipt.reason
        if self.receipt.duplicate:
            answer["duplicate"] = True
        if self.receipt.update:
            answer["update"] = True
        if self.problems:
            answer["problems"] = [_without_values(problem) for problem in self.problems]
        return answer


_STATE_NAMES: Final = {state: state.name.lower() for state in EventState}


@value_object
class Received:
    """A stored request: its hook and its events, in the order in which they stood in the request."""

    hook: Hook
    events: tuple[ReceivedEvent, ...]


def greet(request: Request, hook: Hook, *, public_url: str = "") -> HandshakeAnswer | None:
    """The answer to a handshake that the hook's preset names, None for any other request. Nothing is stored.

    Raises SignatureError and HandshakeError.
    """
    return intake.answer_handshake(
        request, hook.preset.handshakes, hook.scheme, hook.secrets, now=request.received_at, public_url=public_url
    )


def receive(
    request: Request,
    hook: Hook,
    store: Outbox,
    *,
    mapping_set_id: Callable[[], int],
    public_url: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Received:
    """Verify, read, map and store one request to a hook; `mapping_set_id` is that of the hooks it was found among.

    Raises MethodError, SignatureError, UnreadableError, MediaTypeError and TooLargeError when nothing is stored, and
    OutboxUnavailableError when it could not be.
    """
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
    return record_verified(hook, verified, store, mapping_set_id=mapping_set_id(), limits=limits)


def record_verified(
    hook: Hook,
    verified: VerifiedRequest,
    store: Outbox,
    *,
    mapping_set_id: int | None,
    limits: Limits = DEFAULT_LIMITS,
    received_first_at: int | None = None,
) -> Received:
    """Read, map and store a request that is verified.

    One that is received again, and `received_first_at` this time (ms), yields to all others, and what its sender does
    not date counts as of then: a withdrawal since ends it. Raises as `receive` does from there on.
    """
    request = verified.request
    mapped = _map_all(hook, verified, limits)
    new_events = [
        event_to_store(hook, event, result, request.received_at, received_first_at=received_first_at)
        for event, result in mapped
    ]
    if received_first_at is not None:
        new_events = [replace(one, sent_at=one.sent_at or received_first_at) for one in new_events]
    if received_first_at is not None or bulk_mark.is_marked(request, store):
        new_events = [bulk_mark.as_bulk(event) for event in new_events]
    receipts = inbox.record(store, _new_request(hook, verified, tuple(new_events), mapping_set_id, received_first_at))
    new = [one for one, receipt in zip(mapped, receipts, strict=True) if not receipt.duplicate]  # a repeat is of old
    note_forms(store, hook.mapping, new, mapping_set_id=mapping_set_id, now=request.received_at)
    tracing.note(events=len(receipts))
    _log_events(hook, new_events, receipts, registry.identity(store))
    problems = [result.problems for _, result in mapped]
    return Received(hook=hook, events=tuple(map(_received, receipts, problems)))


def _received(receipt: Receipt, problems: tuple[Problem, ...]) -> ReceivedEvent:
    return ReceivedEvent(receipt=receipt, problems=problems if receipt.state is EventState.REFUSED else ())


def find_hook(requested: str, hooks: Hooks, store: Outbox) -> Hook:
    """The open hook that is asked for by this name. Raises UnknownHookError and ClosedHookError.

    The answer repeats no other hook's name: that is in the error's `hint`, for the log.
    """
    name = lookup.match(requested, hooks.by_name)
    hook = hooks.by_name[name] if name is not None else None
    if isinstance(hook, Hook):
        return hook
    if hook is not None:
        raise ClosedHookError(f"hook {hook.name!r} is closed: {hook.problems[0].message}", hook=hook.name)
    if lookup.is_name(requested) and registry.known_hook(store, requested):
        raise ClosedHookError(f"the mapping of hook {requested!r} is gone", hook=requested)
    nothing_loaded = not hooks.by_name and lookup.is_name(requested)
    if nothing_loaded and not registry.is_unregistered(store, requested):
        # Most likely the folder is not mounted, and some senders never come again after a 404.
        raise ClosedHookError(f"there is no mapping at all, so none for hook {requested!r}", hook=requested)
    closest = lookup.closest(requested, hooks.by_name)
    hint = f"the closest hook is {closest!r}" if closest else ""
    raise UnknownHookError(f"there is no hook {lookup.shown(requested)!r}", hint=hint)


def _map_all(hook: Hook, verified: VerifiedRequest, limits: Limits) -> list[tuple[Event, Mapped]]:
    """The request's events, each with what its mapping made of it.

    A request that its sender signed and that cannot be read is one refused event. Raises UnreadableError,
    MediaTypeError and TooLargeError for one that nobody signed.
    """
    try:
        content = intake.parse(verified, hook.preset.body, limits)
        events = intake.read_events(hook.preset, verified, content, also_headers=hook.mapping.headers, limits=limits)
        return [(event, _map(hook, event)) for event in mapping.expand(hook.mapping, events)]
    except (UnreadableError, MediaTypeError, TooLargeError) as error:
        if not verified.authentic:
            raise
        message, _, fix = str(error).partition("; ")
        code = "too_large" if isinstance(error, TooLargeError) else "unreadable"
        problem = Problem(code=code, message=message, fix=f"{fix}; {_REPAIR}" if fix else _REPAIR)
        return _refused_body(verified, problem)
    except IntakeError:
        raise
    except Exception as error:  # noqa: BLE001 - the request is authentic: it is stored, whatever breaks
        return _refused_body(verified, _internal_error(error, hook.name))


_REPAIR = (
    "the body is stored: a replay reads it again; in a shell, `leadbridge replay EVENT --body FILE` a corrected one"
)


def _refused_body(verified: VerifiedRequest, problem: Problem) -> list[tuple[Event, Mapped]]:
    """One event for the whole request, known by the digest of its body."""
    event = Event(item=WHOLE_REQUEST, kind=Kind.OTHER, body=hashlib.sha256(verified.request.body).hexdigest())
    return [(event, mapping.Mapped(state=EventState.REFUSED, reason=problem.code, problems=(problem,)))]


def _map(hook: Hook, event: Event) -> Mapped:
    try:
        return map_event(hook, event)
    except Exception as error:  # noqa: BLE001 - an error of ours must not lose the event nor its neighbours
        problem = _internal_error(error, hook.name)
        return mapping.Mapped(state=EventState.REFUSED, reason=problem.code, problems=(problem,))


def _new_request(
    hook: Hook,
    verified: VerifiedRequest,
    events: tuple[NewEvent, ...],
    mapping_set_id: int | None,
    received_first_at: int | None,
) -> NewRequest:
    request = verified.request
    body, content_type = intake.stored_body(verified)
    wanted = (*hook.preset.headers, *hook.mapping.headers)
    signatures = hook.preset.signature_headers
    meta: dict[str, Any] = {
        "method": request.method,
        "headers": intake.redact_headers(request, wanted, scheme=hook.scheme, signatures=signatures),
        "query": intake.redact_query(request, hook.scheme),
    }
    if tracing.is_on():
        meta["traceparent"] = tracing.traceparent()
    if received_first_at is not None:
        meta["received_first_at"] = received_first_at
    return NewRequest(
        hook=hook.name,
        received_at=request.received_at,
        body=body,
        content_type=content_type,
        meta=orjson.dumps(meta),
        mapping_set_id=mapping_set_id,
        events=events,
    )


def _internal_error(error: Exception, hook: str) -> Problem:
    where = log.broke(error, hook=hook)
    return Problem(
        code="internal",
        message=f"Leadbridge itself failed ({type(error).__name__} in {where})",
        fix="the event is stored: report this, and replay the event after an upgrade",
    )


def _without_values(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "path": problem.path, "fix": problem.fix}


def _log_events(hook: Hook, events: Sequence[NewEvent], receipts: Sequence[Receipt], key: bytes) -> None:
    for event, receipt in zip(events, receipts, strict=True):
        state, is_stored = _STATE_NAMES[receipt.state], not receipt.duplicate
        log.info(
            "event.recorded",
            hook=hook.name,
            event_id=event_name(receipt.event_id),
            state=state,
            reason=receipt.reason,
            kind=str(event.kind),
            lead_id=log.lead_id(key, event.lead),
            deliveries=len(event.deliveries) if is_stored and receipt.state is EventState.ACCEPTED else 0,
            duplicate=receipt.duplicate,
            update=receipt.update,
        )
        metrics.count(metrics.EVENTS, hook.name, state if is_stored else "duplicate")
        if receipt.update:
            metrics.count(metrics.UPDATES, hook.name)
