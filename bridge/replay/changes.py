"""How an event's deliveries differ from those that today's mapping makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.model import NewDelivery, NewEvent, Target
    from bridge.outbox.operator import DeliveryStory, EventStory


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between what was and what would be; None for what is not there."""

    path: str
    before: Any
    after: Any


def content_of(target: Target, body: bytes | None) -> tuple[Target, bytes]:
    """What a delivery sends and where to; equal for deliveries that do the same."""
    return target, orjson.dumps(_parsed(body), option=orjson.OPT_SORT_KEYS)


def _parsed(body: bytes | None) -> Any:
    try:
        return orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        return {"": (body or b"").hex()}


def changes_of(story: EventStory, new: NewEvent) -> Iterable[Change]:
    """Every difference, from the state down to the fields, action by action."""
    before = {"state": story.state.name.lower(), "reason": story.reason}
    yield from differences(before, {"state": new.state.name.lower(), "reason": new.reason})
    old = {one.action_no: one for one in sorted(story.deliveries, key=lambda one: one.replay)}  # a replay may send some
    now = {one.action_no: one for one in new.deliveries}
    for number in sorted(old.keys() | now.keys()):
        was, will = old.get(number), now.get(number)
        path = f"actions[{number - 1}]."  # as `check` and the mapping's own problems count them
        yield from differences(_shown(was), _shown(will), path)


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


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterable[Change]:
    """What differs between two flat documents whose names stand below `path`, in the order of the first."""
    for name in [*before, *(name for name in after if name not in before)]:
        if before.get(name) != after.get(name):
            yield Change(path=f"{path}{name}", before=before.get(name), after=after.get(name))
