"""Replay: a stored event through today's mapping, and what of it is to be sent.

`plan` decides and changes nothing; `carry_out` stores what was decided. A person who asks for a replay is shown the
plan first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from bridge import intake
from bridge.errors import IntakeError
from bridge.hooks.hook import Hook
from bridge.hooks.payload import read_payload, read_stored
from bridge.model import WHOLE_REQUEST, DeliveryState, EventState, Kind, NewEvent, Priority, Request
from bridge.outbox import acts, fetching, operator, precedence
from bridge.receiving.map_event import event_to_store, map_event
from bridge.receiving.receive import record_verified

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from bridge.hooks.hook import ClosedHook
    from bridge.mapping import Mapped
    from bridge.model import NewDelivery, Target
    from bridge.outbox import Outbox
    from bridge.outbox.operator import DeliveryStory, EventStory, StoredRequest
    from bridge.receiving.receive import Received

_OPEN = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.BLOCKED)


class ReplayDecision(StrEnum):
    """What a replay does with one event."""

    SEND = "send"
    """There is something to send."""
    RECEIVE = "receive"
    """It stands for a whole request that could not be read: that is received again, and all its events are stored."""
    FETCH = "fetch"
    """Its answers are fetched from the sender first; then it is mapped."""
    STOP = "stop"
    """Today's mapping does not want it: what of it waits is cancelled."""
    SAME = "same"
    """Nothing differs from what was sent or waits."""
    WITHDRAWN = "withdrawn"
    """The person withdrew after this event: nothing sends it again."""
    OVERTAKEN = "overtaken"
    """A later event of the same person is newer than this one."""
    REFUSED = "refused"
    """Today's mapping refuses it."""
    PURGED = "purged"
    """Its body is not kept any more."""
    CLOSED = "closed"
    """Its hook has no usable mapping today."""
    IN_FLIGHT = "in_flight"
    """A call carries a delivery of it just now: try again."""


CHANGES = (ReplayDecision.SEND, ReplayDecision.RECEIVE, ReplayDecision.FETCH, ReplayDecision.STOP)
"""Decisions that change something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a replay may do beyond sending what differs."""

    again: bool = False
    journeys: bool = False
    overtaken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between what was and what would be; None for what is not there."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a replay would do with one event: `event` is what would be stored, with the deliveries to send.

    `note` says more about a decision for which nothing is sent. `request` and `hook` are there for RECEIVE.
    """

    story: EventStory
    decision: ReplayDecision
    event: NewEvent | None = None
    changes: tuple[Change, ...] = field(default=(), repr=False)
    note: str = ""
    request: StoredRequest | None = field(default=None, repr=False)
    hook: Hook | None = field(default=None, repr=False)


def plan(
    story: EventStory, stored: StoredRequest | None, hook: Hook | ClosedHook | None, store: Outbox, options: Options
) -> Plan:
    """What a replay would do with an event, by today's hook. Reads, and changes nothing."""
    if not isinstance(hook, Hook):
        return Plan(story=story, decision=ReplayDecision.CLOSED, note=f"hook {story.hook!r} has no usable mapping")
    if stored is None or stored.body is None:
        return Plan(story=story, decision=ReplayDecision.PURGED)
    if story.item == WHOLE_REQUEST:
        return _plan_whole(story, stored, hook)
    try:
        fetched = fetching.fetched_of(store, story.event_id)
        event = read_stored(hook.preset, hook.mapping, stored, story.item, fetched)
    except IntakeError as error:
        return Plan(story=story, decision=ReplayDecision.REFUSED, note=str(error))
    if event is None:
        return Plan(story=story, decision=ReplayDecision.REFUSED, note=f"the body has no item {story.item} any more")
    mapped = map_event(hook, event)
    if mapped.lead and not any(one.withdraws for one in mapped.planned):
        ended_by = precedence.withdrawal_after(store, story.event_id, mapped.lead, hook.mapping.account)
        if ended_by is not None:
            return Plan(story=story, decision=ReplayDecision.WITHDRAWN, note=f"by evt_{ended_by}")
    if mapped.lead and not options.overtaken:
        later = operator.overtaken_by(store, story.event_id, mapped.lead)
        if later is not None:
            return Plan(story=story, decision=ReplayDecision.OVERTAKEN, note=f"by evt_{later}")
    started = operator.journeys_of_changes(store, story.event_id)
    new = event_to_store(hook, event, mapped, story.received_at, received_first_at=stored.received_first_at)
    return _decide(story, new, mapped, options, started)


def carry_out(plan: Plan, store: Outbox, *, mapping_set_id: int | None, job_id: int | None = None) -> ReplayDecision:
    """Store what was planned; the decision that came of it, which is the item's result where there is a job.

    Only those of CHANGES change anything.
    """
    decision = _carry_out(plan, store, mapping_set_id=mapping_set_id, job_id=job_id)
    if job_id is not None and decision not in CHANGES:
        acts.settle_items(store, job_id, {plan.story.event_id: decision.value})
    return decision


def _carry_out(plan: Plan, store: Outbox, *, mapping_set_id: int | None, job_id: int | None) -> ReplayDecision:
    if plan.event is None or plan.decision not in CHANGES:
        return plan.decision
    if plan.request is not None and plan.hook is not None:
        received = receive_again(
            plan.request, plan.hook, store, mapping_set_id=mapping_set_id, now=time.time_ns() // 1_000_000
        )
        if not _is_read(received, plan.story.event_id):
            return ReplayDecision.REFUSED
    job = None if job_id is None else (job_id, plan.decision.value)
    done = operator.store_replay(store, plan.story.event_id, plan.event, mapping_set_id=mapping_set_id, job=job)
    return plan.decision if done else ReplayDecision.IN_FLIGHT


def correct(
    story: EventStory,
    stored: StoredRequest,
    hook: Hook,
    store: Outbox,
    *,
    body: bytes,
    content_type: str,
    mapping_set_id: int,
    now: int,
) -> Received:
    """Receive the request of an event again with another body, which is not packed, or another content type.

    An event that stands for the whole request is settled with that.
    """
    meta = orjson.loads(stored.meta or b"{}")
    if body != stored.body:
        meta["headers"] = {name: value for name, value in meta.get("headers", {}).items() if name != "content-encoding"}
    corrected = replace(stored, body=body, content_type=content_type, meta=orjson.dumps(meta))
    received = receive_again(corrected, hook, store, mapping_set_id=mapping_set_id, now=now)
    if story.item == WHOLE_REQUEST and _is_read(received, story.event_id):
        operator.store_replay(store, story.event_id, _settled(), mapping_set_id=mapping_set_id)
    return received


def receive_again(
    stored: StoredRequest, hook: Hook, store: Outbox, *, mapping_set_id: int | None, now: int
) -> Received:
    """Receive a stored request as a new one: it stays authentic, as it was verified.

    All its events are stored, each once by its key, with deliveries that yield to all others.
    """
    meta = orjson.loads(stored.meta or b"{}")
    request = Request(
        hook=hook.name,
        method=meta.get("method", "POST"),
        url="",
        headers={**meta.get("headers", {}), "content-type": stored.content_type},
        query=meta.get("query", {}),
        body=stored.body or b"",
        received_at=now,
    )
    verified = intake.verify(request, intake.NoVerification(), {}, now=now)
    return record_verified(
        hook, verified, store, mapping_set_id=mapping_set_id, received_first_at=stored.received_first_at
    )


def _plan_whole(story: EventStory, stored: StoredRequest, hook: Hook) -> Plan:
    """What a replay would do with an event that stands for a whole request."""
    if story.state is not EventState.REFUSED:
        return Plan(story=story, decision=ReplayDecision.SAME, note=story.reason)
    meta = orjson.loads(stored.meta or b"{}")
    try:
        found = read_payload(
            hook.preset,
            stored.body or b"",
            content_type=stored.content_type,
            headers=meta.get("headers"),
            query=meta.get("query"),
        )
    except IntakeError as error:
        return Plan(story=story, decision=ReplayDecision.REFUSED, note=str(error))
    note = f"its {len(found)} events are stored"
    return Plan(story=story, decision=ReplayDecision.RECEIVE, event=_settled(), note=note, request=stored, hook=hook)


def _is_read(received: Received, refused_id: int) -> bool:
    """Whether a request that had been refused as a whole can be read now."""
    return all(one.receipt.event_id != refused_id for one in received.events)


def _settled() -> NewEvent:
    """What becomes of an event that stood for a whole request, once that was read."""
    return NewEvent(item=WHOLE_REQUEST, kind=Kind.OTHER, key="", state=EventState.IGNORED, reason="received_again")


def _decide(
    story: EventStory,
    new: NewEvent,
    mapped: Mapped,
    options: Options,
    started: Collection[tuple[Target, str]],
) -> Plan:
    """`started` are the journeys, with their leads, that other events of the same key have started."""
    changes = tuple(_changes(story, new))
    is_open = any(one.state in _OPEN for one in story.deliveries)
    if any(one.state is DeliveryState.CLAIMED for one in story.deliveries):
        return Plan(story=story, decision=ReplayDecision.IN_FLIGHT)
    if new.state is EventState.REFUSED:
        problems = "; ".join(problem.message for problem in mapped.problems)
        return Plan(story=story, decision=ReplayDecision.REFUSED, changes=changes, note=problems)
    if new.state is EventState.FETCHING:
        return Plan(story=story, decision=ReplayDecision.FETCH, event=new, changes=changes)
    if new.state is not EventState.ACCEPTED:
        stops = is_open or story.state is not new.state
        return Plan(
            story=story,
            decision=ReplayDecision.STOP if stops else ReplayDecision.SAME,
            event=new,
            changes=changes,
            note=mapped.reason,
        )
    others = {(_journey(target), lead) for target, lead in started}
    wanted_deliveries = [
        one for one in new.deliveries if options.journeys or (_journey(one.target), one.lead) not in others
    ]
    send = _to_send(story.deliveries, wanted_deliveries, options)
    wanted = {_content(one.target, one.body) for one in new.deliveries}
    obsolete = any(one.state in _OPEN and _content(one.target, one.body) not in wanted for one in story.deliveries)
    decision = ReplayDecision.SEND if send else ReplayDecision.STOP if obsolete else ReplayDecision.SAME
    return Plan(story=story, decision=decision, event=replace(new, deliveries=send), changes=changes)


def _to_send(
    before: Sequence[DeliveryStory], wanted: Sequence[NewDelivery], options: Options
) -> tuple[NewDelivery, ...]:
    """Those of the wanted deliveries that must go; none when what must go waits already, just so."""
    arrived = [one for one in before if one.state is DeliveryState.DELIVERED]
    send = [one for one in wanted if _must_go(one, arrived, options)]
    waiting = {_content(one.target, one.body) for one in before if one.state in _OPEN}
    is_forced = options.again or options.journeys
    if not is_forced and waiting == {_content(one.target, one.body) for one in send}:
        return ()
    numbers = {one.action_no for one in send}
    return tuple(
        replace(
            one,
            priority=one.priority if one.withdraws else Priority.BULK,
            waits_for=one.waits_for if one.waits_for in numbers else None,
        )
        for one in send
    )


def _must_go(delivery: NewDelivery, arrived: Sequence[DeliveryStory], options: Options) -> bool:
    """Whether a delivery goes although others of the event have arrived: no journey is started twice unasked."""
    if delivery.target.api == "trigger":
        journey = _journey(delivery.target)
        return options.journeys or all(_journey(one.target) != journey for one in arrived)
    content = _content(delivery.target, delivery.body)
    return options.again or all(_content(one.target, one.body) != content for one in arrived)


def _journey(target: Target) -> tuple[str, ...]:
    return (target.account, target.api, target.journey_key or target.journey_name)


def _content(target: Target, body: bytes | None) -> tuple[Target, bytes]:
    return target, orjson.dumps(_parsed(body), option=orjson.OPT_SORT_KEYS)


def _parsed(body: bytes | None) -> Any:
    try:
        return orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        return {"": (body or b"").hex()}


def _changes(story: EventStory, new: NewEvent) -> Iterable[Change]:
    """Every difference, from the state down to the fields, action by action."""
    before = {"state": story.state.name.lower(), "reason": story.reason}
    yield from _differences("", before, {"state": new.state.name.lower(), "reason": new.reason})
    newest = max((one.replay for one in story.deliveries), default=0)
    old = {one.action_no: one for one in story.deliveries if one.replay == newest}
    now = {one.action_no: one for one in new.deliveries}
    for number in sorted(old.keys() | now.keys()):
        was, will = old.get(number), now.get(number)
        path = f"actions[{number}]."
        yield from _differences(path, _shown(was), _shown(will))


def _shown(delivery: DeliveryStory | NewDelivery | None) -> dict[str, Any]:
    if delivery is None:
        return {}
    target = delivery.target
    parts = {
        "api": target.api,
        "list": target.list_name or target.list_key,
        "journey": target.journey_name or target.journey_key,
        "tag": target.tag,
        "sources": target.sources,
        "topics": target.topics,
    }
    shown: dict[str, Any] = {name: part for name, part in parts.items() if part}
    shown.update(_parsed(delivery.body))
    return shown


def _differences(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for name in [*before, *(name for name in after if name not in before)]:
        if before.get(name) != after.get(name):
            yield Change(path=f"{path}{name}", before=before.get(name), after=after.get(name))
