"""What a client can look up: the open journeys, the lists, the fields of a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from bridge.sandbox.account import stable_key
from bridge.sandbox.answers import Answer, Envelope, error, json_answer
from bridge.sandbox.endpoints.subscribe import wants_xml
from bridge.sandbox.parameters import json_object
from bridge.sandbox.state import Status

if TYPE_CHECKING:
    from bridge.sandbox.account import Journey, LeadField, MailList
    from bridge.sandbox.state import Lead
    from bridge.sandbox.world import Call, World

_DEFAULT_PAGE = 20
_CREATED_AT_MS = 1_735_722_000_000
_CREATED_TIME = "2025-01-01T14:30:00+05:30"


def open_journeys(world: World, call: Call, _now: int) -> Answer:
    """One page of the journeys (https://zoho.com/marketingautomation/help/developers/v1/get-open-journeys.html).

    The page's sample has no `status`, and spells the trigger's key `triggerkey` in one journey and `trigger_key` in
    the next; so does this.
    """
    text = call.parameters.first("details")
    details = json_object(text or "{}")
    if details is None:
        return _refuse(world, call, "2001")
    page, limit = _number(details.get("page", 1)), _number(details.get("limit", _DEFAULT_PAGE))
    if page is None or limit is None:
        return _refuse(world, call, "2007")
    if details.get("trigger_type", "open") != "open":
        return _refuse(world, call, "9008")
    order = "desc" if details.get("sort_order") == "desc" else "asc"
    opened = [journey for journey in world.account.journeys if not journey.tag]
    found = sorted(opened, key=lambda journey: journey.name, reverse=order == "desc")
    shown = [] if details.get("user") == "other" else found[(page - 1) * limit : page * limit]
    if not shown:
        return _refuse(world, call, "9001")
    journeys = [_journey(journey, index) for index, journey in enumerate(shown)]
    body = {"journeys": journeys, "code": "200", "limit": limit, "page": page, "sortorder": order, "message": "success"}
    return json_answer(body, code="200")


def mailing_lists(world: World, call: Call, _now: int) -> Answer:
    """One page of the lists, `range` of them from `fromindex` (1-based) on.

    https://zoho.com/marketinghub/help/developers/get-mailing-lists.html; the items as on
    https://zoho.com/campaigns/help/developers/get-mailing-lists.html.
    """
    xml = wants_xml(call.parameters)
    start = _number(call.parameters.first("fromindex") or 1)
    count = _number(call.parameters.first("range") or _DEFAULT_PAGE)
    if start is None or count is None:
        return _refuse(world, call, "2007", xml=xml)
    if not world.account.lists:
        return _refuse(world, call, "2401", xml=xml)
    descending = call.parameters.first("sort") == "desc"
    found = sorted(world.account.lists, key=lambda mail_list: mail_list.name, reverse=descending)
    items = [_list(world, mail_list) for mail_list in found[start - 1 : start - 1 + count]]
    order = "Descending Order" if descending else "Ascending Order"
    request = {"sort": order, "range": str(count), "fromindex": str(start)}
    if xml:
        return _lists_in_xml(call, request, items)
    body = {"requestdetails": request, "status": "success", "code": "0", "uri": call.path, "version": "1"}
    return json_answer({**body, "list_of_details": items}, code="0")


def list_leads(world: World, call: Call, _now: int) -> Answer:
    """One page of the leads of `listkey` with a `status` (active unless given, unsub, bounce), the oldest first.

    https://zoho.com/marketingautomation/help/developers/v1/get-list-leads.html. The page has neither an answer without
    leads nor the code for it; here that is an empty `list_of_details`.
    """
    start = _number(call.parameters.first("fromindex") or 1)
    count = _number(call.parameters.first("range") or _DEFAULT_PAGE)
    status = _LISTED.get(call.parameters.first("status") or "active")
    if start is None or count is None or status is None:
        return _refuse(world, call, "2007")
    key = call.parameters.first("listkey")
    if not any(one.key == key for one in world.account.lists):
        return _refuse(world, call, "2501")
    members = [lead for lead in world.state.leads.values() if _status(lead, key) is status]
    if call.parameters.first("sort") == "desc":
        members.reverse()
    items = [_member(lead) for lead in members[start - 1 : start - 1 + count]]
    request = {"listkey": key, "range": str(count), "fromindex": str(start)}
    body = {"requestdetails": request, "status": "success", "code": "0", "uri": call.path, "version": "1"}
    return json_answer({**body, "list_of_details": items}, code="0")


_LISTED = {"active": Status.ACTIVE, "unsub": Status.UNSUBSCRIBED, "bounce": Status.BOUNCED}


def _status(lead: Lead, key: str) -> Status | None:
    membership = lead.memberships.get(key)
    return membership.status if membership else None


def _member(lead: Lead) -> dict[str, str]:
    labels = {"firstname": "First Name", "lastname": "Last Name", "phone": "Phone", "companyname": "Company Name"}
    shown = {name: str(lead.fields.get(label, "")) for name, label in labels.items()}
    return {"lead_email": lead.address, **shown, "zuid": "1000001"}


def lead_fields(world: World, call: Call, _now: int) -> Answer:
    """All fields (https://zoho.com/marketingautomation/help/developers/v1/get-all-leads-fields.html).

    The page's sample has them under `response.fieldname`; working clients read `response.fieldnames.fieldname`.
    """
    if call.parameters.first("type").lower() != "json":
        return error(Envelope.NESTED, call.path, "903", status=world.settings.error_status)
    numbered = list(enumerate(world.account.fields, start=1))
    if world.settings.doc_fields:
        shown: dict[str, Any] = {"fieldname": [_field(field, number) for number, field in numbered]}
    else:
        shown = {"fieldnames": {"fieldname": [_full_field(field, number) for number, field in numbered]}}
    body = {"message": "success", "code": "0", "uri": call.path, "version": "1", **shown}
    return json_answer({"response": body}, code="0")


def _refuse(world: World, call: Call, code: str, *, xml: bool = False) -> Answer:
    return error(Envelope.URI, call.path, code, xml=xml, status=world.settings.error_status)


def _number(value: Any) -> int | None:
    """A whole number from 1 on, given as a number or as text; None for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _journey(journey: Journey, index: int) -> dict[str, str]:
    spelling = "trigger_key" if index % 2 else "triggerkey"
    return {
        "journey_key": journey.key,
        "journey_name": journey.name,
        "created_time": _CREATED_TIME,
        spelling: journey.trigger_key,
    }


def _list(world: World, mail_list: MailList) -> dict[str, str]:
    members = [lead.memberships.get(mail_list.key) for lead in world.state.leads.values()]
    statuses = [membership.status for membership in members if membership]
    return {
        "listkey": mail_list.key,
        "listname": mail_list.name,
        "is_public": "true" if mail_list.public else "false",
        "noofcontacts": str(statuses.count(Status.ACTIVE)),
        "noofunsubcnt": str(statuses.count(Status.UNSUBSCRIBED)),
        "noofbouncecnt": "0",
        "created_date": str(_CREATED_AT_MS),
        "lockstatus": "unlocked",
        "owner": "Ada",
        "zuid": "1000001",
        "listunino": str(int(stable_key("number", mail_list.name)[:12], 16)),
        "segments": "",
    }


def _lists_in_xml(call: Call, request: dict[str, str], items: list[dict[str, str]]) -> Answer:
    heads = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in request.items())
    rows = "".join(
        "<list>" + "".join(f"<fl val={quoteattr(key)}>{escape(value)}</fl>" for key, value in item.items()) + "</list>"
        for item in items
    )
    body = (
        f'<response uri={quoteattr(call.path)} version="1"><status>success</status><code>0</code>{heads}'
        f"<list_of_details>{rows}</list_of_details></response>"
    )
    return Answer(status=200, body=body, content_type="text/xml;charset=UTF-8", code="0")


def _field(field: LeadField, number: int) -> dict[str, str]:
    return {
        "DISPLAY_NAME": field.label,
        "FIELD_NAME": field.name,
        "no": str(number),
        "FIELD_ID": str(4_000_000_000_013 + 2 * number),
    }


def _full_field(field: LeadField, number: int) -> dict[str, Any]:
    display_names = {"lead_email": "CONTACT_EMAIL"}
    more = {
        "FIELD_DISPLAY_NAME": display_names.get(field.name, field.name.upper()),
        "UITYPE": field.type.lower(),
        "TYPE": "custom" if field.custom else "standard",
    }
    values = {"values": list(field.values)} if field.values else {}
    length = {"FIELD_LENGTH": str(field.length)} if field.length else {}
    return {**_field(field, number), **more, **length, **values}
