"""What came of an event: its state, its deliveries, and the actions as people see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from bridge.mapping.actions.action import ADD_LEADS, SUBSCRIBE
from bridge.model import value_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model import EventState, NewDelivery, Problem, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedAction:
    """One action: where it goes, and the leadinfo (subscribe) or details (all others) of the lead."""

    action_no: int
    target: Target
    leadinfo: Mapping[str, str] | None = None
    details: Mapping[str, str] | None = None
    waits_for: int | None = None


@value_object
class Mapped:
    """What came of an event.

    `reason` says why it is ignored (no_consent, kind_not_accepted, reference, no_items, when, not_live, no_action) or,
    for a refused one, the code of its first problem. `lead` is the normalised address if there is
    one, also of an ignored event.
    `consent` is {source, wording, value, at} or {not_asked, at}. `id_value` is the mapping's own id for the event.
    `missed` are questions the mapping names and the form does not have: drift. `planned` are the deliveries, those that
    a draft holds back among them.
    """

    state: EventState
    reason: str = ""
    lead: str = ""
    deliveries: tuple[NewDelivery, ...] = ()
    planned: tuple[NewDelivery, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    consent: Mapping[str, Any] | None = None
    id_value: str | None = None
    missed: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[MappedAction, ...]:
        """The actions as people see them, also of a draft."""
        return tuple(map(shown_action, self.planned))


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
        "tag": target.tag,
    }
    shown: dict[str, Any] = {"api": target.api} | {name: part for name, part in parts.items() if part}
    if action.leadinfo is not None:
        shown["leadinfo"] = dict(action.leadinfo)
    if action.details is not None:
        shown["details"] = dict(action.details)
    return shown
