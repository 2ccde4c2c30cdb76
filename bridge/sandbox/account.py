"""What the sandbox's account has before any call: lists, journeys, fields, tags, do-not-mail addresses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailList:
    """A mailing list. A public one has a sign-up form and so asks every new lead for a confirmation (double opt-in)."""

    name: str
    key: str
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """A journey that starts with the open trigger, or with a `tag`. Without re-entry a lead enters it once only."""

    name: str
    key: str
    trigger_key: str
    reentry: bool = False
    active: bool = True
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadField:
    """A field of a lead. `label` is the key in `leadinfo`, `name` the stable name, `length` in characters (0: any)."""

    label: str
    name: str
    type: str = "Text"
    custom: bool = True
    length: int = 0
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Everything a user of Zoho would have set up by hand. Names of lists and of journeys are unique."""

    lists: tuple[MailList, ...]
    journeys: tuple[Journey, ...]
    fields: tuple[LeadField, ...]
    do_not_mail: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def default_account() -> Account:
    """Lists Newsletter (private), Webinar (public); journeys Welcome (once), Reminder (re-entry); fields; two tags."""
    return Account(
        lists=(mail_list("Newsletter"), mail_list("Webinar", public=True)),
        journeys=(journey("Welcome"), journey("Reminder", reentry=True)),
        fields=(*standard_fields(), *_default_custom_fields()),
        tags=("Customer", "VIP"),
    )


def mail_list(name: str, *, key: str = "", public: bool = False) -> MailList:
    """A list whose key, when none is given, follows from its name: the same on every start."""
    return MailList(name=name, key=key or stable_key("list", name), public=public)


def journey(
    name: str, *, key: str = "", trigger_key: str = "", reentry: bool = False, active: bool = True, tag: str = ""
) -> Journey:
    """A journey whose keys, when not given, follow from its name."""
    return Journey(
        name=name,
        key=key or stable_key("journey", name),
        trigger_key=trigger_key or stable_key("trigger", name),
        reentry=reentry,
        active=active,
        tag=tag,
    )


def custom_field(label: str, *, type: str = "Text", length: int = 0, values: tuple[str, ...] = ()) -> LeadField:  # noqa: A002 - Zoho's word
    """A field the account's owner added. Its stable name is its label in lower case with underscores."""
    return LeadField(label=label, name=_name_of(label), type=type, length=length, values=values)


def standard_fields() -> tuple[LeadField, ...]:
    """The fields of every account, in the order and with the names of Zoho's page.

    The page writes "lead Email" here and "Lead Email" in its requests; so do we
    (https://zoho.com/marketingautomation/help/developers/v1/get-all-leads-fields.html).
    """
    labels = {
        "lead Email": ("lead_email", "Email"),
        "Title": ("title", "Text"),
        "First Name": ("firstname", "Text"),
        "Last Name": ("lastname", "Text"),
        "Job Title": ("job_title", "Text"),
        "Company Name": ("companyname", "Text"),
        "Phone": ("phone", "Phone"),
        "Secondary Email": ("secondary_email", "Email"),
        "Mobile": ("mobile", "Phone"),
    }
    return tuple(LeadField(label=label, name=name, type=type_, custom=False) for label, (name, type_) in labels.items())


def stable_key(kind: str, name: str) -> str:
    """32 hexadecimal digits, as Zoho's keys look, the same for the same kind and name."""
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:32]


def _default_custom_fields() -> tuple[LeadField, ...]:
    texts = ("UTM Source", "UTM Medium", "UTM Campaign", "Country", "City", "Message", "Consent")
    plan = custom_field("Plan", type="Picklist", values=("Basic", "Pro", "Enterprise"))
    return (
        plan,
        *(custom_field(label) for label in texts),
        custom_field("Date of Birth", type="Date"),
        custom_field("Interests", type="Multiselect", values=("Product", "Events", "Offers")),
    )


def _name_of(label: str) -> str:
    return "_".join(label.lower().split())
