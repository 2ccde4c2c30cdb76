"""The actions that happen for one event: their targets, their leadinfo or details, and what waits for what."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from bridge.mapping import validate
from bridge.mapping.actions import ADD_LEADS, ADDRESS, SUBSCRIBE, Action
from bridge.model import NewDelivery, Target, noun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.mapping.fields import Field
    from bridge.mapping.hook import HookMapping
    from bridge.mapping.run import Run
    from bridge.model import DeliveryClass


@noun
class MappedAction:
    """One action as people see it: where it goes, and the leadinfo (subscribe) or details (trigger) of the lead."""

    action_no: int
    target: Target
    leadinfo: Mapping[str, str] | None = None
    details: Mapping[str, str] | None = None
    waits_for: int | None = None


def perform(mapping: HookMapping, run: Run) -> tuple[list[MappedAction], list[Action]]:
    """The actions that are to happen for this event, with the compiled action of each."""
    wanted = [action for action in mapping.actions if action.when is None or action.when(run)]
    if not wanted:
        return [], []
    lead = _lead(mapping, run)
    if ADDRESS not in lead:
        return [], []
    lists = _lists(mapping, wanted, run)
    happened: list[MappedAction] = []
    for action in wanted:
        if action.api == SUBSCRIBE:
            happened.append(_subscribe(mapping, action, lead, lists[action.number], run))
        else:
            happened.append(_trigger(mapping, action, lead[ADDRESS], lists, happened, run))
    return happened, wanted


def _lead(mapping: HookMapping, run: Run) -> dict[str, str]:
    """Every field of the lead that has a value; the address is checked, and a problem when blank."""
    lead: dict[str, str] = {}
    for field in mapping.lead:
        text = _address(field, run) if field.name == ADDRESS else field.value(run)
        if text:
            lead[field.name] = text
    return lead


def _address(field: Field, run: Run) -> str:
    warned, refused = len(run.warnings), len(run.problems)
    text = field.value(run)
    if text:
        validate.check_address(text, field.place, run)
    elif len(run.problems) == refused:
        why = run.warnings[-1].message if len(run.warnings) > warned else "it is blank"
        run.refuse(field.place, "no_address", f"{ADDRESS} cannot be had: {why}", "a lead is known by it")
    return text


def _lists(mapping: HookMapping, wanted: list[Action], run: Run) -> dict[int, tuple[str, str]]:
    """The list of each subscribe that happens, and of the others where it is written out: (name, key) by number."""
    found: dict[int, tuple[str, str]] = {}
    for action in mapping.actions:
        if action.api == SUBSCRIBE:
            scratch = run if action in wanted else replace(run, problems=[], warnings=[], missed=[])
            found[action.number] = (_part(action, "list", scratch), _part(action, "listkey", scratch))
    return found


def _part(action: Action, name: str, run: Run) -> str:
    field = action.parts.get(name)
    return "" if field is None else field.value(run)


def _subscribe(
    mapping: HookMapping, action: Action, lead: Mapping[str, str], into: tuple[str, str], run: Run
) -> MappedAction:
    leadinfo = dict(lead)
    for field in action.fields:
        text = field.value(run)
        if text:
            leadinfo[field.name] = text
    leadinfo = {name: text for name, text in leadinfo.items() if name not in action.without}
    validate.check_leadinfo(leadinfo, action.place, run)
    target = _target(
        account=mapping.account,
        api=SUBSCRIBE,
        list_name=into[0],
        list_key=into[1],
        sources=_part(action, "sources", run),
        topics=_topics(_part(action, "topics", run)),
    )
    return MappedAction(action_no=action.number, target=target, leadinfo=leadinfo)


@lru_cache(maxsize=1024)
def _target(**parts: str) -> Target:
    """Lanes are few and events many: equal targets are one object."""
    return Target(**parts)


def _topics(text: str) -> str:
    """Topic ids as Zoho takes them: comma separated, without spaces."""
    return ",".join(part for part in text.replace(",", " ").split() if part)


def _trigger(
    mapping: HookMapping,
    action: Action,
    address: str,
    lists: Mapping[int, tuple[str, str]],
    before: list[MappedAction],
    run: Run,
) -> MappedAction:
    above = [done for done in before if done.target.api == SUBSCRIBE]
    own = (_part(action, "list", run), _part(action, "listkey", run))
    if "list" in action.parts or "listkey" in action.parts:
        above.sort(key=lambda done: (done.target.list_name, done.target.list_key) == own)
        into = own
    else:
        earlier = [number for number in lists if number < action.number]
        into = lists[above[-1].action_no if above else earlier[-1]]
    target = _target(
        account=mapping.account,
        api=action.api,
        list_name=into[0],
        list_key=into[1],
        journey_name=_part(action, "journey", run),
        journey_key=_part(action, "journeykey", run),
        trigger_key=_part(action, "triggerkey", run),
    )
    if not any(into):
        run.refuse(action.place, "no_list", "the list for this event cannot be told", "name it on the trigger itself")
    keys = {"triggerkey": target.trigger_key, "listkey": target.list_key}
    return MappedAction(
        action_no=action.number,
        target=target,
        details={"lead_email": address} | {name: key for name, key in keys.items() if key},
        waits_for=above[-1].action_no if above else None,
    )


def address_of(actions: list[MappedAction]) -> str:
    """The address that all actions of an event share."""
    first = actions[0]
    return first.leadinfo[ADDRESS] if first.leadinfo is not None else (first.details or {})["lead_email"]


def delivery(action: MappedAction, step: Action, lead: str, delivery_class: DeliveryClass) -> NewDelivery:
    """An action as it is stored: leadinfo, or the address alone for a trigger.

    A subscribe that says `bulk` and sends nothing but the address goes to the API that takes several of them.
    """
    content = action.leadinfo if action.leadinfo is not None else {"lead_email": (action.details or {})["lead_email"]}
    return NewDelivery(
        action_no=action.action_no,
        target=replace(action.target, api=ADD_LEADS) if _goes_in_bulk(action, step) else action.target,
        lead=lead,
        body=orjson.dumps(content),
        waits_for=action.waits_for,
        on_doubt=step.on_doubt,
        delivery_class=delivery_class,
    )


def _goes_in_bulk(action: MappedAction, step: Action) -> bool:
    return step.bulk and not action.target.sources and action.leadinfo is not None and set(action.leadinfo) == {ADDRESS}
