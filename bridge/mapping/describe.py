"""What came of an event as people see it: each action with its target and its leadinfo or details."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from bridge.mapping.actions.actions import ADD_LEADS, SUBSCRIBE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.mapping.apply import Mapped
    from bridge.model import NewDelivery, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedAction:
    """One action: where it goes, and the leadinfo (subscribe) or details (trigger) of the lead."""

    action_no: int
    target: Target
    leadinfo: Mapping[str, str] | None = None
    details: Mapping[str, str] | None = None
    waits_for: int | None = None


def shown_action(planned: NewDelivery) -> MappedAction:
    """The action that a delivery carries out."""
    target, content = planned.target, orjson.loads(planned.body)
    if target.api in (SUBSCRIBE, ADD_LEADS):
        return MappedAction(action_no=planned.action_no, target=replace(target, api=SUBSCRIBE), leadinfo=content)
    keys = {"triggerkey": target.trigger_key, "listkey": target.list_key}
    return MappedAction(
        action_no=planned.action_no,
        target=target,
        details=content | {name: key for name, key in keys.items() if key},
        waits_for=planned.waits_for,
    )


def mapped_as_json(mapped: Mapped) -> dict[str, Any]:
    """What came of an event as a JSON object: state, reason, actions, problems, warnings."""
    return {
        "state": mapped.state.name.lower(),
        "reason": mapped.reason,
        "actions": [_action_as_json(action) for action in mapped.actions],
        "problems": [problem.as_json() for problem in mapped.problems],
        "warnings": [problem.as_json() for problem in mapped.warnings],
    }


def _action_as_json(action: MappedAction) -> dict[str, Any]:
    target = action.target
    parts = {
        "list": target.list_name,
        "listkey": target.list_key,
        "journey": target.journey_name,
        "journeykey": target.journey_key,
        "triggerkey": target.trigger_key,
        "sources": target.sources,
        "topics": target.topics,
    }
    shown: dict[str, Any] = {"api": target.api} | {name: part for name, part in parts.items() if part}
    if action.leadinfo is not None:
        shown["leadinfo"] = dict(action.leadinfo)
    if action.details is not None:
        shown["details"] = dict(action.details)
    return shown
