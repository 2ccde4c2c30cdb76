"""Stage 4: deliveries become calls to Zoho Marketing Automation, and its answers become outcomes.

Delivery resolves a lane's names into keys, asks `pace` whether the lane may go, makes the form and sends it, and lets
the API's reader say what came of each lead.
"""

from __future__ import annotations

from bridge.zoho.answers import Envelope, read_envelope
from bridge.zoho.apis import APIS, OAUTH, Api, carries_leads, lead_apis
from bridge.zoho.catalog import Journey, MailingList, Snapshot, take
from bridge.zoho.client import send
from bridge.zoho.code_meaning import Judgement
from bridge.zoho.codes import is_list_gone, is_missing
from bridge.zoho.data_centers import mismatch
from bridge.zoho.forms import add_tag_form
from bridge.zoho.members import MEMBERS_A_PAGE, STATUSES, Member, members_form, read_members
from bridge.zoho.oauth import AccessToken, Grant, exchange, refresh
from bridge.zoho.outcome import judge, lacks_scope, named_leads, sentence, unanswered
from bridge.zoho.pacing import Decision, Go, Wait, due_cap, pace
from bridge.zoho.packing import MAX_TARGET, fits, fits_target, target_bytes, unsendable
from bridge.zoho.resolve import Keys, Unresolved, resolve

__all__ = [
    "APIS",
    "MAX_TARGET",
    "MEMBERS_A_PAGE",
    "OAUTH",
    "STATUSES",
    "AccessToken",
    "Api",
    "Decision",
    "Envelope",
    "Go",
    "Grant",
    "Journey",
    "Judgement",
    "Keys",
    "MailingList",
    "Member",
    "Snapshot",
    "Unresolved",
    "Wait",
    "add_tag_form",
    "carries_leads",
    "due_cap",
    "exchange",
    "fits",
    "fits_target",
    "is_list_gone",
    "is_missing",
    "judge",
    "lacks_scope",
    "lead_apis",
    "members_form",
    "mismatch",
    "named_leads",
    "pace",
    "read_envelope",
    "read_members",
    "refresh",
    "resolve",
    "send",
    "sentence",
    "take",
    "target_bytes",
    "unanswered",
    "unsendable",
]
