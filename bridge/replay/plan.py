"""What a replay would do with an event, decided by today's hook and mapping; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from bridge.errors import IntakeError
from bridge.hooks.hook import Hook
from bridge.hooks.payload import of_stored, read_payload, read_stored
from bridge.model import WHOLE_REQUEST, DeliveryState, EventState, Kind, NewEvent, Priority, event_name
from bridge.outbox import fetching, operator, precedence
from bridge.outbox.inbox import MAY_HAVE_RETURNED
from bridge.receiving.map_event import event_to_store, map_event
from bridge.replay.changes import changes_of, content_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bridge.hooks.hook import ClosedHook
    from bridge.mapping import Mapped
    from bridge.model import NewDelivery, Target
    from bridge.outbox import Outbox
    from bridge.outbox.operator import DeliveryStory, EventStory, StoredRequest
    from bridge.replay.changes import Change

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
    """Today's mapping does not want it, or for another reason: what of it waits is cancelled."""
    SAME = "same"
    """Nothing differs from what was sent or waits."""
    WITHDRAWN = "withdrawn"
    """The person withdrew after this event: nothing sends it again."""
    OVERTAKEN = "overtaken"
    """All that it would send was sent, or is about to be, by newer events of the same person."""
    UNDECIDED = "undecided"
    """It says what was sent before the person withdrew: a person decides, by `again`, whether it is sent once more."""
    REFUSED = "refused"
    """Today's mapping refuses it."""
    PURGED = "purged"
    """Its body is no longer stored."""
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
    if story.reason == MAY_HAVE_RETURNED.code and not options.again:
        return Plan(story=story, decision=ReplayDecision.UNDECIDED)
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
            return Plan(story=story, decision=ReplayDecision.WITHDRAWN, note=f"by {event_name(ended_by)}")
    started = operator.journeys_of_changes(store, story.event_id)
    new = event_to_store(hook, event, mapped, story.received_at, received_first_at=stored.received_first_at)
    overtaken = _overtaken(store, story, new, options)
    return _decide(story, new, mapped, options, started, overtaken)


def _overtaken(store: Outbox, story: EventStory, new: NewEvent, options: Options) -> dict[int, int]:
    """By which newer event each of the deliveries is overtaken, by the numbers of their actions.

    What a replay sent although it was overtaken, and nothing has replaced since, is the state of the person: it can be
    sent again. With `overtaken` only withdrawals are: nobody is taken off who has consented since.
    """
    looked_at = [one for one in new.deliveries if one.withdraws or not options.overtaken]
    wanted = [
        one for one in looked_at if not (options.again and precedence.is_last_by_replay(store, story.event_id, one))
    ]
    found = {one.action_no: precedence.overtaken_by(store, story.event_id, one) for one in wanted}
    return {number: newer for number, newer in found.items() if newer is not None}


def _plan_whole(story: EventStory, stored: StoredRequest, hook: Hook) -> Plan:
    """What a replay would do with an event that stands for a whole request."""
    if story.state is not EventState.REFUSED:
        return Plan(story=story, decision=ReplayDecision.SAME, note=story.reason)
    try:
        found = read_payload(hook.preset, of_stored(stored))
    except IntakeError as error:
        return Plan(story=story, decision=ReplayDecision.REFUSED, note=str(error))
    note = f"its {len(found)} events are stored"
    return Plan(
        story=story, decision=ReplayDecision.RECEIVE, event=settled_event(), note=note, request=stored, hook=hook
    )


def settled_event() -> NewEvent:
    """What becomes of an event that stood for a whole request, once that was read."""
    return NewEvent(item=WHOLE_REQUEST, kind=Kind.OTHER, key="", state=EventState.IGNORED, reason="received_again")


def _decide(
    story: EventStory,
    new: NewEvent,
    mapped: Mapped,
    options: Options,
    started: Collection[tuple[Target, str]],
    overtaken: Mapping[int, int],
) -> Plan:
    """`started` are the journeys, with their leads, that other events of the same key have started.

    `overtaken` gives the newer event for each action that it has overtaken.
    """
    changes = tuple(changes_of(story, new))
    is_open = any(one.state in _OPEN for one in story.deliveries)
    if any(one.state is DeliveryState.CLAIMED for one in story.deliveries):
        return Plan(story=story, decision=ReplayDecision.IN_FLIGHT)
    if new.state is EventState.REFUSED:
        problems = "; ".join(problem.message for problem in mapped.problems)
        return Plan(story=story, decision=ReplayDecision.REFUSED, changes=changes, note=problems)
    if new.state is EventState.FETCHING:
        return Plan(story=story, decision=ReplayDecision.FETCH, event=new, changes=changes)
    if new.state is not EventState.ACCEPTED:
        stops = is_open or (story.state, story.reason) != (new.state, new.reason)
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
    wanted_now = _to_send(story.deliveries, wanted_deliveries, options)
    newer = sorted({overtaken[one.action_no] for one in wanted_now if one.action_no in overtaken})
    note = f"by {', '.join(map(event_name, newer))}" if newer else ""
    send = _linked([one for one in wanted_now if one.action_no not in overtaken])
    if newer and not send:
        return Plan(story=story, decision=ReplayDecision.OVERTAKEN, changes=changes, note=note)
    wanted = {content_of(one.target, one.body) for one in new.deliveries}
    obsolete = any(one.state in _OPEN and content_of(one.target, one.body) not in wanted for one in story.deliveries)
    decision = ReplayDecision.SEND if send else ReplayDecision.STOP if obsolete else ReplayDecision.SAME
    note = f"in part overtaken {note}" if newer else ""
    return Plan(story=story, decision=decision, event=replace(new, deliveries=send), changes=changes, note=note)


def _to_send(
    before: Sequence[DeliveryStory], wanted: Sequence[NewDelivery], options: Options
) -> tuple[NewDelivery, ...]:
    """Those of the wanted deliveries that must go; none when what must go waits already, just so."""
    arrived = [one for one in before if one.state is DeliveryState.DELIVERED]
    send = [one for one in wanted if _must_go(one, arrived, options)]
    waiting = {content_of(one.target, one.body) for one in before if one.state in _OPEN}
    is_forced = options.again or options.journeys
    if not is_forced and waiting == {content_of(one.target, one.body) for one in send}:
        return ()
    return tuple(replace(one, priority=one.priority if one.withdraws else Priority.BULK) for one in send)


def _linked(send: Sequence[NewDelivery]) -> tuple[NewDelivery, ...]:
    """These deliveries, of which none waits for one that is not among them."""
    numbers = {one.action_no for one in send}
    return tuple(replace(one, waits_for=one.waits_for if one.waits_for in numbers else None) for one in send)


def _must_go(delivery: NewDelivery, arrived: Sequence[DeliveryStory], options: Options) -> bool:
    """Whether a delivery goes although others of the event have arrived: no journey is started twice unasked."""
    if delivery.target.api == "trigger":
        journey = _journey(delivery.target)
        return options.journeys or all(_journey(one.target) != journey for one in arrived)
    content = content_of(delivery.target, delivery.body)
    return options.again or all(content_of(one.target, one.body) != content for one in arrived)


def _journey(target: Target) -> tuple[str, ...]:
    return (target.account, target.api, target.journey_key or target.journey_name)
