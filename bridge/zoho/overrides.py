"""Where a code means something else to one API than to all others."""

from __future__ import annotations

from bridge.zoho.code_meaning import DO_NOT_MAIL, DOCS, FIELD, GENERAL, JOURNEYS, LISTS, TAG, TRIGGER, Code, Judgement

_TAGS = "https://zoho.com/campaigns/help/developers/tag-management/get-all-tags.html"

OVERRIDES: dict[tuple[str, str], Code] = {
    ("trigger", "400"): Code(
        description="the journey cannot be found; check the journey in the mapping",
        judgement=Judgement.LANE,
        url=TRIGGER,
    ),
    ("trigger", "993"): Code(description="the lead was not found", judgement=Judgement.AWAIT, url=TRIGGER),
    ("trigger", "2001"): Code(description="the JSON is not accepted", judgement=Judgement.LEAD, url=GENERAL),
    ("do_not_mail", "0"): Code(
        description="the lead is marked do-not-mail already", judgement=Judgement.DONE, url=DO_NOT_MAIL
    ),
    ("do_not_mail", "2006"): Code(
        description="the lead is marked do-not-mail already", judgement=Judgement.DONE, url=GENERAL
    ),
    ("do_not_mail", "993"): Code(
        description="the account has no such lead: nobody is mailed", judgement=Judgement.DONE, url=GENERAL
    ),
    ("unsubscribe", "993"): Code(
        description="the account has no such lead: nobody is mailed", judgement=Judgement.DONE, url=GENERAL
    ),
    ("unsubscribe", "2006"): Code(
        description="the lead is marked do-not-mail: nobody is mailed", judgement=Judgement.DONE, url=GENERAL
    ),
    ("tag", "993"): Code(
        description="the account has no such active lead",
        judgement=Judgement.AWAIT,
        url=DOCS + "assign-lead-tags.html",
    ),
    ("untag", "993"): Code(
        description="the account has no such active lead to take the tag from; an inactive one keeps it",
        judgement=Judgement.DONE,
        url=DOCS + "v1/untag-leads.html",
    ),
    ("untag", "6613"): Code(
        description="the tag does not exist, so nobody has it",
        judgement=Judgement.DONE,
        url=DOCS + "v1/untag-leads.html",
    ),
    ("add_tag", "6614"): Code(description="the tag exists already", judgement=Judgement.DONE, url=TAG),
    ("tags", "992"): Code(description="the account has no tag", judgement=Judgement.EMPTY, url=_TAGS),
    ("lists", "2401"): Code(description="the account has no list yet", judgement=Judgement.EMPTY, url=LISTS),
    ("lists", "992"): Code(description="nothing was found", judgement=Judgement.EMPTY, url=GENERAL),
    ("lists", "903"): Code(description="the details cannot be shown", judgement=Judgement.RETRY, url=GENERAL),
    ("journeys", "992"): Code(description="nothing was found", judgement=Judgement.EMPTY, url=GENERAL),
    ("journeys", "9001"): Code(description="no open journey", judgement=Judgement.EMPTY, url=JOURNEYS),
    ("journeys", "9008"): Code(description="no open journey", judgement=Judgement.EMPTY, url=JOURNEYS),
    ("journeys", "903"): Code(description="the details cannot be shown", judgement=Judgement.RETRY, url=GENERAL),
    ("fields", "903"): Code(description="the details cannot be shown", judgement=Judgement.RETRY, url=GENERAL),
    ("fields", "910"): Code(description="the account has no fields", judgement=Judgement.EMPTY, url=FIELD),
}
"""Where a code means something else to one API."""
