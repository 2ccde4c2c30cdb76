"""Tags: create one, give it to a lead, take it away, list all. Only active leads can have one, and it must exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bridge.sandbox.account import stable_key
from bridge.sandbox.answers import Envelope, envelope, error, json_answer
from bridge.sandbox.endpoints.trigger import enter_by_tag
from bridge.sandbox.state import Status, known_as

if TYPE_CHECKING:
    from bridge.sandbox.answers import Answer
    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.world import Call, World

_COLOUR: Final = re.compile("#[0-9A-Fa-f]{6}")


def assign_tag(world: World, call: Call, _now: int) -> Answer:
    """Gives an active lead a tag (https://zoho.com/marketingautomation/help/developers/assign-lead-tags.html).

    A lead that did not have it enters the journeys that start with it.
    """
    code = _fault(world, call.parameters)
    if code:
        return _refuse(world, call, code)
    name, lead = call.parameters.first("tagName"), known_as(call.parameters.first("lead_email"))
    if lead not in world.state.tags[name]:
        world.state.tags[name].add(lead)
        enter_by_tag(world, name, lead)
    return _done(call, "Tag associated successfully.")


def remove_tag(world: World, call: Call, _now: int) -> Answer:
    """Takes a tag from a lead (https://zoho.com/marketingautomation/help/developers/v1/untag-leads.html)."""
    code = _fault(world, call.parameters)
    if code:
        return _refuse(world, call, code)
    world.state.tags[call.parameters.first("tagName")].discard(known_as(call.parameters.first("lead_email")))
    return _done(call, "Tag deassociated successfully.")


def add_tag(world: World, call: Call, _now: int) -> Answer:
    """Creates a tag (https://zoho.com/marketingautomation/help/developers/create-lead-tags.html)."""
    name = call.parameters.first("tagName")
    if not name or not call.parameters.first("tagDesc"):
        return _refuse(world, call, "903")
    if name in world.state.tags:
        return _refuse(world, call, "6614")
    if not _COLOUR.fullmatch(call.parameters.first("color") or "#000000"):
        return _refuse(world, call, "6616")
    world.state.tags[name] = set()
    body = {"message": "Tag created successfully.", "status": "success", "code": "0", "uri": call.path, "version": "1"}
    return json_answer({**body, "TagInfoId": _id_of(name)}, code="0")


def all_tags(world: World, call: Call, _now: int) -> Answer:
    """All tags, each under its id, in the shape of the sibling product's page.

    https://zoho.com/campaigns/help/developers/tag-management/get-all-tags.html
    """
    if not world.state.tags:
        return _refuse(world, call, "992")
    tags = [
        {str(_id_of(name)): {"tag_name": name, "tagged_contact_count": str(len(leads))}}
        for name, leads in world.state.tags.items()
    ]
    return json_answer({"uri": call.path, "version": "1", "requestdetails": "{}", "tags": tags})


def tagged_lead(parameters: Parameters) -> tuple[str, ...]:
    """The address a call names, in lower case."""
    address = known_as(parameters.first("lead_email"))
    return (address,) if address else ()


def _fault(world: World, parameters: Parameters) -> str:
    name, address = parameters.first("tagName"), known_as(parameters.first("lead_email"))
    if not name or not address:
        return "903"
    if name not in world.state.tags:
        return "6613"
    lead = world.state.leads.get(address)
    is_active = lead is not None and any(one.status is Status.ACTIVE for one in lead.memberships.values())
    return "" if is_active and address not in world.state.do_not_mail else "993"


def _id_of(name: str) -> int:
    return int(stable_key("tag", name)[:12], 16)


def _refuse(world: World, call: Call, code: str) -> Answer:
    return error(Envelope.URI, call.path, code, status=world.settings.error_status)


def _done(call: Call, message: str) -> Answer:
    return envelope(Envelope.URI, call.path, "0", message, good=True, xml=False, status=200)
