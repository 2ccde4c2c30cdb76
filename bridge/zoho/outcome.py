"""Reading an answer: what it means for every lead of the call, and for the lane and the API. Pure.

Nothing counts as delivered unless the body says so: HTTP 200 with an error inside is normal for these APIs
(https://github.com/api-evangelist/zoho-campaigns).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.address import normalised
from bridge.model import Effect, Outcome, OutcomeStatus, Response
from bridge.zoho.answers import GENERIC_CODES, Envelope, Format
from bridge.zoho.code_meaning import Judgement
from bridge.zoho.codes import SCOPE, code_of, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.model import ClaimedDelivery
    from bridge.zoho.code_meaning import Code

    _Success = Callable[[Envelope, Sequence[ClaimedDelivery]], tuple[Outcome, ...]]

_TOO_LONG = frozenset({413, 414, 431})
"""A body, a URL or a header that is longer than a server takes (https://www.rfc-editor.org/rfc/rfc9110#section-15.5)."""

_CLOSED: dict[Judgement, tuple[Effect, str]] = {
    Judgement.LOCK: (Effect.LOCK, "locked"),
    Judgement.TOKEN: (Effect.TOKEN, "token_refused"),
    Judgement.LANE: (Effect.HOLD, "held"),
    Judgement.OUTAGE: (Effect.OUTAGE, "api_failed"),
}
"""Answers in which no lead had a part."""

_BLAMING = frozenset({Judgement.SUCCESS, Judgement.LEAD, Judgement.AWAIT, Judgement.ONCE, Judgement.RETRY})
"""What codes mean that are about a lead, or about nothing in particular."""

_SO_ALREADY: dict[str, str] = {
    "unsubscribe": "not_in_list",
    "do_not_mail": "already_do_not_mail",
    "tag": "already_tagged",
    "untag": "not_tagged",
}
"""The result of an error that says: what we wanted is so already. Of the other APIs it is `already_in_list`."""


def read_subscribe(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    """The outcomes of a Subscribe call: `confirmation_sent`, `already_in_list` or `subscribed` when it worked.

    The three are distinguished by the English message, the only place where Zoho says it, so they are for people only:
    https://zoho.com/marketingautomation/help/developers/lead-subscribe.html
    """
    return _read("subscribe", envelope, deliveries, _subscribed)


def read_add_leads(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    """The outcomes of Add Leads in Bulk: `added` for all when it worked. Zoho names no address that it dropped.

    https://zoho.com/marketingautomation/help/developers/add-contacts-existing-list.html
    """
    return _read("add_leads", envelope, deliveries, _all("added"))


def read_trigger(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    """The outcomes of a Trigger Leads call: `triggered`, `already_triggered`, `ignored`, or `unknown` if not named.

    A success in which nobody was triggered is the documented sample:
    https://zoho.com/marketingautomation/help/developers/trigger-leads.html
    """
    return _read("trigger", envelope, deliveries, _triggered)


def read_unsubscribe(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    """The outcome of an Unsubscribe call: `unsubscribed` when it worked.

    https://zoho.com/marketingautomation/help/developers/lead-unsubscribe.html
    """
    return _read("unsubscribe", envelope, deliveries, _all("unsubscribed"))


def read_do_not_mail(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    """The outcome of a Move to Do-Not-Mail call: `do_not_mail`, or `already_do_not_mail`.

    Its code 0 has two meanings: the call worked, and (in its table of errors) the lead was there before:
    https://zoho.com/marketingautomation/help/developers/v1/move-to-do-not-mail.html
    """
    is_known = "already" in envelope.message.lower()
    return _read("do_not_mail", envelope, deliveries, _all("already_do_not_mail" if is_known else "do_not_mail"))


def read_tag(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    """The outcome of an Assign Tag call: `tagged`, or `not_found` for a lead that is not active (yet).

    https://zoho.com/marketingautomation/help/developers/assign-lead-tags.html
    """
    return _read("tag", envelope, deliveries, _all("tagged"))


def read_untag(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
    """The outcome of a Remove Tag call: `untagged` when it worked.

    https://zoho.com/marketingautomation/help/developers/v1/untag-leads.html
    """
    return _read("untag", envelope, deliveries, _all("untagged"))


def reader(api: str) -> Callable[[Envelope, Sequence[ClaimedDelivery]], Response]:
    """A reader for a call that carries no leads: it gives the effect, the code and the message."""

    def read(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> Response:
        return _read(api, envelope, deliveries, _all("done"))

    return read


def unanswered(deliveries: Sequence[ClaimedDelivery], *, sent: bool, message: str) -> Response:
    """What a call without a whole answer means: in doubt when it was sent, otherwise nothing has happened."""
    if sent:
        outcome = Outcome(status=OutcomeStatus.DOUBT, result="no_answer", message=message)
    else:
        outcome = Outcome(status=OutcomeStatus.UNSENT, result="no_connection", message=message)
    return Response(effect=Effect.OUTAGE, outcomes=(outcome,) * len(deliveries), message=message)


def judge(api: str, envelope: Envelope) -> Judgement:
    """What an answer of this API asks us to do."""
    if envelope.succeeded:
        return Judgement.SUCCESS
    if _is_lock(api, envelope):
        return Judgement.LOCK
    known = _known(api, envelope)
    if known is not None and known.judgement is not Judgement.SUCCESS:
        return _unless_unauthorised(envelope, known.judgement)
    return _by_status(envelope)


def lacks_scope(api: str, envelope: Envelope) -> bool:
    """Whether an answer says that the token has no scope for this API."""
    known = _known(api, envelope)
    return known is not None and known.description == SCOPE


def sentence(api: str, envelope: Envelope) -> str:
    """What an answer says, for people: our meaning of its code, then Zoho's own words."""
    known = _known(api, envelope)
    if envelope.succeeded:
        return envelope.message
    if known is None and envelope.message:
        return envelope.message if envelope.code in GENERIC_CODES else f"{envelope.message} (code {envelope.code})"
    if known is None or known.judgement is Judgement.SUCCESS:
        return envelope.message or _unexplained(envelope)
    return f"{known.description} (Zoho: {envelope.message})" if envelope.message else known.description


def _known(api: str, envelope: Envelope) -> Code | None:
    """What an answer's code means; a message that speaks of the token goes before a code that blames a lead."""
    known = code_of(api, envelope.code)
    is_open = known is None or known.judgement in _BLAMING or envelope.code in GENERIC_CODES
    return (said_by(envelope.message) or known) if is_open and not envelope.succeeded else known


def _unexplained(envelope: Envelope) -> str:
    if envelope.code:
        return f"Zoho answered the code {envelope.code} without a message; it is not documented"
    if envelope.http_status in _TOO_LONG:
        return f"HTTP {envelope.http_status}: the call is longer than Zoho takes"
    return f"HTTP {envelope.http_status} without an answer that can be read"


def _read(api: str, envelope: Envelope, deliveries: Sequence[ClaimedDelivery], success: _Success) -> Response:
    judgement = judge(api, envelope)
    effect = Effect.NONE
    outcomes: tuple[Outcome, ...]
    message = sentence(api, envelope)
    if judgement is Judgement.SUCCESS:
        outcomes = success(envelope, deliveries)
    elif judgement in _CLOSED:
        effect, result = _CLOSED[judgement]
        outcomes = (_outcome(OutcomeStatus.UNSENT, result, envelope, message),) * len(deliveries)
    elif len(deliveries) > 1 and judgement not in (Judgement.RETRY, Judgement.DONE, Judgement.EMPTY):
        effect = Effect.SPLIT
        outcomes = (_outcome(OutcomeStatus.UNSENT, "split", envelope, message),) * len(deliveries)
    else:
        outcomes = tuple(_alone(api, judgement, envelope, delivery, message) for delivery in deliveries)
    return Response(
        effect=effect,
        outcomes=outcomes,
        http_status=envelope.http_status,
        code=envelope.code,
        message=envelope.message if effect is Effect.NONE else message,
        retry_after_ms=envelope.retry_after_ms,
    )


def _alone(api: str, judgement: Judgement, envelope: Envelope, delivery: ClaimedDelivery, message: str) -> Outcome:
    match judgement:
        case Judgement.DONE:
            return _outcome(OutcomeStatus.DELIVERED, _SO_ALREADY.get(api, "already_in_list"), envelope, message)
        case Judgement.AWAIT:
            return _outcome(OutcomeStatus.IGNORED, "not_found", envelope, message)
        case Judgement.LEAD:
            return _outcome(OutcomeStatus.REFUSED, "refused", envelope, message)
        case Judgement.ONCE if delivery.attempts > 0:
            return _outcome(OutcomeStatus.REFUSED, "refused", envelope, message)
        case _:
            return _outcome(OutcomeStatus.RETRY, "failed", envelope, message)


def _subscribed(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> tuple[Outcome, ...]:
    message = envelope.message.lower()
    result = "subscribed"
    if "confirm" in message:
        result = "confirmation_sent"
    elif "already" in message:
        result = "already_in_list"
    return (_outcome(OutcomeStatus.DELIVERED, result, envelope, envelope.message),) * len(deliveries)


def _all(result: str) -> _Success:
    """Of a success that says the same of every lead."""

    def delivered(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> tuple[Outcome, ...]:
        return (_outcome(OutcomeStatus.DELIVERED, result, envelope, envelope.message),) * len(deliveries)

    return delivered


def _triggered(envelope: Envelope, deliveries: Sequence[ClaimedDelivery]) -> tuple[Outcome, ...]:
    named = named_leads(envelope)
    return tuple(_triggered_one(envelope, named, normalised(delivery.lead)) for delivery in deliveries)


def _triggered_one(envelope: Envelope, named: dict[str, frozenset[str]], lead: str) -> Outcome:
    if lead in named["triggered_leads"]:
        return _outcome(OutcomeStatus.DELIVERED, "triggered", envelope, envelope.message)
    if lead in named["already_triggered"]:
        return _outcome(OutcomeStatus.DELIVERED, "already_triggered", envelope, envelope.message)
    if lead in named["ignored_leads"]:
        return _outcome(OutcomeStatus.IGNORED, "ignored", envelope, envelope.message)
    return _outcome(OutcomeStatus.RETRY, "unknown", envelope, "Zoho's answer does not name this lead")


def named_leads(envelope: Envelope) -> dict[str, frozenset[str]]:
    """The addresses, normalised, in each of the three lists of a Trigger Leads answer, by the list's name."""
    places = ("triggered_leads", "already_triggered", "ignored_leads")
    return {place: _addresses(envelope.data.get(place)) for place in places}


def _addresses(value: Any) -> frozenset[str]:
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(normalised(part) for part in parts if isinstance(part, str) and part.strip())


def _is_lock(api: str, envelope: Envelope) -> bool:
    """Zoho publishes no answer of a locked API, so every form seen in its products is taken for one.

    https://help.zoho.com/portal/de/community/topic/zoho-cliq-api-rate-limit
    https://help.zoho.com/portal/en/community/topic/getting-url-rolling-throttles-limit-exceeded-for-some-requests
    """
    known = code_of(api, envelope.code)
    if envelope.http_status == 429 or (known is not None and known.judgement is Judgement.LOCK):
        return True
    text = f"{envelope.code} {envelope.message}".lower().replace("_", " ")
    if "throttles limit" in text:
        return True
    return (known is None or envelope.code in GENERIC_CODES) and (
        "limit exceeded" in text or "too many requests" in text
    )


def _unless_unauthorised(envelope: Envelope, judgement: Judgement) -> Judgement:
    """HTTP 401 is about the token, except where the code says that the token is good and its rights are not."""
    return judgement if envelope.http_status != 401 or judgement is Judgement.LANE else Judgement.TOKEN


def _by_status(envelope: Envelope) -> Judgement:
    if envelope.http_status == 401:
        return Judgement.TOKEN
    if envelope.http_status in _TOO_LONG:
        return Judgement.LEAD
    if envelope.http_status >= 500 or envelope.format is Format.OTHER or 300 <= envelope.http_status < 400:
        return Judgement.OUTAGE
    if envelope.http_status in (403, 404):
        return Judgement.LANE
    return Judgement.UNKNOWN


def _outcome(status: OutcomeStatus, result: str, envelope: Envelope, message: str) -> Outcome:
    return Outcome(status=status, result=result, code=envelope.code, message=message[:500])
