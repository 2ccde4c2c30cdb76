"""Trigger Leads: up to 200 leads into a journey.

https://zoho.com/marketingautomation/help/developers/trigger-leads.html
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.sandbox.answers import Envelope, error, json_answer
from bridge.sandbox.parameters import json_object
from bridge.sandbox.state import Status, known_as

if TYPE_CHECKING:
    from bridge.sandbox.account import Journey, MailList
    from bridge.sandbox.answers import Answer
    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.world import Call, World

MOST_LEADS = 200


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The addresses of a call by what came of them, as they were given."""

    triggered: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def trigger(world: World, call: Call, now: int) -> Answer:
    """Lets the leads of `details.lead_email` that are active in the list enter the journey; the others are ignored."""
    text = call.parameters.first("details")
    details = json_object(text)
    journey = next((one for one in world.account.journeys if one.key == call.journey_key), None)
    mail_list = next((one for one in world.account.lists if one.key == (details or {}).get("listkey")), None)
    code = _fault(text, details, journey, mail_list)
    if code or details is None or journey is None or mail_list is None:
        return error(Envelope.URL, call.path, code, status=world.settings.error_status)
    return _success(call, mail_list, _enter(world, journey, mail_list, _addresses(details), now))


def leads_of(parameters: Parameters) -> tuple[str, ...]:
    """The addresses a call names, in lower case, as far as they can be read."""
    return tuple(known_as(address) for address in _addresses(json_object(parameters.first("details")) or {}))


def enter_by_tag(world: World, tag: str, lead: str) -> None:
    """Lets a lead that has just got a tag enter the active journeys that start with it."""
    for journey in world.account.journeys:
        entered = world.state.entered.setdefault(journey.key, Counter())
        if journey.tag == tag and journey.active and (journey.reentry or not entered[lead]):
            entered[lead] += 1


def _addresses(details: dict[str, Any]) -> list[str]:
    """The addresses of the comma-separated text, each once, in their order."""
    text = details.get("lead_email")
    given = [part.strip() for part in text.split(",")] if isinstance(text, str) else []
    first_spelling: dict[str, str] = {}
    for address in filter(None, given):
        first_spelling.setdefault(known_as(address), address)
    return list(first_spelling.values())


def _fault(text: str, details: dict[str, Any] | None, journey: Journey | None, mail_list: MailList | None) -> str:
    """The code of the first thing wrong with the call, or an empty text."""
    if not text:
        return "9007"
    if details is None:
        return "2001"
    if not all(isinstance(details.get(key), str) and details[key] for key in ("lead_email", "triggerkey", "listkey")):
        return "9007"
    if journey is None:
        return "9002"
    if not journey.active:
        return "9006"
    if journey.tag or details["triggerkey"] != journey.trigger_key:
        return "9008"
    if mail_list is None:
        return "400"
    return "9004" if len([part for part in details["lead_email"].split(",") if part.strip()]) > MOST_LEADS else ""


def _enter(world: World, journey: Journey, mail_list: MailList, addresses: list[str], now: int) -> _Sorted:
    entered = world.state.entered.setdefault(journey.key, Counter())
    outcome = _Sorted()
    for address in addresses:
        lead = known_as(address)
        if not _is_eligible(world, lead, mail_list, now):
            outcome.ignored.append(address)
        elif entered[lead] and not journey.reentry:
            outcome.already.append(address)
        else:
            entered[lead] += 1
            outcome.triggered.append(address)
    return outcome


def _is_eligible(world: World, address: str, mail_list: MailList, now: int) -> bool:
    lead = world.state.leads.get(address)
    membership = lead.memberships.get(mail_list.key) if lead else None
    if membership is None or membership.status is not Status.ACTIVE or address in world.state.do_not_mail:
        return False
    return now >= membership.since + world.settings.visible_after_seconds * 1000


def _success(call: Call, mail_list: MailList, outcome: _Sorted) -> Answer:
    body = {
        "code": "200",
        "already_triggered": outcome.already,
        "list_key": mail_list.key,
        "ignored_leads": outcome.ignored,
        "list_name": mail_list.name,
        "version": "1",
        "url": call.path,
        "triggered_leads": outcome.triggered,
        "status": "success",
    }
    return json_answer(body, code="200")
