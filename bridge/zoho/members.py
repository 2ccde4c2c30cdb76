"""The leads of a list as Zoho has them, a page at a time: address, names and phone; no fields of the account's own.

https://zoho.com/marketingautomation/help/developers/v1/get-list-leads.html. How many a page may hold, and what comes
beyond the last one, the page does not say: a page that brings nothing new is the last one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.address import normalised
from bridge.zoho.catalog import checked, items_in, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.zoho.answers import Envelope

MEMBERS_A_PAGE: Final = 200
STATUSES: Final = ("active", "unsub", "bounce")
"""What `status` may be of those that the page names; `recent` and `mostrecent` are parts of `active`."""

_LABELS: Final[Mapping[str, str]] = {"firstname": "First Name", "lastname": "Last Name", "phone": "Phone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A lead in a list: its normalised address, and what Zoho holds by the labels First Name, Last Name, Phone."""

    lead: str
    fields: Mapping[str, str]


def members_form(list_key: str, status: str, *, start: int) -> dict[str, str]:
    """The parameters for a page of a list's leads from number `start` on, counted from 1, the newest first."""
    return {
        "resfmt": "JSON",
        "listkey": list_key,
        "status": status,
        "sort": "desc",
        "fromindex": str(start),
        "range": str(MEMBERS_A_PAGE),
    }


def read_members(envelope: Envelope) -> tuple[Member, ...]:
    """The leads in an answer of Get Leads. Raises ZohoError when it is an error."""
    found = items_in(checked("leads", envelope, "list_of_details").get("list_of_details"))
    return tuple(
        Member(
            lead=normalised(text_of(item, "lead_email")),
            fields={label: text_of(item, name) for name, label in _LABELS.items()},
        )
        for item in found
        if text_of(item, "lead_email")
    )
