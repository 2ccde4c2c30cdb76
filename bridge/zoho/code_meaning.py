"""What a code asks us to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DOCS = "https://zoho.com/marketingautomation/help/developers/"
HUB = "https://zoho.com/marketinghub/help/developers/"
GENERAL = DOCS + "error-codes.html"
TRIGGER = DOCS + "trigger-leads.html"
JOURNEYS = DOCS + "v1/get-open-journeys.html"
LISTS = HUB + "get-mailing-lists.html"
FIELD = DOCS + "create-custom-field.html"
TAG = DOCS + "create-lead-tags.html"
DO_NOT_MAIL = DOCS + "v1/move-to-do-not-mail.html"


class Judgement(StrEnum):
    """What a code asks us to do."""

    SUCCESS = "success"
    DONE = "done"
    """An error in form, but what we wanted is so already."""
    LEAD = "lead"
    """Something this lead brought is refused for good; of many leads, one may be the cause."""
    AWAIT = "await"
    """The lead is not there yet, most likely because a confirmation is awaited."""
    ONCE = "once"
    """Worth one repetition, then as `LEAD`."""
    RETRY = "retry"
    LANE = "lane"
    """The configuration of the lane or the account is wrong: hold, and lose no lead."""
    EMPTY = "empty"
    """A question that found nothing; not an error."""
    LOCK = "lock"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    OUTAGE = "outage"
    UNKNOWN = "unknown"
    """Not in the table: halved if it may be caused by one lead, else retried to the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code's meaning in our words, what we do about it, and where it is documented."""

    description: str
    judgement: Judgement
    url: str
