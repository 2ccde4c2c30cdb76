"""The parameters of the calls that carry leads. Only documented ones are sent: the sibling product refuses others
(code 1002, https://github.com/api-evangelist/zoho-campaigns).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import ClaimedDelivery
    from bridge.zoho.resolve import Keys


def subscribe_form(keys: Keys, leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    """The form of Subscribe: one lead, its `leadinfo` as strict JSON, as it was stored.

    Several deliveries must be of the same lead; they are merged in their order, and the later field wins.
    https://zoho.com/marketingautomation/help/developers/lead-subscribe.html

    Raises:
        ValueError: there is no delivery, or they are of several leads.
    """
    if len({lead.lead for lead in leads}) != 1:
        raise ValueError("a Subscribe call carries exactly one lead")
    body = leads[0].body if len(leads) == 1 else _merged(leads)
    form = {"listkey": keys.list_key, "leadinfo": body.decode(), "resfmt": "JSON"}
    if keys.sources:
        form["sources"] = keys.sources
    if keys.topics:
        form["topic_id"] = keys.topics
    return form


def add_leads_form(keys: Keys, leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    """The form of Add Leads in Bulk: up to 10 addresses, each once, as one comma-separated text.

    https://zoho.com/marketingautomation/help/developers/add-contacts-existing-list.html
    """
    addresses = {lead.lead: str(orjson.loads(lead.body)["Lead Email"]) for lead in leads}
    form = {"listkey": keys.list_key, "emailids": ",".join(addresses.values()), "resfmt": "JSON"}
    if keys.topics:
        form["topic_id"] = keys.topics
    return form


def trigger_form(keys: Keys, leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    """The form of Trigger Leads: up to 200 addresses of one journey, each once, as one comma-separated text.

    `resfmt` is not documented for it and so not sent.
    https://zoho.com/marketingautomation/help/developers/trigger-leads.html
    """
    addresses = {lead.lead: _address(lead) for lead in leads}
    details = {
        "lead_email": ",".join(addresses.values()),
        "triggerkey": keys.trigger_key,
        "listkey": keys.list_key,
    }
    return {"details": orjson.dumps(details).decode()}


def unsubscribe_form(keys: Keys, leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    """The form of Unsubscribe: one lead by its address.

    https://zoho.com/marketingautomation/help/developers/lead-unsubscribe.html
    """
    return {"listkey": keys.list_key} | do_not_mail_form(keys, leads)


def do_not_mail_form(_keys: Keys, leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    """The form of Move to Do-Not-Mail: one lead by its address; `leadinfo` holds nothing else.

    https://zoho.com/marketingautomation/help/developers/v1/move-to-do-not-mail.html
    """
    return {"leadinfo": orjson.dumps({"Lead Email": _address(leads[0])}).decode(), "resfmt": "JSON"}


def tag_form(keys: Keys, leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    """The form of Assign Tag and of Remove Tag, which take one lead. `resfmt` is not documented for them.

    https://zoho.com/marketingautomation/help/developers/assign-lead-tags.html
    """
    return {"tagName": keys.tag, "lead_email": _address(leads[0])}


def add_tag_form(tag: str) -> dict[str, str]:
    """The form of Create Tag; the description is mandatory.

    https://zoho.com/marketingautomation/help/developers/create-lead-tags.html
    """
    return {"tagName": tag, "tagDesc": "created by Leadbridge for a mapping"}


def no_form(_keys: Keys, _leads: Sequence[ClaimedDelivery]) -> dict[str, str]:
    """The form of a call that carries no leads: whoever makes it brings its parameters."""
    return {}


def _merged(leads: Sequence[ClaimedDelivery]) -> bytes:
    fields: dict[str, Any] = {}
    for lead in leads:
        fields |= orjson.loads(lead.body)
    return orjson.dumps(fields)


def _address(lead: ClaimedDelivery) -> str:
    return str(orjson.loads(lead.body)["lead_email"])
