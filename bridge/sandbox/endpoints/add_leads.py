"""Add Leads in Bulk: up to 10 addresses into one list.

https://zoho.com/marketingautomation/help/developers/add-contacts-existing-list.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.sandbox.answers import Envelope, error, json_answer
from bridge.sandbox.endpoints.subscribe import add, address_fault, wants_xml
from bridge.sandbox.state import known_as

if TYPE_CHECKING:
    from bridge.sandbox.answers import Answer
    from bridge.sandbox.parameters import Parameters
    from bridge.sandbox.world import Call, World

MOST_ADDRESSES = 10


def add_leads(world: World, call: Call, now: int) -> Answer:
    """Adds the addresses to the list. One that cannot be added is left out and, as at Zoho, not named."""
    addresses = leads_of(call.parameters)
    mail_list = next((one for one in world.account.lists if one.key == call.parameters.first("listkey")), None)
    code = ""
    if not addresses or len(addresses) > MOST_ADDRESSES:
        code = "903"
    elif mail_list is None:
        code = "2206"
    if code or mail_list is None:
        xml = wants_xml(call.parameters)
        return error(Envelope.URL, call.path, code, xml=xml, status=world.settings.error_status)
    for address in addresses:
        if not address_fault(address) and address not in world.state.do_not_mail:
            add(world, mail_list, {"Lead Email": address}, now)
    body = {"status": "success", "code": "0", "listkey": mail_list.key, "listname": mail_list.name}
    return json_answer({**body, "url": call.path, "version": "1"}, code="0")


def leads_of(parameters: Parameters) -> tuple[str, ...]:
    """The addresses a call names, in lower case, each once."""
    parts = (known_as(part) for part in parameters.first("emailids").split(","))
    return tuple(dict.fromkeys(filter(None, parts)))
