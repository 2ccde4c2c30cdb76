"""The one rule for a second event of a known key: is it the same thing again, or a change of it?

The first outcome counts: an ignored or refused event gives way to whatever fares better. What was accepted is only
delivered again where something differs. Whatever differs is stored, so that nobody's event is lost to a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from bridge.model import EventState, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.inbox.rows import EventRow

OVERTAKEN: Final = "overtaken"
"""The reason of a refused event that came after a newer one: nobody need look at it."""

FORGOTTEN: Final = "forgotten"
"""The reason of an event whose person was erased: the same thing again must not bring the person back."""

MAY_HAVE_RETURNED: Final = Problem(
    code="may_have_returned",
    message="the person withdrew after an event that says exactly the same, and the sender gives no id by which "
    "a repeat of it differs from a new consent",
    fix="if the person wants to be back, replay it and send also what was sent just so before (in a shell "
    "`leadbridge replay EVENT --again`); else dismiss it (`leadbridge cancel EVENT --state refused`)",
)
"""Why a repeat of a consent after a withdrawal is refused: the withdrawal counts until a person has decided."""

NOT_MAPPED: Final = ("kind_not_accepted", "reference", "no_items")
"""Reasons of events that the mapping did not look at: they say nothing against one that it refused."""

_RANKS: Final = {EventState.IGNORED: 0, EventState.REFUSED: 1, EventState.FETCHING: 2, EventState.ACCEPTED: 3}


class Relation(Enum):
    """What an event is to those of its key that came before."""

    SAME = "same"
    """Nothing new is stored; the one that came before is counted once more."""
    CHANGE = "change"
    """It is stored and stands for the key from now on."""
    LESSER = "lesser"
    """It is stored, and the one that stood for the key still does."""
    OLDER = "older"
    """The same, and since its sender sent it before that one, no person need look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An event of the same key that came before."""

    event_id: int
    state: EventState
    reason: str
    lead: str
    sent_at: int | None
    inputs: bytes
    outcome: bytes


def relation(event: EventRow, known: Sequence[Known]) -> tuple[Relation, Known]:
    """What an event is to the known ones (the current one first, then the newest), and to which of them."""
    current = known[0]
    same = _same(event, known)
    if same is not None:
        return Relation.SAME, same
    if _RANKS[event.state] > _RANKS[current.state]:
        return Relation.CHANGE, current
    if _is_older(event, current):
        is_lesser = event.state in (EventState.IGNORED, EventState.ACCEPTED)
        return (Relation.LESSER if is_lesser else Relation.OLDER), current
    if event.state is EventState.IGNORED and (
        current.state in (EventState.ACCEPTED, EventState.FETCHING)
        or (current.state is EventState.REFUSED and event.reason in NOT_MAPPED)
    ):
        return Relation.LESSER, current
    return Relation.CHANGE, current


def _same(event: EventRow, known: Sequence[Known]) -> Known | None:
    """The known event that this one repeats.

    An accepted one is compared with the latest that was accepted for the same person, since a change back to what was
    before that is a change; an older one, and one that is not accepted, with all.
    """
    equal = [one for one in known if one.inputs == event.inputs]
    forgotten = next((one for one in equal if one.reason == FORGOTTEN), None)
    if forgotten is not None:
        return forgotten
    if event.state is not EventState.ACCEPTED:
        ends = (event.state, EventState.FETCHING, EventState.ACCEPTED)
        return next((one for one in equal if one.state in ends or one.reason == OVERTAKEN), None)
    latest = next((one for one in known if one.state is EventState.ACCEPTED and one.lead == event.lead), None)
    if latest is None:
        return None
    if latest in equal or latest.outcome == event.outcome:
        return latest
    return next(iter(equal), None) if _is_older(event, latest) else None


def _is_older(event: EventRow, other: Known) -> bool:
    return event.sent_at is not None and other.sent_at is not None and event.sent_at < other.sent_at
