"""What an act would be done to: the ids that a selector chooses and the act fits, and what it leaves out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Final

from bridge.errors import LeadbridgeError
from bridge.model import DeliveryState, EventState, delivery_name, event_name
from bridge.operations.acts.audit import lead_subject
from bridge.operations.selection import is_everything
from bridge.operations.wording import shown_time
from bridge.outbox import operator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox import Outbox
    from bridge.outbox.operator import Chosen, Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act: what it is done to (`delivery` or `event`), and the participle by which it is reported.

    One that `makes_room` may use what is reserved for that on a full disk.
    """

    item: str
    done: str
    makes_room: bool = False


ACTS: Final[Mapping[str, Act]] = {
    "retry": Act(item="delivery", done="retried"),
    "cancel": Act(item="delivery", done="cancelled"),
    "dismiss": Act(item="event", done="dismissed"),
    "replay": Act(item="event", done="replayed"),
    "forget": Act(item="event", done="forgotten", makes_room=True),
    "reconcile": Act(item="delivery", done="compared"),
}
"""Every act that is done as a job, by its name."""

_WAITING: Final = (DeliveryState.PENDING, DeliveryState.BLOCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an act would be done to: `ids` of deliveries or events, oldest first.

    `left_out` counts what the selector chooses as well and the act does not fit, by the state it is in.
    """

    act: str
    subject: str
    ids: tuple[int, ...]
    left_out: Mapping[str, int]


def choose(store: Outbox, act: str, selector: Selector, *, most: int | None = None) -> Choice:
    """What an act would be done to now.

    Raises LeadbridgeError for a selector that chooses everything there is, or more than `most`.
    """
    if is_everything(selector):
        raise LeadbridgeError("say which: an id, an address, or a mark such as hook, reason or since")
    ids: set[int] = set()
    left_out: dict[int, str] = {}
    leads: set[str] = set()
    for _, found in operator.chosen(store, selector):
        if most is not None and len(ids) + len(left_out) > most:
            raise LeadbridgeError(f"more than {most} are chosen; narrow them by time or hook, or use the command line")
        for one in found:
            item = one.delivery_id if ACTS[act].item == "delivery" else one.event_id
            if item is None:
                continue
            if not _fits(act, one, selector):
                left_out[item] = _state(act, one)
            elif act != "forget" or one.lead not in leads:
                leads.add(one.lead)
                ids.add(item)
    subject = subject_of(store, selector)
    return Choice(act=act, subject=subject, ids=tuple(sorted(ids)), left_out=Counter(left_out.values()))


def cancelling(store: Outbox, selector: Selector) -> str:
    """What `cancel` is for a selector: refused events, chosen by their state or one by its id, are dismissed."""
    if selector.event_id is not None and selector.delivery_state is None:
        of_event = [one for _, found in operator.chosen(store, selector) for one in found]
        return "dismiss" if any(one.event_state is EventState.REFUSED for one in of_event) else "cancel"
    return "dismiss" if selector.event_state is EventState.REFUSED else "cancel"


def subject_of(store: Outbox, selector: Selector) -> str:
    """A selector in words, for the audit: an address as its lead id."""
    parts = []
    for field in fields(selector):
        value = getattr(selector, field.name)
        if value is None:
            continue
        match field.name:
            case "event_id":
                parts.append(event_name(value))
            case "delivery_id":
                parts.append(delivery_name(value))
            case "lead":
                parts.append(lead_subject(store, value))
            case "since" | "until":
                parts.append(f"{field.name}={shown_time(value)}")
            case _:
                shown = value.name.lower() if isinstance(value, Enum) else value
                parts.append(f"{field.name.removeprefix('event_').removeprefix('delivery_')}={shown}")
    return " ".join(parts)


def _fits(act: str, one: Chosen, selector: Selector) -> bool:
    """Whether an act is for this delivery or event at all."""
    match act:
        case "retry":
            return one.state is DeliveryState.DEAD
        case "cancel" if selector.delivery_state is DeliveryState.DEAD:
            return one.state is DeliveryState.DEAD
        case "cancel" if selector.delivery_id is not None:
            return one.state in (*_WAITING, DeliveryState.DEAD)
        case "cancel":
            return one.state in _WAITING
        case "dismiss":
            return one.event_state is EventState.REFUSED
        case "forget":
            return bool(one.lead)
        case _:
            return True


def _state(act: str, one: Chosen) -> str:
    if act == "forget":
        return "without an address"
    return one.state.name.lower() if one.state is not None and act != "dismiss" else one.event_state.name.lower()
