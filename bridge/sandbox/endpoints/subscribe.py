"""Subscribe: one lead into one list (https://zoho.com/marketingautomation/help/developers/lead-subscribe.html)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bridge.sandbox.answers import Envelope, envelope, error
from bridge.sandbox.parameters import json_object
from bridge.sandbox.state import Lead, Membership, Status, known_as

if TYPE_CHECKING:
    from bridge.sandbox.account import LeadField, MailList
    from bridge.sandbox.answers import Answer
    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.world import Call, World

CONFIRMATION = "A confirmation email is sent to the user. User needs to confirm to successfully subscribe."
SUBSCRIBED = "User successfully subscribed."
UPDATED = "This lead already exists in the list. The additional data given will be updated."
UNCHANGED = "This lead already exists in the list."

_ADDRESS_LABEL = "lead email"
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@[^\s@,;:<>()\[\]\\\"]{1,253}")
_ROLES = frozenset(
    (
        *("abuse", "admin", "administrator", "billing", "contact", "help", "info", "marketing", "no-reply", "noreply"),
        *("office", "postmaster", "root", "sales", "security", "support", "webmaster"),
    )
)


def subscribe(world: World, call: Call, now: int) -> Answer:
    """Adds the lead of `leadinfo` to the list of `listkey`, or answers why not.

    A private list takes the lead at once and updates one it has; a public list sends a confirmation mail and never
    touches the details of an existing lead.
    """
    xml = wants_xml(call.parameters)
    mail_list = _list(world, call.parameters.first("listkey"))
    info = json_object(call.parameters.first("leadinfo"), lenient=world.settings.lenient_json)
    code = _fault(world, call.parameters, mail_list, info)
    if code or mail_list is None or info is None:
        return error(Envelope.URI, call.path, code, xml=xml, status=world.settings.error_status)
    message = add(world, mail_list, info, now)
    return envelope(Envelope.URI, call.path, "0", message, good=True, xml=xml, status=200)


def lead_of(parameters: Parameters) -> tuple[str, ...]:
    """The address a call names, as far as it can be read."""
    info = json_object(parameters.first("leadinfo"), lenient=True) or {}
    address = _address_in(info)
    return (known_as(address),) if address else ()


def wants_xml(parameters: Parameters) -> bool:
    """Whether the answer is XML: whenever `resfmt=JSON` was not said."""
    return parameters.first("resfmt").upper() != "JSON"


def is_address(text: str) -> bool:
    """Whether the text looks like one e-mail address. Zoho does not publish its rule; this is the usual one."""
    local, _, domain = text.rpartition("@")
    labels = domain.split(".")
    return (
        _ADDRESS.fullmatch(text) is not None
        and all(local.split("."))
        and len(labels) > 1
        and all(label and not label.startswith("-") and not label.endswith("-") for label in labels)
    )


def _list(world: World, key: str) -> MailList | None:
    return next((mail_list for mail_list in world.account.lists if mail_list.key == key), None)


def _fault(world: World, parameters: Parameters, mail_list: MailList | None, info: dict[str, Any] | None) -> str:
    """The code of the first thing wrong with the call, or an empty text."""
    if mail_list is None:
        return "2501"
    if not parameters.first("leadinfo"):
        return "903"
    if info is None:
        return "2001"
    return address_fault(_address_in(info)) or _lead_fault(world, info)


def address_fault(address: str) -> str:
    """The code with which an address is refused, or an empty text."""
    if not is_address(address):
        return "2004"
    return "2005" if known_as(address).partition("@")[0] in _ROLES else ""


def _lead_fault(world: World, info: dict[str, Any]) -> str:
    address = known_as(_address_in(info))
    if address in world.state.do_not_mail:
        return "2006"
    if any(isinstance(value, (dict, list)) for value in info.values()):
        return "2007"
    if world.settings.refuse_unknown_fields and any(_field(world, label) is None for label in info):
        return "2007"
    full = world.settings.plan_maximum is not None and len(world.state.leads) >= world.settings.plan_maximum
    return "980" if full and address not in world.state.leads else ""


def _address_in(info: dict[str, Any]) -> str:
    values = [value for label, value in info.items() if label.strip().lower() == _ADDRESS_LABEL]
    return values[0].strip() if values and isinstance(values[0], str) else ""


def add(world: World, mail_list: MailList, info: dict[str, Any], now: int) -> str:
    """Takes a lead that may be taken into a list, and says so in Zoho's words."""
    address = known_as(_address_in(info))
    lead = world.state.leads.setdefault(address, Lead(address=address))
    if not mail_list.public or not lead.is_existing:
        _update(world, lead, info)
    membership = lead.memberships.get(mail_list.key)
    if membership is not None and membership.status is Status.ACTIVE:
        return UNCHANGED if mail_list.public else UPDATED
    if mail_list.public or (membership is not None and membership.status is Status.UNSUBSCRIBED):
        return _ask(world, lead, mail_list, now)
    lead.memberships[mail_list.key] = Membership(status=Status.ACTIVE, since=now)
    return SUBSCRIBED


def _ask(world: World, lead: Lead, mail_list: MailList, now: int) -> str:
    """Sends a confirmation mail. Who unsubscribed stays so until the click: only the person can undo that."""
    world.state.confirmations[lead.address] += 1
    membership = lead.memberships.setdefault(mail_list.key, Membership(status=Status.UNCONFIRMED, since=now))
    membership.is_asked = True
    return CONFIRMATION


def _update(world: World, lead: Lead, info: dict[str, Any]) -> None:
    for label, value in info.items():
        field = _field(world, label)
        blank = value is None or value == ""
        if field is None or (blank and not world.settings.blank_clears):
            continue
        lead.fields[_shown(field)] = _cut(field, value) if world.settings.long_values_cut else value


def _field(world: World, label: str) -> LeadField | None:
    wanted = label.strip().lower()
    return next((field for field in world.account.fields if field.label.lower() == wanted), None)


def _shown(field: LeadField) -> str:
    return "Lead Email" if field.label.lower() == _ADDRESS_LABEL else field.label


def _cut(field: LeadField, value: Any) -> Any:
    return value[: field.length] if field.length and isinstance(value, str) else value
