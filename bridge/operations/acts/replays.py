"""Replays of many events: today's hooks, what would be done with each event, and how that is shown."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from bridge.hooks import folder as hooks
from bridge.model import event_name
from bridge.outbox import operator
from bridge.replay.plan import ReplayDecision, plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from bridge.hooks.hook import Hooks
    from bridge.outbox import Outbox
    from bridge.replay.plan import Options, Plan

MEANINGS: Final = {
    ReplayDecision.SEND: "sent",
    ReplayDecision.RECEIVE: "received again as whole requests, with all their events",
    ReplayDecision.FETCH: "fetched from their sender, then mapped",
    ReplayDecision.STOP: "stopped: today's mapping does not want them",
    ReplayDecision.SAME: "with nothing new to send",
    ReplayDecision.WITHDRAWN: "withdrawn: the person left after them, so nothing sends them again",
    ReplayDecision.OVERTAKEN: "overtaken by newer events of the same person (--overtaken sends all but withdrawals)",
    ReplayDecision.UNDECIDED: "the same as was sent before the person withdrew (--again sends them once more)",
    ReplayDecision.REFUSED: "refused by today's mapping",
    ReplayDecision.PURGED: "without a body: it was purged",
    ReplayDecision.CLOSED: "of a hook without a usable mapping",
    ReplayDecision.IN_FLIGHT: "in flight in a call just now: try again",
}
"""What is said of the events of each decision, after their number."""

EXCEPTIONS: Final = (
    ReplayDecision.WITHDRAWN,
    ReplayDecision.OVERTAKEN,
    ReplayDecision.UNDECIDED,
    ReplayDecision.REFUSED,
    ReplayDecision.PURGED,
    ReplayDecision.CLOSED,
    ReplayDecision.IN_FLIGHT,
)
"""Decisions that a person wants to see event by event."""


def todays_hooks(store: Outbox, folder: Path) -> Hooks:
    """The hooks of the mapping files as they are now. What is stored was verified on receipt: no secret is needed."""
    return hooks.load_hooks(folder, hooks.load_presets(folder), lambda _: "not needed", store)


def plans(store: Outbox, today: Hooks, ids: Iterable[int], options: Options) -> Iterator[Plan]:
    """What a replay would do with each of these events; one that was purged meanwhile is left out."""
    for event_id in ids:
        for story in operator.find_events(store, event_id=event_id):
            stored = operator.request_of(store, event_id)
            yield plan(story, stored, today.by_name.get(story.hook), store, options)


def plan_document(one: Plan) -> dict[str, Any]:
    """What a replay would do with one event, as a JSON object."""
    return {
        "event": event_name(one.story.event_id),
        "decision": one.decision.value,
        "note": one.note,
        "deliveries": len(one.event.deliveries) if one.event is not None else 0,
        "changes": [asdict(change) for change in one.changes],
    }
