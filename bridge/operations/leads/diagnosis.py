"""One sentence on where a lead stands, from its story and from what keeps its API or lane back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from bridge.hooks.accounts import unknown_account
from bridge.model import DeadReason, DeliveryState, EventState, Priority, allowed_calls, event_name
from bridge.operations.wording import counted, shown_time

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bridge.model import Target
    from bridge.outbox.operator import ApiStatus, AttemptStory, DeliveryStory, EventStory
    from bridge.outbox.registry import StoredToken

PLAN_FULL: Final = frozenset({"980", "2302"})
DO_NOT_MAIL: Final = frozenset({"2006"})
"""Zoho's codes that make an end of their own: https://zoho.com/marketingautomation/help/developers/error-codes.html"""

_DEAD: Final = {
    DeadReason.PERMANENT: "Zoho refused it for good",
    DeadReason.EXHAUSTED: "it failed for 72 hours",
    DeadReason.CANCELLED: "it was cancelled",
    DeadReason.UNCONFIRMED: "the person did not become an active lead: not subscribed, or the confirmation not clicked",
    DeadReason.PREREQUISITE: "an earlier action of the same event was given up",
    DeadReason.ADDRESS: "Zoho takes no such address, so it was not sent",
    DeadReason.WITHDRAWN: "the person withdrew after it, so it was not sent",
    DeadReason.OVERTAKEN: "a newer state of the person was sent or waits; Replay sends it yet where overtaken events "
    "are allowed, a box on its page (in a shell `leadbridge replay --overtaken`)",
    DeadReason.DOUBT: "a call got no answer, so it may have arrived; a person decides (`retry` or `cancel`)",
}

_DONE: Final = {
    "triggered": "entered at {at}; look further in Zoho's journey report",
    "already_triggered": "was in this journey before, Zoho said at {at}; it does not start it again",
    "subscribed": "subscribed at {at}",
    "confirmation_sent": "subscribed at {at}; Zoho sent the confirmation mail",
    "already_in_list": "was in the list before, its fields were updated at {at}",
    "unsubscribed": "unsubscribed at {at}",
    "not_in_list": "was not in the list, Zoho said at {at}",
    "do_not_mail": "moved to do-not-mail at {at}",
    "already_do_not_mail": "was in do-not-mail before, Zoho said at {at}",
    "tagged": "tagged at {at}",
    "untagged": "the tag was removed at {at}",
    "not_tagged": "had no tag to lose as an active lead, Zoho said at {at}",
    "unchanged": "not sent at {at}: Zoho has just the same already",
}

_IGNORED: Final = {
    "no_consent": "there was no consent",
    "not_live": "its mapping was a draft (live: false); once it is live, a replay sends it",
    "kind_not_accepted": "it is of a kind that the mapping does not accept",
    "reference": "the sender sent an id only, and nothing says how the rest is fetched",
    "when": "the mapping's `when` says no",
    "no_action": "no action of the mapping applies",
    "dismissed": "it was refused, and a person dismissed it",
    "forgotten": "the person asked to be forgotten, and was",
}

_BY_THE_MAPPING: Final = frozenset({"no_consent", "kind_not_accepted", "when", "no_action"})
"""Reasons that the mapping gave, so that it can be asked about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What keeps an API back at `now`: its lock, its breaker, its budget. `calls` of `budget` are used.

    `unserved` says why nobody calls it at all, `refused_token` why no token can be obtained for it, and what ends that.
    """

    locked_until: int | None = None
    breaker_until: int | None = None
    failures: int = 0
    calls: int = 0
    budget: int | None = None
    frees_at: int | None = None
    unserved: str = ""
    refused_token: str = ""


Gates = dict[tuple[str, str], Gate]
"""By account and API."""


def gates(
    apis: Sequence[ApiStatus],
    budgets: Mapping[str, int],
    accounts: Collection[str],
    tokens: Mapping[str, StoredToken | None],
    *,
    now: int,
) -> Gates:
    """The gates of all APIs. `budgets` are the calls allowed by API; what a lock has taught lowers them.

    Nobody delivers for an account that is not among `accounts`, those of the settings, or whose token is refused.
    """
    refused = {
        account: f"no access token can be obtained: {token.failure}; {_AGAIN[token.failure_permanent]}"
        for account, token in tokens.items()
        if token is not None and token.failure and token.expires_at <= now
    }
    return {
        (api.account, api.api): _gate(api, budgets.get(api.api), accounts, refused.get(api.account, "")) for api in apis
    }


_AGAIN: Final = {
    True: "who runs this service authorises it again in a shell: `leadbridge auth`",
    False: "it is tried again by itself",
}


def _gate(api: ApiStatus, budget: int | None, accounts: Collection[str], refused_token: str) -> Gate:
    unknown = unknown_account(api.account, accounts)
    return Gate(
        refused_token=refused_token,
        unserved=unknown.message if unknown is not None else "",
        locked_until=api.locked_until,
        breaker_until=api.breaker_until,
        failures=api.breaker_failures,
        calls=api.calls_counted,
        budget=allowed_calls(budget, api.learned_budget) if budget is not None else None,
        frees_at=api.frees_at,
    )


_WEIGHT: Final = {"do_not_mail": 2, "tag": 0, "untag": 0}
"""What says most about whether a person gets mail."""


def of_lead(who: str, events: Sequence[EventStory], gates: Gates, *, now: int) -> str:
    """One sentence for a person with events (newest first): where the person is now.

    That is what the newest accepted event still waits for; where all of it was done, the newest of what says whether
    mail is sent (do-not-mail before lists and journeys), and a tag only where there is nothing else.
    """
    accepted = [one for one in events if one.state is EventState.ACCEPTED and one.deliveries]
    if not accepted:
        return f"{who}: {of_event(events[0], gates, now=now)}"
    delivery = decisive(accepted[0])
    if delivery.state is DeliveryState.DELIVERED:
        done = [one for event in accepted for one in reversed(event.deliveries) if one.state is DeliveryState.DELIVERED]
        delivery = max(done, key=lambda one: _WEIGHT.get(one.target.api, 1))  # of equals the first, which is the newest
    return f"{who}: {goal(delivery.target)}: {of_delivery(delivery, gates, now=now)}."


def decisive(event: EventStory) -> DeliveryStory:
    """The delivery that says where the event stands: the first that has not arrived, else the last."""
    newest = max(delivery.replay for delivery in event.deliveries)
    deliveries = [delivery for delivery in event.deliveries if delivery.replay == newest]
    waiting = [one for one in deliveries if one.state is not DeliveryState.DELIVERED]
    return waiting[0] if waiting else deliveries[-1]


def of_event(event: EventStory, gates: Gates | None = None, *, now: int) -> str:
    """Where an event stands: what became of it and, if it became deliveries, where those are."""
    match event.state:
        case EventState.IGNORED:
            return f"It was received and ignored: {_IGNORED.get(event.reason, event.reason)}{where_looked(event)}."
        case EventState.REFUSED:
            return f"It was received and refused: {_problems(event) or event.reason}."
        case EventState.FETCHING:
            return f"It was received and waits for its answers to be fetched from the sender{_fetch_error(event)}."
        case EventState.ACCEPTED:
            return " ".join(f"{goal(one.target)}: {of_delivery(one, gates, now=now)}." for one in event.deliveries)


def where_looked(event: EventStory) -> str:
    """How the sentence of an event that the mapping ignored ends: the command that shows why; "" for any other."""
    if event.reason not in _BY_THE_MAPPING:
        return ""
    return f"; `leadbridge explain {event.hook} {event_name(event.event_id)}` shows what was looked for"


def goal(target: Target) -> str:
    """What a delivery to this target is to do, in words."""
    mailing_list = repr(target.list_name or target.list_key)
    words = {
        "trigger": f"Trigger {target.journey_name or target.journey_key!r}",
        "unsubscribe": f"Unsubscribe from {mailing_list}",
        "do_not_mail": "Move to do-not-mail",
        "tag": f"Tag as {target.tag!r}",
        "untag": f"Remove the tag {target.tag!r}",
    }
    return words.get(target.api, f"Subscribe to {mailing_list}")


def of_delivery(delivery: DeliveryStory, gates: Gates | None = None, *, now: int) -> str:
    """Where a delivery stands, and until when."""
    match delivery.state:
        case DeliveryState.DELIVERED:
            return _done(delivery)
        case DeliveryState.DEAD:
            return f"given up at {shown_time(delivery.ended_at)}: {_death(delivery)}"
        case DeliveryState.BLOCKED:
            return "waits for the action before it"
        case DeliveryState.CLAIMED:
            return "a call is in flight"
        case DeliveryState.PENDING:
            gate = (gates or {}).get((delivery.target.account, delivery.target.api), Gate())
            return _waiting(delivery, gate, now=now)


def never_came(who: str, near: Sequence[str]) -> str:
    """The sentence for an address that no event ever brought."""
    hint = f"; is it {' or '.join(near)}?" if near else "; look at the hooks below, and at the sender's own log"
    return f"{who}: never came: no event of this address was received{hint}"


def _done(delivery: DeliveryStory) -> str:
    last = _last(delivery)
    result = last.result if last else "unchanged"
    message = _DONE.get(result, f"{result.replace('_', ' ')} at {{at}}").format(at=shown_time(delivery.ended_at))
    doubtful = sum(attempt.outcome == "doubt" for attempt in delivery.attempts)
    again = f"; sent again after {doubtful} without an answer, so it may have arrived twice" if doubtful else ""
    return message + again


def _death(delivery: DeliveryStory) -> str:
    last = _last(delivery)
    if delivery.reason is DeadReason.ADDRESS and last is not None:
        return f"{_DEAD[DeadReason.ADDRESS]}: {last.message}"
    if last is not None and last.code in DO_NOT_MAIL:
        return f"the address is marked do-not-mail in Zoho: nobody may write to it{_zoho_says(last)}"
    return (_DEAD[delivery.reason] if delivery.reason else "it was given up") + _zoho_says(last)


def _waiting(delivery: DeliveryStory, gate: Gate, *, now: int) -> str:
    last = _last(delivery)
    if gate.unserved:
        return f"waits: {gate.unserved}; it goes on once the account is there"
    if gate.refused_token:
        return f"waits: {gate.refused_token}"
    if delivery.held_reason:
        plan = "Zoho's plan is full: " if last is not None and last.code in PLAN_FULL else ""
        return f"held: {plan}{delivery.held_reason}; it goes on by itself once that is fixed"
    if (gate.locked_until or 0) > now:
        until = shown_time(gate.locked_until)
        return f"waits for Zoho's lock of {delivery.target.api} until {until}, and goes on by itself"
    if delivery.priority is Priority.WAITING:
        return (
            "waits until the person is an active lead in Zoho: subscribed, and the confirmation clicked; "
            f"the next try is at {shown_time(delivery.available_at)}"
        )
    if gate.failures:
        failures = counted(gate.failures, "failure")
        return f"waits for Zoho to answer again ({failures} in a row); probed at {shown_time(gate.breaker_until)}"
    if delivery.available_at > now and last is None:
        return "waits for an earlier one of this lead"
    if delivery.available_at > now:
        doubt = "in doubt" if last is not None and last.outcome == "doubt" else "failed"
        return f"{doubt}{_zoho_says(last)}; the next try is at {shown_time(delivery.available_at)}"
    if gate.budget is not None and gate.calls >= gate.budget:
        return (
            f"waits for the budget: {gate.calls} of {gate.budget} calls are used, the next is free at "
            f"{shown_time(gate.frees_at)}"
        )
    return "waits for its turn"


def _last(delivery: DeliveryStory) -> AttemptStory | None:
    return delivery.attempts[-1] if delivery.attempts else None


def _zoho_says(last: AttemptStory | None) -> str:
    if last is None or not (last.code or last.message):
        return ""
    said = " ".join(part for part in (last.code, last.message) if part)
    return f" ({said})" if "(Zoho: " in said else f" (Zoho: {said})"


def _fetch_error(event: EventStory) -> str:
    found = orjson.loads(event.notes or b"{}").get("warnings", [])
    return "".join(f"; {warning['message']}" for warning in found if warning["code"] == "fetch_failed")


def _problems(event: EventStory) -> str:
    found = orjson.loads(event.notes or b"{}").get("problems", [])
    return "; ".join(str(problem["message"]) for problem in found)
