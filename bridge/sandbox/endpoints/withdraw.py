"""Taking people off: Unsubscribe (of one list) and Move to Do-Not-Mail (of the account)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.sandbox.answers import Envelope, envelope, error
from bridge.sandbox.endpoints.subscribe import address_fault, lead_of, wants_xml
from bridge.sandbox.parameters import json_object
from bridge.sandbox.state import Status, known_as

if TYPE_CHECKING:
    from bridge.sandbox.answers import Answer
    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.world import Call, World


def unsubscribe(world: World, call: Call, now: int) -> Answer:
    """Takes the lead of `leadinfo` off the list of `listkey`. For one that is not in it the page knows no error.

    https://zoho.com/marketingautomation/help/developers/lead-unsubscribe.html
    """
    key = call.parameters.first("listkey")
    is_list = any(one.key == key for one in world.account.lists)
    code = _fault(call.parameters) if is_list else "2501"
    if code:
        return _refuse(world, call, code)
    lead = world.state.leads.get(lead_of(call.parameters)[0])
    membership = lead.memberships.get(key) if lead else None
    if membership is not None:
        membership.status, membership.since, membership.is_asked = Status.UNSUBSCRIBED, now, False
    return _done(call, "User successfully unsubscribed.")


def do_not_mail(world: World, call: Call, _now: int) -> Answer:
    """Puts the address into the do-not-mail registry; for one that is there the page has the code 0 as an error.

    https://zoho.com/marketingautomation/help/developers/v1/move-to-do-not-mail.html
    """
    code = _fault(call.parameters)
    if code:
        return _refuse(world, call, code)
    address = lead_of(call.parameters)[0]
    if address in world.state.do_not_mail:
        return _refuse(world, call, "0")
    world.state.do_not_mail.add(address)
    return _done(call, "User successfully moved to do-not-mail registry.")


def _fault(parameters: Parameters) -> str:
    if not parameters.first("leadinfo"):
        return "903"
    if json_object(parameters.first("leadinfo")) is None:
        return "2001"
    named = lead_of(parameters)
    return "2004" if not named or address_fault(known_as(named[0])) == "2004" else ""


def _refuse(world: World, call: Call, code: str) -> Answer:
    return error(Envelope.URI, call.path, code, xml=wants_xml(call.parameters), status=world.settings.error_status)


def _done(call: Call, message: str) -> Answer:
    return envelope(Envelope.URI, call.path, "0", message, good=True, xml=wants_xml(call.parameters), status=200)
