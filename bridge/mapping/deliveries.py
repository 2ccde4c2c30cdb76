"""What happens for one event: its deliveries, their targets and bodies, and what waits for what."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import orjson

from bridge.address import normalised
from bridge.mapping import address_hints, validate
from bridge.mapping.actions.action import ADD_LEADS, ADDRESS, PARTS, SUBSCRIBE, TAG, TRIGGER
from bridge.mapping.context import Run
from bridge.mapping.values.sources import ambiguous_part
from bridge.model import NewDelivery, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.mapping.actions.action import Action
    from bridge.mapping.actions.withdrawal import Withdrawal
    from bridge.mapping.hook_mapping import HookMapping
    from bridge.mapping.values.fields import Field
    from bridge.model import Problem

    Texts = tuple[str, ...]
    """The texts of an action's parts, in the order of `actions.PARTS`: its list comes first."""


_SOURCES: Final = PARTS.index("sources")


def perform(mapping: HookMapping, run: Run) -> tuple[NewDelivery, ...]:
    """The deliveries this event asks for, in the order of their actions. What is in the way is noted in `run`."""
    wanted = [action for action in mapping.actions if action.when is None or action.when(run)]
    lead = _lead(mapping, run) if wanted else {}
    if ADDRESS not in lead:
        return ()
    known_as = normalised(lead[ADDRESS])
    subscribed: list[tuple[Action, Texts]] = []
    planned = []
    for action in wanted:
        texts, waits_for = action.texts(run), None
        if action.api == SUBSCRIBE:
            content = _leadinfo(action, lead, run)
            api = ADD_LEADS if action.bulk and _goes_in_bulk(content, texts) else SUBSCRIBE
            subscribed.append((action, texts))
        else:
            api, content = action.api, {"lead_email": lead[ADDRESS]}
            if action.api == TRIGGER:
                texts, waits_for = _next_to_its_list(mapping, action, texts, subscribed, run)
            elif action.api == TAG and subscribed:
                waits_for = subscribed[-1][0].number  # only a lead of the account can have a tag
        planned.append(
            NewDelivery(
                action_no=action.number,
                target=_target(mapping.account, api, texts),
                lead=known_as,
                body=orjson.dumps(content),
                waits_for=waits_for,
                on_doubt=action.on_doubt,
                priority=mapping.priority,
            )
        )
    return tuple(planned)


def withdraw(mapping: HookMapping, withdrawal: Withdrawal, run: Run, lead: str) -> tuple[NewDelivery, ...]:
    """The deliveries for somebody who withdraws: ahead of all others, whatever the hook's priority."""
    if not lead:
        code = "bad_address" if _holds_one(mapping, run) else "no_address"
        what = "the address that it holds is not usable" if code == "bad_address" else "it holds no address"
        message = f"the event says that somebody withdraws, and {what}"
        run.refuse(withdrawal.place, code, message, "take the person off in Zoho by hand")
        return ()
    wanted = [action for action in withdrawal.actions if action.when is None or action.when(run)]
    return tuple(
        NewDelivery(
            action_no=action.number,
            target=_target(mapping.account, action.api, action.texts(run)),
            lead=lead,
            body=orjson.dumps({"lead_email": lead}),
            withdraws=True,
        )
        for action in wanted
    )


def stated_address(mapping: HookMapping, run: Run) -> str:
    """What stands where the lead's address should be, or the contact's address; "" for none. It notes nothing."""
    quiet = Run(run.event)
    written = next((field.value(quiet) for field in mapping.lead if field.name == ADDRESS), "")
    return written or run.event.contact.email or ""


def _holds_one(mapping: HookMapping, run: Run) -> bool:
    """Whether the event has a text where the address should be, or one with an @ anywhere among its answers."""
    texts = [one.value for one in run.event.answers if isinstance(one.value, str)]
    return bool(stated_address(mapping, run) or any("@" in text for text in texts))


def _lead(mapping: HookMapping, run: Run) -> dict[str, str]:
    """Every field of the lead that has a value, the address, which is checked, before all others."""
    first, *others = mapping.lead
    address = _address(first, run)
    lead = {ADDRESS: address} if address else {}
    for field in others:
        text = field.value(run)
        if text:
            lead[field.name] = text
    return lead


def _address(field: Field, run: Run) -> str:
    warned, refused = len(run.warnings), len(run.problems)
    text = field.value(run)
    if text:
        validate.check_address(text, field.place, run)
    elif len(run.problems) == refused:
        run.problems.append(_no_address(field, run, warned))
    return text


def _no_address(field: Field, run: Run, warned: int) -> Problem:
    """Why there is no address: several compete for it, or what was noted on the way, or nothing was there."""
    notes = run.warnings[warned:]
    ambiguous = next((note for note in notes if note.code.startswith("ambiguous")), None)
    if ambiguous is not None:
        del run.warnings[warned:]
        fix = ambiguous.fix if ambiguous.code == "ambiguous_address" else "name the question by its key"
        return field.place.problem("ambiguous_address", f"{ADDRESS} is missing: {ambiguous.message}", fix)
    if "email" in run.event.ambiguous:
        note = ambiguous_part("email", run.event.ambiguous["email"])
        return field.place.problem(note.code, f"{ADDRESS} is missing: {note}", note.fix)
    if notes:
        return field.place.problem("no_address", f"{ADDRESS} is missing: {notes[-1].message}", notes[-1].fix)
    where, fix = run.once("address", lambda: address_hints.missing(run.event))
    why = f"{field.shown} is blank{where}" if where else f"the event holds no e-mail address ({field.shown} is blank)"
    return field.place.problem("no_address", f"{ADDRESS} is missing: {why}", fix)


def _leadinfo(action: Action, lead: Mapping[str, str], run: Run) -> dict[str, str]:
    leadinfo = dict(lead)
    for field in action.fields:
        text = field.value(run)
        if text:
            leadinfo[field.name] = text
    for name in action.without:
        leadinfo.pop(name, None)
    validate.check_leadinfo(leadinfo, action.place, run)
    return leadinfo


def _goes_in_bulk(leadinfo: Mapping[str, str], texts: Texts) -> bool:
    """Nothing but the address is sent: the API that takes several of them is enough."""
    return not texts[_SOURCES] and leadinfo.keys() == {ADDRESS}


def _next_to_its_list(
    mapping: HookMapping, action: Action, texts: Texts, subscribed: Sequence[tuple[Action, Texts]], run: Run
) -> tuple[Texts, int | None]:
    """A trigger's texts with its list, and the number of the subscribe it waits for, None without any.

    The list is its own where it names one, else that of the last subscribe above it that happens, else the one that
    would have happened. It waits for the last subscribe to the same list, else for the last of all.
    """
    if "list" in action.parts or "listkey" in action.parts:
        same = [one for one, others in subscribed if others[:2] == texts[:2]]
        above = same or [one for one, _ in subscribed]
        waits_for = above[-1].number if above else None
    else:
        into, waits_for = _list_above(mapping, action, subscribed, run)
        texts = (*into, *texts[2:])
    if not (texts[0] or texts[1]):
        run.refuse(
            action.place, "no_list", "the list for this event cannot be determined", "name it on the trigger itself"
        )
    return texts, waits_for


def _list_above(
    mapping: HookMapping, action: Action, subscribed: Sequence[tuple[Action, Texts]], run: Run
) -> tuple[Texts, int | None]:
    if subscribed:
        last, texts = subscribed[-1]
        return texts[:2], last.number
    above = [one for one in mapping.actions if one.api == SUBSCRIBE and one.number < action.number]
    return above[-1].texts(Run(run.event))[:2], None  # what it lacks matters to nobody, since it does not happen


@lru_cache(maxsize=1024)
def _target(account: str, api: str, texts: Texts) -> Target:
    """Lanes are few and events many: equal targets are one object. Topic ids are stored as Zoho takes them."""
    list_name, list_key, journey_name, journey_key, trigger_key, sources, topics, tag, create_tag = texts
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
        tag=tag,
        create_tag=create_tag,
    )
