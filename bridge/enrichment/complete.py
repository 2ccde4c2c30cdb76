"""One event whose answers are fetched: asked for step by step, mapped once all is there, put back or given up.

What was answered is stored with the event, so that no step is asked for twice, and a replay asks for nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake, log, mapping, metrics
from bridge.enrichment.request import FetchStatus, Reply, ask
from bridge.errors import IntakeError, UnreadableError
from bridge.hooks.payload import read_stored, with_fetched
from bridge.model import HOUR_MS, MINUTE_MS, EventState, Kind, NewEvent, Problem, Severity, event_name
from bridge.outbox import operator, registry
from bridge.outbox.fetching import complete_fetch, fetch_pauses, pause_fetches, resume_fetches, return_fetch
from bridge.receiving.form_changes import note_forms
from bridge.receiving.map_event import event_to_store, map_event

if TYPE_CHECKING:
    from bridge.enrichment.request import Asker
    from bridge.hooks.hook import Hook
    from bridge.model import Event
    from bridge.outbox.fetching import FetchClaim
    from bridge.outbox.operator import StoredRequest

WAITS_MS: Final = (30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS)
LAST_WAIT_MS: Final = 240 * MINUTE_MS
MAX_TRIES: Final = 24
"""Tries that failed, which is after three days. A wait for the token or for a host that takes no call is not a try.

One that our own code or the process did not survive is: no answer can have us try for ever.
"""

UNASKED_MS: Final = 5_000
PROBE_FIRST_MS: Final = MINUTE_MS
PROBE_MAX_MS: Final = 15 * MINUTE_MS


def again_at(tries: int, now: int, *, after_ms: int = 0) -> int | None:
    """When an event is asked for again after so many tries, None when it is given up."""
    if tries >= MAX_TRIES:
        return None
    wait_ms = WAITS_MS[tries - 1] if tries <= len(WAITS_MS) else LAST_WAIT_MS
    return now + max(wait_ms, min(after_ms, LAST_WAIT_MS))


def probe_at(since: int, now: int) -> int:
    """When one event of a hook that is paused since then may try: first after a minute, at last every quarter hour."""
    return now + min(max(now - since, PROBE_FIRST_MS), PROBE_MAX_MS)


def fingerprint(token: str) -> str:
    """Distinguishes this token from others and reveals nothing of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A claimed event with its hook and the hook's token ("" for a mapping that fetches nothing any more)."""

    hook: Hook
    fetching: FetchClaim
    token: str
    mapping_set_id: int | None


def fill(asker: Asker, task: Task) -> FetchStatus:
    """Fetch what a claimed event lacks and map it; what the last question came to. Raises OutboxError."""
    stored = operator.request_of(asker.store, task.fetching.event_id)
    fetched: dict[str, Any] = orjson.loads(task.fetching.fetched or b"{}")
    if task.fetching.tries > MAX_TRIES:
        message = f"{MAX_TRIES} tries to complete it ended without a result"
        _refuse(asker, task, "fetch_failed", message, "look at the log for code.broke, then replay the event", fetched)
        return FetchStatus.GONE
    event = _event(asker, task, stored)
    if event is None:
        return FetchStatus.GONE
    reply = _fetch(asker, task, event, fetched)
    if reply.status is FetchStatus.ANSWERED:
        received_first_at = None if stored is None else stored.received_first_at
        _complete(asker, task, with_fetched(task.hook.preset, event, fetched), fetched, received_first_at)
    elif reply.status is FetchStatus.GONE:
        _refuse(
            asker, task, "fetch_gone", reply.message, "nothing can be fetched any more; look at the sender", fetched
        )
    else:
        _wait(asker, task, reply, fetched)
    return reply.status


def _event(asker: Asker, task: Task, stored: StoredRequest | None) -> Event | None:
    """The event as it is read today; None when it cannot be, and so is refused."""
    message = "its body is no longer stored"
    if stored is not None and stored.body is not None:
        try:
            event = read_stored(task.hook.preset, task.hook.mapping, stored, task.fetching.item)
        except IntakeError as error:
            event, message = None, str(error)
        if event is not None:
            return event
    _refuse(asker, task, "unreadable", message, "look at the stored body and at the preset, then replay the event", {})
    return None


def _fetch(asker: Asker, task: Task, event: Event, fetched: dict[str, Any]) -> Reply:
    """Ask for all that is missing, adding it to `fetched`; the reply that ended it."""
    fetch = task.hook.preset.fetch
    if fetch is None or not task.hook.mapping.fetch_token or not intake.wants_fetch(fetch, event):
        return Reply(status=FetchStatus.ANSWERED)  # the preset or the mapping has changed
    try:
        while call := intake.next_fetch(fetch, event, fetched, task.token):
            reply = ask(
                asker,
                call,
                fetch=fetch,
                event=event,
                event_id=task.fetching.event_id,
                fetched=fetched,
                account=task.hook.mapping.account,
            )
            if reply.status is not FetchStatus.ANSWERED:
                return reply
            fetched[call.name] = reply.content
    except UnreadableError as error:
        return Reply(status=FetchStatus.GONE, message=str(error))
    return Reply(status=FetchStatus.ANSWERED)


def _complete(asker: Asker, task: Task, event: Event, fetched: dict[str, Any], received_first_at: int | None) -> None:
    """Store what the mapping makes of the whole event, with its deliveries."""
    mapped = map_event(task.hook, event)
    if mapped.state is EventState.FETCHING:  # by its preset the event is still a reference: asking again ends nothing
        mapped = replace(mapping.apply(task.hook.mapping, event), state=EventState.IGNORED, reason="reference")
    received_at = task.fetching.received_at
    new = event_to_store(task.hook, event, mapped, received_at, received_first_at=received_first_at)
    if _store(asker, task, new, fetched):
        note_forms(
            asker.store,
            task.hook.mapping,
            [(event, mapped)],
            mapping_set_id=task.mapping_set_id,
            now=asker.store.now(),
        )
    if resume_fetches(asker.store, task.hook.name):
        log.get_logger().info("fetch.resumed", hook=task.hook.name)


def _wait(asker: Asker, task: Task, reply: Reply, fetched: dict[str, Any]) -> None:
    """Put the event back, or refuse it when it has been tried for long enough."""
    now, tries = asker.store.now(), task.fetching.tries
    if reply.status in (FetchStatus.UNAUTHORISED, FetchStatus.FORBIDDEN):
        _pause(asker, task, reply)
    counts = reply.status in (FetchStatus.LATER, FetchStatus.FORBIDDEN)
    at = again_at(tries, now, after_ms=reply.after_ms) if counts else now + UNASKED_MS
    if at is None:
        message = f"the answers could not be fetched in {tries} tries: {reply.message}"
        _refuse(asker, task, "fetch_failed", message, "fix the token or wait for the sender, then replay the event",
                fetched)  # fmt: skip
        return
    notes = _notes(reply) if reply.status is not FetchStatus.UNASKED else None
    stored = orjson.dumps(fetched) if fetched else b""
    return_fetch(asker.store, task.fetching, at=at, counts=counts, fetched=stored, notes=notes)
    if counts:
        log.get_logger(hook=task.hook.name, event_id=event_name(task.fetching.event_id)).warning(
            "fetch.failed", error=reply.message, tries=tries, again_at=log.shown_time(at)
        )


def _pause(asker: Asker, task: Task, reply: Reply) -> None:
    """Ask this hook's sender for nothing more until it takes the token, but for one event now and then."""
    store, name, variable = asker.store, task.hook.name, task.hook.mapping.fetch_token
    mark = fingerprint(task.token)
    before = fetch_pauses(store).get(name)
    now = store.now()
    since = before.since if before is not None and before.fingerprint == mark else now
    if pause_fetches(store, name, reason=reply.message, fingerprint=mark, probe_at=probe_at(since, now)):
        fix = f"set {variable} to a token that may read the answers; the events wait, and one tries now and then"
        log.get_logger().error("fetch.paused", hook=name, error=reply.message, variable=variable, fix=fix)


def _refuse(asker: Asker, task: Task, code: str, message: str, fix: str, fetched: dict[str, Any]) -> None:
    problem = task.hook.mapping.place.problem(code, message, fix)
    new = NewEvent(
        item=task.fetching.item,
        kind=Kind.REFERENCE,
        state=EventState.REFUSED,
        reason=code,
        key="",
        notes=orjson.dumps({"problems": [problem.as_json()]}),
    )
    _store(asker, task, new, fetched)


def _store(asker: Asker, task: Task, event: NewEvent, fetched: dict[str, Any]) -> bool:
    """Store an event's end; False when another process has it by now."""
    store, stored = asker.store, orjson.dumps(fetched) if fetched else b""
    if not complete_fetch(store, task.fetching, event, fetched=stored, mapping_set_id=task.mapping_set_id):
        return False
    log.get_logger(hook=task.hook.name).info(
        "event.completed",
        event_id=event_name(task.fetching.event_id),
        state=event.state.name.lower(),
        reason=event.reason,
        kind=event.kind.value,
        lead_id=log.lead_id(registry.identity(store), event.lead),
        deliveries=len(event.deliveries),
        tries=task.fetching.tries,
        age_ms=store.now() - task.fetching.received_at,
    )
    metrics.count(metrics.EVENTS, task.hook.name, event.state.name.lower())
    return True


def _notes(reply: Reply) -> bytes:
    problem = Problem(
        code="fetch_failed",
        message=f"the answers could not be fetched: {reply.message}",
        fix="it is tried again for three days; if it lasts, look at the sender and the network",
        severity=Severity.WARNING,
    )
    return orjson.dumps({"warnings": [problem.as_json()]})
