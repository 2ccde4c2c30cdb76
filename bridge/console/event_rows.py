"""Events as rows of a list: each with its lead, and in a word where it is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from bridge.model import DeliveryState
from bridge.operations.leads import diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.model import DeadReason
    from bridge.outbox.operator import Chosen, EventStory


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event of a list. `state` is its own or, once it became deliveries, that of the delivery that decides."""

    event_id: int
    lead: str
    hook: str
    kind: str
    received_at: int
    state: str
    reason: str


def rows_of_chosen(found: Iterable[Chosen]) -> list[EventRow]:
    """Rows of what a list query found, in its order; no further query is needed."""
    return [_of_chosen(list(group)) for _, group in groupby(found, key=lambda one: one.event_id)]


def rows_of_stories(stories: Iterable[EventStory]) -> list[EventRow]:
    """Rows of events whose stories are known."""
    return [_of_story(story) for story in stories]


def _of_chosen(group: list[Chosen]) -> EventRow:
    first = group[0]
    deciding = _deciding(group)
    return EventRow(
        event_id=first.event_id,
        lead=first.lead,
        hook=first.hook,
        kind=first.kind.value,
        received_at=first.received_at,
        state=(first.event_state if deciding.state is None else deciding.state).name.lower(),
        reason=first.event_reason if deciding.state is None else _word(deciding.reason),
    )


def _deciding(group: list[Chosen]) -> Chosen:
    """Of the deliveries of the last replay, in the order of their ids, the first that has not arrived, else the last.

    For an event without any, the one entry that it has.
    """
    newest = max(one.replay or 0 for one in group)
    deliveries = sorted((one for one in group if (one.replay or 0) == newest), key=lambda one: one.delivery_id or 0)
    return next((one for one in deliveries if one.state is not DeliveryState.DELIVERED), deliveries[-1])


def _of_story(story: EventStory) -> EventRow:
    deciding = diagnosis.decisive(story) if story.deliveries else None
    return EventRow(
        event_id=story.event_id,
        lead=story.lead,
        hook=story.hook,
        kind=story.kind.value,
        received_at=story.received_at,
        state=(deciding.state if deciding is not None else story.state).name.lower(),
        reason=_word(deciding.reason) if deciding is not None else story.reason,
    )


def _word(reason: DeadReason | None) -> str:
    return reason.value if reason is not None else ""
