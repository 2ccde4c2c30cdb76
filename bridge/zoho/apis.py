"""The one table of Zoho's APIs. Adding an API is adding a record here and a reader of its answers.

Limits: each page says so many calls in 5 minutes, and beyond them that API alone is refused for 30 minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.model import MINUTE_MS
from bridge.zoho.forms import (
    add_leads_form,
    do_not_mail_form,
    no_form,
    subscribe_form,
    tag_form,
    trigger_form,
    unsubscribe_form,
)
from bridge.zoho.outcome import (
    read_add_leads,
    read_do_not_mail,
    read_subscribe,
    read_tag,
    read_trigger,
    read_unsubscribe,
    read_untag,
    reader,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.model import ClaimedDelivery, Response
    from bridge.zoho.answers import Envelope
    from bridge.zoho.resolve import Keys

    Form = Callable[[Keys, Sequence[ClaimedDelivery]], dict[str, str]]
    Reader = Callable[[Envelope, Sequence[ClaimedDelivery]], Response]

_DOCS = "https://zoho.com/marketingautomation/help/developers/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """One API: where it is, what Zoho allows, and how its calls are written and read.

    `path` follows the host; a part in braces is filled from the keys. `limit` calls are allowed in `window_ms`, more
    close the API for `lock_ms`; `budget` is how many we allow ourselves. Deliveries go to the APIs that
    have leads; a call carries up to `batch` of them, and `needs` a `list`, a `journey`, a `tag` or none.
    """

    name: str
    title: str
    method: str
    path: str
    limit: int
    budget: int
    window_ms: int = 5 * MINUTE_MS
    lock_ms: int = 30 * MINUTE_MS
    batch: int = 1
    has_leads: bool = False
    needs: frozenset[str] = frozenset({"list"})
    form: Form = no_form
    read: Reader
    scope: str
    docs: str


SUBSCRIBE = Api(
    name="subscribe",
    title="Subscribe",
    method="POST",
    path="/api/v1/json/listsubscribe",
    limit=500,
    budget=475,
    has_leads=True,
    form=subscribe_form,
    read=read_subscribe,
    scope="ZohoMarketingAutomation.lead.CREATE",
    docs=_DOCS + "lead-subscribe.html",
)
TRIGGER = Api(
    name="trigger",
    title="Trigger Leads",
    method="POST",
    path="/api/v1/journeys/{journey_key}/action/trigger",
    limit=100,
    budget=95,
    has_leads=True,
    batch=200,
    needs=frozenset({"list", "journey"}),
    form=trigger_form,
    read=read_trigger,
    scope="ZohoMarketingAutomation.journey.CREATE",
    docs=_DOCS + "trigger-leads.html",
)
ADD_LEADS = Api(
    name="add_leads",
    title="Add Leads in Bulk",
    method="POST",
    path="/api/v1/addleadsinbulk",
    limit=500,
    budget=475,
    has_leads=True,
    batch=10,
    form=add_leads_form,
    read=read_add_leads,
    scope="ZohoMarketingAutomation.lead.CREATE",
    docs=_DOCS + "add-contacts-existing-list.html",
)
UNSUBSCRIBE = Api(
    name="unsubscribe",
    title="Unsubscribe",
    method="POST",
    path="/api/v1/json/listunsubscribe",
    limit=500,
    budget=475,
    has_leads=True,
    form=unsubscribe_form,
    read=read_unsubscribe,
    scope="ZohoMarketingAutomation.lead.UPDATE",
    docs=_DOCS + "lead-unsubscribe.html",
)
DO_NOT_MAIL = Api(
    name="do_not_mail",
    title="Move to Do-Not-Mail",
    method="POST",
    path="/api/v1/json/leaddonotmail",
    limit=500,
    budget=475,
    has_leads=True,
    needs=frozenset(),
    form=do_not_mail_form,
    read=read_do_not_mail,
    scope="ZohoMarketingAutomation.lead.UPDATE",
    docs=_DOCS + "v1/move-to-do-not-mail.html",
)
TAG = Api(
    name="tag",
    title="Assign Tag",
    method="POST",
    path="/api/v1/tag/associate",
    limit=500,
    budget=475,
    has_leads=True,
    needs=frozenset({"tag"}),
    form=tag_form,
    read=read_tag,
    scope="ZohoMarketingAutomation.lead.UPDATE",
    docs=_DOCS + "assign-lead-tags.html",
)
UNTAG = Api(
    name="untag",
    title="Remove Tag",
    method="POST",
    path="/api/v1/tag/deassociate",
    limit=500,
    budget=475,
    has_leads=True,
    needs=frozenset({"tag"}),
    form=tag_form,
    read=read_untag,
    scope="ZohoMarketingAutomation.lead.UPDATE",
    docs=_DOCS + "v1/untag-leads.html",
)
ADD_TAG = Api(
    name="add_tag",
    title="Create Tag",
    method="POST",
    path="/api/v1/tag/add",
    limit=100,
    budget=95,
    read=reader("add_tag"),
    scope="ZohoMarketingAutomation.lead.CREATE",
    docs=_DOCS + "create-lead-tags.html",
)
TAGS = Api(
    name="tags",
    title="Get All Tags",
    method="GET",
    path="/api/v1/tag/getalltags",
    limit=500,
    budget=475,
    read=reader("tags"),
    scope="ZohoMarketingAutomation.lead.READ",
    docs="https://zoho.com/campaigns/help/developers/tag-management/get-all-tags.html",
)
LEADS = Api(
    name="leads",
    title="Get Leads of a List",
    method="POST",
    path="/api/v1/getleads",
    limit=500,
    budget=475,
    read=reader("leads"),
    scope="ZohoMarketingAutomation.lead.READ",
    docs=_DOCS + "v1/get-list-leads.html",
)
LISTS = Api(
    name="lists",
    title="Get Mailing Lists",
    method="POST",
    path="/api/v1/getmailinglists",
    limit=500,
    budget=475,
    read=reader("lists"),
    scope="ZohoMarketingAutomation.lead.READ",
    docs="https://zoho.com/marketinghub/help/developers/get-mailing-lists.html",
)
JOURNEYS = Api(
    name="journeys",
    title="Get Open Journeys",
    method="GET",
    path="/api/v1/journeys",
    limit=100,
    budget=95,
    read=reader("journeys"),
    scope="ZohoMarketingAutomation.journey.READ",
    docs=_DOCS + "v1/get-open-journeys.html",
)
FIELDS = Api(
    name="fields",
    title="Get All Lead Fields",
    method="GET",
    path="/api/v1/lead/allfields",
    limit=100,
    budget=95,
    read=reader("fields"),
    scope="ZohoMarketingAutomation.lead.READ",
    docs="https://zoho.com/marketinghub/help/developers/get-all-leads-fields.html",
)
OAUTH = Api(
    name="oauth",
    title="Token",
    method="POST",
    path="/oauth/v2/token",
    limit=10,
    budget=8,
    window_ms=10 * MINUTE_MS,
    lock_ms=10 * MINUTE_MS,
    read=reader("oauth"),
    scope="",
    docs="https://zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html",
)

_ALL = (
    *(SUBSCRIBE, TRIGGER, ADD_LEADS, UNSUBSCRIBE, DO_NOT_MAIL, TAG, UNTAG),
    *(ADD_TAG, TAGS, LEADS, LISTS, JOURNEYS, FIELDS, OAUTH),
)
APIS: dict[str, Api] = {api.name: api for api in _ALL}
"""Every API by its name. The token endpoint is on the accounts host and is read by `bridge.zoho.oauth`."""


def carries_leads(name: str) -> bool:
    """Whether leads go to the API of this name; none go to one that is not Zoho's, as that of a `fetch:`."""
    return name in APIS and APIS[name].has_leads


def lead_apis() -> tuple[Api, ...]:
    """The APIs to which deliveries go: what a mapping can name as an action."""
    return tuple(api for api in APIS.values() if api.has_leads)
