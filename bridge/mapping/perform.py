"""The actions that happen for one event: their targets, their leadinfo or details, and what waits for what."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from bridge.mapping import validate
from bridge.mapping.actions import ADD_LEADS, ADDRESS, SUBSCRIBE, Action
from bridge.mapping.run import Run
from bridge.model import NewDelivery, Target, noun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.mapping.fields import Field
    from bridge.mapping.hook import HookMapping
    from bridge.model import DeliveryClass

    Told = tuple[str, ...]


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


def _lists(mapping: HookMapping, wanted: list[Action], run: Run) -> dict[int, Told]:
    """What is told of each subscribe, by number: of those that happen, and of the others for the list they name."""
    quiet = run if len(wanted) == len(mapping.actions) else Run(run.event)
    return {
        action.number: action.told(run if action in wanted else quiet)
        for action in mapping.actions
        if action.api == SUBSCRIBE
    }


def _subscribe(mapping: HookMapping, action: Action, lead: Mapping[str, str], told: Told, run: Run) -> MappedAction:
    leadinfo = dict(lead)
    for field in action.fields:
        text = field.value(run)
        if text:
            leadinfo[field.name] = text
    for name in action.without:
        leadinfo.pop(name, None)
    validate.check_leadinfo(leadinfo, action.place, run)
    return MappedAction(action_no=action.number, target=_target(mapping.account, SUBSCRIBE, told), leadinfo=leadinfo)


@lru_cache(maxsize=1024)
def _target(account: str, api: str, told: Told) -> Target:
    """Lanes are few and events many: equal targets are one object. Topic ids are kept as Zoho takes them."""
    list_name, list_key, journey_name, journey_key, trigger_key, sources, topics = told
    return Target(
        account=account,
        api=api,
        list_name=list_name,
        list_key=list_key,
        journey_name=journey_name,
        journey_key=journey_key,
        trigger_key=trigger_key,
        sources=sources,
        topics=",".join(part for part in topics.replace(",", " ").split() if part),
    )


def _trigger(
    mapping: HookMapping,
    action: Action,
    address: str,
    lists: Mapping[int, Told],
    before: list[MappedAction],
    run: Run,
) -> MappedAction:
    above = [done for done in before if done.leadinfo is not None]
    own = action.told(run)
    if "list" in action.parts or "listkey" in action.parts:
        above.sort(key=lambda done: (done.target.list_name, done.target.list_key) == own[:2])
        into = own
    else:
        earlier = [number for number in lists if number < action.number]
        into = lists[above[-1].action_no if above else earlier[-1]]
    target = _target(mapping.account, action.api, (*into[:2], *own[2:]))
    if not (target.list_name or target.list_key):
        run.refuse(action.place, "no_list", "the list for this event cannot be told", "name it on the trigger itself")
    details = {"lead_email": address}
    if target.trigger_key:
        details["triggerkey"] = target.trigger_key
    if target.list_key:
        details["listkey"] = target.list_key
    return MappedAction(
        action_no=action.number,
        target=target,
        details=details,
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
