"""One sentence on where a lead stands, from its story. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson

from bridge.model import DeadReason, DeliveryClass, DeliveryState, EventState

if TYPE_CHECKING:
    from bridge.outbox import DeliveryStory, EventStory

_DEAD = {
    DeadReason.PERMANENT: "Zoho refused it for good",
    DeadReason.EXHAUSTED: "it failed for 72 hours",
    DeadReason.CANCELLED: "it was cancelled",
    DeadReason.UNCONFIRMED: "the confirmation was most likely never clicked",
    DeadReason.PREREQUISITE: "an earlier action of the same event was given up",
    DeadReason.DOUBT: "a call got no answer and the mapping leaves it to you",
}


def of_event(event: EventStory, *, now: int) -> str:
    """Where an event stands: what became of it and, if it became deliveries, where those are."""
    match event.state:
        case EventState.IGNORED:
            return f"It was received and ignored: {_ignored(event.reason)}."
        case EventState.REFUSED:
            return f"It was received and refused: {_problems(event) or event.reason}."
        case EventState.FETCHING:
            return "It was received and waits for its answers to be fetched from the sender."
        case EventState.ACCEPTED:
            return " ".join(f"{goal(delivery)}: {of_delivery(delivery, now=now)}." for delivery in event.deliveries)


def goal(delivery: DeliveryStory) -> str:
    """What a delivery is to do, in words."""
    target = delivery.target
    if target.api == "subscribe":
        return f"Subscribe to {target.list_name or target.list_key!r}"
    return f"Trigger {target.journey_name or target.journey_key!r}"


def of_delivery(delivery: DeliveryStory, *, now: int) -> str:
    """Where a delivery stands, and until when."""
    last = delivery.attempts[-1] if delivery.attempts else None
    words = last.result.replace("_", " ") if last else ""
    match delivery.state:
        case DeliveryState.DELIVERED:
            return f"{words} at {_time(delivery.ended_at)}"
        case DeliveryState.DEAD:
            reason = _DEAD[delivery.reason] if delivery.reason else "it was given up"
            return f"given up at {_time(delivery.ended_at)}: {reason}{_zoho_says(delivery)}"
        case DeliveryState.BLOCKED:
            return "waits for the action before it"
        case DeliveryState.CLAIMED:
            return "a call is under way"
        case DeliveryState.PENDING:
            return _waiting(delivery, now=now)


def _waiting(delivery: DeliveryStory, *, now: int) -> str:
    if delivery.held_reason:
        return f"held, since {delivery.held_reason}"
    if delivery.delivery_class is DeliveryClass.WAITING:
        return f"waits for the confirmation click; the next try is at {_time(delivery.available_at)}"
    if delivery.available_at > now:
        return f"failed{_zoho_says(delivery)}; the next try is at {_time(delivery.available_at)}"
    return "waits for its turn"


def _zoho_says(delivery: DeliveryStory) -> str:
    last = delivery.attempts[-1] if delivery.attempts else None
    if last is None or not (last.code or last.message):
        return ""
    return f" (Zoho: {' '.join(part for part in (last.code, last.message) if part)})"


def _ignored(reason: str) -> str:
    return {
        "no_consent": "there was no consent",
        "not_live": "its mapping is a draft (live: false)",
        "kind_not_accepted": "it is of a kind that the mapping does not accept",
        "when": "the mapping's `when` says no",
        "no_action": "no action of the mapping applies",
    }.get(reason, reason)


def _problems(event: EventStory) -> str:
    found = orjson.loads(event.notes or b"{}").get("problems", [])
    return "; ".join(str(problem["message"]) for problem in found)


def _time(at: int | None) -> str:
    return datetime.fromtimestamp((at or 0) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
