"""What Zoho's pages leave open, as questions that a real account answers, and those that cannot be asked safely."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from bridge import zoho

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.zoho import Keys

UNKNOWN_KEY: Final = "0" * 32
LONG: Final = 300
MOST: Final = 200
WAITS: Final = (10, 30, 60)
"""Seconds after which a lead that the journey ignores is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLead:
    """The person's own test address, what is known of it, and where it goes.

    `was` says in words how the lead stood before; `fields` are more values to store, to be looked at in Zoho.
    """

    address: str
    list_name: str
    journey_name: str = ""
    was: str = "not said"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call that is made to learn something. `matters` says which setting or reading hangs on the answer."""

    name: str
    asks: str
    how: str
    matters: str
    api: str
    form: Mapping[str, str]
    journey_key: str = ""
    in_url: bool = False
    wrong_token: str = ""
    again_after: tuple[int, ...] = ()


def questions(lead: TrialLead, keys: Keys) -> Iterator[Question]:
    """The questions in the order in which they are asked; those about a journey only if one is named."""
    yield from _about_leads(lead, keys)
    yield from _about_refusals(keys)
    if lead.journey_name:
        yield from _about_journeys(lead, keys)
    yield Question(
        name="wrong_token",
        asks="What does Zoho answer to a token that is not good?",
        how="Get Mailing Lists with a made-up token",
        matters="HTTP 401 or the words 'unauthorized request' make us get a new token once. If it is neither, tell us.",
        api="lists",
        form={"resfmt": "JSON", "sort": "asc", "fromindex": "1", "range": "1"},
        wrong_token="1000.not.a.token",  # noqa: S106 - made up
    )


def _about_leads(lead: TrialLead, keys: Keys) -> Iterator[Question]:
    first = {"First Name": "Zoë 😀", "Last Name": "Test", **lead.fields}
    yield _subscribe(
        "subscribe",
        f"What does Subscribe answer for a lead that is: {lead.was}?",
        f"Subscribe with {', '.join(first)}",
        "The words tell 'subscribed', 'already in list' and 'confirmation sent' apart; `result` is what we read. Look "
        "at the lead in Zoho: are ë and the smiling face stored, and the values of --field in their format?",
        keys,
        {"Lead Email": lead.address, **first},
    )
    yield _subscribe(
        "subscribe_again",
        "What does Subscribe answer for a lead that is in the list already?",
        "the same Subscribe once more",
        "An error 2003 and a success count as done alike; other codes would not.",
        keys,
        {"Lead Email": lead.address, **first},
    )
    yield _subscribe(
        "unknown_field",
        "Is an unknown field ignored or refused?",
        "Subscribe with a field that no account has",
        "If it is refused, a field renamed in Zoho makes dead letters; `leadbridge check --account` finds it before.",
        keys,
        {"Lead Email": lead.address, "Leadbridge Has No Such Field": "x"},
    )
    yield _subscribe(
        "long_value",
        "Is a value longer than its field cut, refused or stored?",
        f"Subscribe with a Company Name of {LONG} letters",
        "If it is refused, use `cut:` in the mapping. Look at the lead in Zoho: how many letters are there?",
        keys,
        {"Lead Email": lead.address, "Company Name": "x" * LONG},
    )
    yield _subscribe(
        "blank_value",
        "Does an empty value clear the one that is stored?",
        'Subscribe with Last Name ""',
        "Blank fields are left out unless a mapping says otherwise. Look at the lead in Zoho: is 'Test' still there?",
        keys,
        {"Lead Email": lead.address, "Last Name": ""},
    )


def _about_refusals(keys: Keys) -> Iterator[Question]:
    yield _subscribe(
        "bad_address",
        "With which HTTP status and code is an address refused?",
        "Subscribe with 'not-an-address'",
        "We expect 2004 and end with a dead letter, for this lead alone.",
        keys,
        {"Lead Email": "not-an-address"},
    )
    yield _subscribe(
        "unknown_list",
        "What does Subscribe answer for a list that is not there?",
        "Subscribe with a list key of zeros and 'not-an-address'",
        "We expect 2501 and hold the lane until somebody fixes it. Another code would refuse lead after lead.",
        zoho.Keys(list_key=UNKNOWN_KEY),
        {"Lead Email": "not-an-address"},
    )


def _about_journeys(lead: TrialLead, keys: Keys) -> Iterator[Question]:
    yield _trigger(
        "trigger",
        "Does Trigger Leads take its details in the body, and how soon after Subscribe?",
        f"Trigger with the test lead, details in the body; again after {WAITS} s while it is ignored",
        "We send the body. The wait it took is the least for a first retry of an ignored lead.",
        keys,
        (lead.address,),
        again_after=WAITS,
    )
    yield _trigger(
        "trigger_again",
        "Where does a lead stand that was in this journey before?",
        "the same Trigger once more",
        "`already_triggered` counts as done. If it enters twice, the journey allows re-entry.",
        keys,
        (lead.address,),
    )
    local, _, domain = lead.address.rpartition("@")
    others = tuple(f"{local}+no{number}@{domain}" for number in range(1, MOST))
    yield _trigger(
        "trigger_200",
        "Does a call with 200 addresses work, and are those that are not leads `ignored_leads`?",
        "Trigger with the test lead and 199 sub-addresses of it (+no1 to +no199) that are in no list",
        "If it is refused, tell us: our calls carry up to 200.",
        keys,
        (lead.address, *others),
    )
    yield _trigger(
        "trigger_in_url",
        "Does Trigger Leads take its details in the URL, as the documented sample has it?",
        "Trigger with the test lead, details in the URL",
        "If only this one is taken, the service finds that out by itself with its first call, and goes on so.",
        keys,
        (lead.address,),
        in_url=True,
    )
    yield _trigger(
        "unknown_journey",
        "What does Trigger Leads answer for a journey that is not there?",
        "Trigger with a journey key of zeros",
        "We expect 9002 and hold the lane.",
        zoho.Keys(list_key=keys.list_key, journey_key=UNKNOWN_KEY, trigger_key=keys.trigger_key),
        (lead.address,),
    )


def _subscribe(name: str, asks: str, how: str, matters: str, keys: Keys, info: Mapping[str, str]) -> Question:
    form = {"listkey": keys.list_key, "leadinfo": orjson.dumps(info).decode(), "resfmt": "JSON"}
    return Question(name=name, asks=asks, how=how, matters=matters, api="subscribe", form=form)


def _trigger(
    name: str,
    asks: str,
    how: str,
    matters: str,
    keys: Keys,
    addresses: tuple[str, ...],
    *,
    in_url: bool = False,
    again_after: tuple[int, ...] = (),
) -> Question:
    details = {"lead_email": ",".join(addresses), "triggerkey": keys.trigger_key, "listkey": keys.list_key}
    return Question(
        name=name,
        asks=asks,
        how=how,
        matters=matters,
        api="trigger",
        form={"details": orjson.dumps(details).decode()},
        journey_key=keys.journey_key,
        in_url=in_url,
        again_after=again_after,
    )


NOT_ASKED: Final[Mapping[str, tuple[str, str]]] = {
    "locked_api": (
        "What does a locked API answer (HTTP status, code, header)?",
        "it would have to be locked first: half an hour without it, for all. We take every known form for a lock",
    ),
    "whose_quota": (
        "Are calls counted for the whole organisation or for each token?",
        "only a lock would tell. We count for the account, and LEADBRIDGE_*_OTHERS leaves room for other programs",
    ),
    "hourly_quota": (
        "How many calls does code 2008 allow in an hour?",
        "the page that says it is not open to the public, and trying would use up the hour",
    ),
    "missing_scope": (
        "What does Zoho answer when a scope is missing?",
        "it takes a second client without the scope; INVALID_OAUTHSCOPE and 403 hold the lane",
    ),
    "expired_token": (
        "Does an expired token answer as a made-up one does?",
        "it takes an hour; `wrong_token` is the nearest to it",
    ),
    "role_address": (
        "Is info@ refused?",
        "somebody else may read that mailbox; we expect 2005 and end with a dead letter",
    ),
    "unsubscribed": (
        "What does Subscribe answer for a lead that unsubscribed, or that is on the do-not-mail list?",
        "nobody but a person can bring the lead there: do so by hand, then ask again with --lead-was unsubscribed",
    ),
    "other_hosts": (
        "Are the hosts of the other data centres right?",
        "an account lives in one, and a token is not to be shown to a host of another",
    ),
}
"""Questions that no program should ask an account that is in use: the question, and why it is left."""
