"""What did not arrive, grouped by its cause: how much, since when, one example, and what to do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge.model import DeadReason, DeliveryState, EventState
from bridge.operations.documents import target_name
from bridge.operations.leads import diagnosis
from bridge.outbox import operator
from bridge.outbox.operator import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.operations.leads.diagnosis import Gates
    from bridge.outbox import Outbox
    from bridge.outbox.operator import ApiStatus, Chosen, EventStory

SAMPLE: Final = 200
"""How many of the newest refused events, and of those with dead deliveries, are grouped."""

_FIXES: Final[Mapping[DeadReason, str]] = {
    DeadReason.PERMANENT: "Read Zoho's message; fix the list, the journey or the mapping, then retry or replay them.",
    DeadReason.EXHAUSTED: "Zoho failed for 72 hours. Once it answers again, retry them.",
    DeadReason.UNCONFIRMED: "They never became active leads (subscribed, confirmation clicked); cancel, or retry then.",
    DeadReason.PREREQUISITE: "They died with an action before them; retry that one, and they come back with it.",
    DeadReason.ADDRESS: "Zoho takes no such address. Correct it at its source, then cancel these.",
    DeadReason.DOUBT: "A call got no answer. Look whether the leads arrived in Zoho; cancel them if so, else retry.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Events or deliveries that share a cause.

    `marks` choose all of them, as those of a list do; `acts` are what may be done to them. `count` stops at the sample.
    `sentence` is the diagnosis of the `example`, an event; it may quote what the person wrote. Times are ms UTC.
    """

    what: str
    where: str
    reason: str
    count: int
    is_capped: bool
    first_at: int
    last_at: int
    example: int
    sentence: str
    fix: str
    marks: Mapping[str, str]
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLane:
    """A lane that is stopped, with how many deliveries wait in it."""

    lane_id: int
    account: str
    api: str
    target: str
    reason: str
    since: int | None
    probe_at: int | None
    waiting: int


def troubles(store: Outbox, gates: Gates) -> tuple[Trouble, ...]:
    """What was refused or given up and nobody has decided on, the largest groups first."""
    refused = operator.newest(store, Selector(event_state=EventState.REFUSED), limit=SAMPLE)
    dead = operator.newest(store, Selector(delivery_state=DeliveryState.DEAD), limit=SAMPLE)
    open_dead = [one for one in dead.found if one.reason is not DeadReason.CANCELLED]
    found = [
        *(_refused(store, group, gates, is_capped=refused.before is not None) for group in _groups(refused.found)),
        *(_dead(store, group, gates, is_capped=dead.before is not None) for group in _groups(open_dead)),
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, -one.last_at)))


def held_lanes(apis: Iterable[ApiStatus]) -> tuple[HeldLane, ...]:
    """The lanes that are held, of a status."""
    return tuple(
        HeldLane(
            lane_id=lane.lane_id,
            account=api.account,
            api=api.api,
            target=target_name(lane.target),
            reason=lane.held_reason,
            since=lane.held_since,
            probe_at=lane.probe_at,
            waiting=sum(lane.pending.values()),
        )
        for api in apis
        for lane in api.lanes
        if lane.held_reason
    )


def _groups(found: Iterable[Chosen]) -> Iterable[Sequence[Chosen]]:
    groups: defaultdict[tuple[object, ...], list[Chosen]] = defaultdict(list)
    for one in found:
        if one.delivery_id is None:
            groups[one.hook, one.event_reason].append(one)
        else:
            groups[target_name(one.target), one.reason, one.code].append(one)
    return groups.values()


def _refused(store: Outbox, group: Sequence[Chosen], gates: Gates, *, is_capped: bool) -> Trouble:
    newest, story = group[0], _story(store, group[0])
    problems: list[dict[str, Any]] = orjson.loads(story.notes or b"{}").get("problems") or [{}]
    return Trouble(
        what="refused",
        where=newest.hook,
        reason=newest.event_reason,
        fix=problems[0].get("fix") or "Fix the mapping, then replay them; dismiss those that need nothing more.",
        marks={"state": "refused", "hook": newest.hook, "reason": newest.event_reason},
        acts=("replay", "dismiss"),
        **_common(store, group, story, gates, is_capped=is_capped),
    )


def _dead(store: Outbox, group: Sequence[Chosen], gates: Gates, *, is_capped: bool) -> Trouble:
    newest = group[0]
    reason = newest.reason or DeadReason.PERMANENT
    marks = {"state": "dead", "target": target_name(newest.target), "reason": newest.code or reason.value}
    return Trouble(
        what="dead",
        where=target_name(newest.target),
        reason=" ".join(part for part in (reason.value, newest.code) if part),
        fix=_FIXES.get(reason, "Retry or cancel them."),
        marks={name: value for name, value in marks.items() if value},
        acts=("retry", "replay", "cancel"),
        **_common(store, group, _story(store, newest), gates, is_capped=is_capped),
    )


def _common(
    store: Outbox, group: Sequence[Chosen], story: EventStory, gates: Gates, *, is_capped: bool
) -> dict[str, Any]:
    times = [one.received_at for one in group]
    return {
        "count": len(group),
        "is_capped": is_capped,
        "first_at": min(times),
        "last_at": max(times),
        "example": group[0].event_id,
        "sentence": diagnosis.of_event(story, gates, now=store.now()),
    }


def _story(store: Outbox, one: Chosen) -> EventStory:
    return operator.find_events(store, event_id=one.event_id)[0]
