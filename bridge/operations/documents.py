"""Events and deliveries as programs read them: the same keys in every command that prints them.

docs/operations.md lists the keys; what stands there does not change within a major version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.model import delivery_name, event_name

if TYPE_CHECKING:
    from bridge.model import Target
    from bridge.outbox.operator import Chosen, DeliveryStory, EventStory, Page


def page_document(page: Page) -> dict[str, Any]:
    """One page of a list; `before` is where the next one starts, null at the end."""
    return {
        "events": chosen_documents(page.found),
        "before": event_name(page.before) if page.before is not None else None,
        "searched_to": page.searched_to,
    }


def chosen_documents(found: tuple[Chosen, ...]) -> list[dict[str, Any]]:
    """The events of a selection, each with those of its deliveries that were chosen, in the order found."""
    events: dict[int, dict[str, Any]] = {}
    for one in found:
        event = events.setdefault(
            one.event_id,
            {
                "event": event_name(one.event_id),
                "hook": one.hook,
                "kind": one.kind.value,
                "received_at": one.received_at,
                "state": one.event_state.name.lower(),
                "reason": one.event_reason,
                "lead": one.lead,
                "deliveries": [],
            },
        )
        if one.delivery_id is not None:
            event["deliveries"].append(delivery_document(one))
    return list(events.values())


def event_document(event: EventStory) -> dict[str, Any]:
    """One event; its deliveries are the caller's to add."""
    return {
        "event": event_name(event.event_id),
        "hook": event.hook,
        "kind": event.kind.value,
        "received_at": event.received_at,
        "state": event.state.name.lower(),
        "reason": event.reason,
        "lead": event.lead,
    }


def delivery_document(one: Chosen | DeliveryStory) -> dict[str, Any]:
    """One delivery; `one` must have one."""
    assert one.delivery_id is not None and one.state is not None  # noqa: PT018, S101 - for the type checker
    target = one.target
    return {
        "delivery": delivery_name(one.delivery_id),
        "state": one.state.name.lower(),
        "reason": one.reason.value if one.reason else "",
        "code": one.code,
        "priority": one.priority.name.lower() if one.priority is not None else None,
        "account": target.account if target is not None else "",
        "api": target.api if target is not None else "",
        "target": target_name(target),
        "lane": one.lane_id,
        "replay": one.replay,
        "available_at": one.available_at,
        "ended_at": one.ended_at,
    }


def target_name(target: Target | None) -> str:
    """Where a delivery goes: its journey, list or tag, by its name, else by its key."""
    if target is None:
        return ""
    return target.name
