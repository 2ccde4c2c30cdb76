"""One sentence for every end a lead can come to."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from bridge.model import DeadReason, DeliveryState, EventState, Kind, OnDoubt, Priority, Target
from bridge.operations.leads import diagnosis
from bridge.operations.leads.diagnosis import Gate
from bridge.outbox.operator import AttemptStory, DeliveryStory, EventStory

AT = 1_763_717_400_000
SHOWN = "2025-11-21 09:30:00 UTC"
NOW = AT - 60_000
TRIGGER = Target(api="trigger", journey_name="Welcome")
SUBSCRIBE = Target(api="subscribe", list_name="Newsletter")
KEY = ("default", "trigger")


def attempt(result: str, *, outcome: str = "delivered", code: str = "", message: str = "") -> AttemptStory:
    return AttemptStory(
        call_id=1,
        started_at=AT,
        answered_at=AT,
        outcome=outcome,
        result=result,
        code=code,
        message=message,
        http_status=200,
        call_code="",
        call_message="",
    )


def delivery(state: DeliveryState = DeliveryState.PENDING, *attempts: AttemptStory, **changes: Any) -> DeliveryStory:
    values: dict[str, Any] = {
        "delivery_id": 1,
        "action_no": 1,
        "replay": 0,
        "target": TRIGGER,
        "lane_id": 1,
        "state": state,
        "priority": Priority.LIVE,
        "on_doubt": OnDoubt.RESEND,
        "lead": "ada@example.com",
        "received_at": NOW,
        "available_at": NOW,
        "first_try_at": None,
        "attempts_count": len(attempts),
        "ignored_count": 0,
        "call_id": None,
        "waits_for": None,
        "reason": None,
        "code": "",
        "ended_at": AT,
        "held_reason": "",
        "body": b"{}",
        "attempts": attempts,
    }
    return DeliveryStory(**(values | changes))


def event(*deliveries: DeliveryStory, state: EventState = EventState.ACCEPTED, **changes: Any) -> EventStory:
    values: dict[str, Any] = {
        "event_id": 1,
        "request_id": 1,
        "item": 0,
        "hook": "form",
        "received_at": NOW,
        "kind": Kind.SUBMISSION,
        "type": "",
        "state": state,
        "reason": "",
        "key": "id:1",
        "mapping_set_id": None,
        "lead": "ada@example.com",
        "notes": b"{}",
        "seen": 1,
        "seen_at": None,
        "sent_at": None,
        "deliveries": deliveries,
    }
    return EventStory(**(values | changes))


def said(delivery: DeliveryStory, gate: Gate | None = None) -> str:
    return diagnosis.of_delivery(delivery, {KEY: gate or Gate()}, now=NOW)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("no_consent", "there was no consent; `leadbridge explain form evt_1` shows what was looked for"),
        ("not_live", "its mapping was a draft (live: false); once it is live, a replay sends it"),
        ("reference", "the sender sent an id only, and nothing says how the rest is fetched"),
        ("forgotten", "the person asked to be forgotten, and was"),
    ],
)
def test_an_ignored_event_says_why(reason: str, words: str) -> None:
    ignored = event(state=EventState.IGNORED, reason=reason)
    assert diagnosis.of_event(ignored, now=NOW) == f"It was received and ignored: {words}."


def test_a_refused_event_names_its_problems() -> None:
    notes = orjson.dumps({"problems": [{"message": "the form has no question 'email'"}]})
    refused = event(state=EventState.REFUSED, reason="unknown_question", notes=notes)
    assert diagnosis.of_event(refused, now=NOW) == "It was received and refused: the form has no question 'email'."


def test_an_address_that_never_came_is_reported_with_near_spellings() -> None:
    reported = diagnosis.never_came("adq@example.com", ("ada@example.com",))
    assert reported == "adq@example.com: never came: no event of this address was received; is it ada@example.com?"


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("triggered", f"entered at {SHOWN}; look further in Zoho's journey report"),
        (
            "already_triggered",
            f"was in this journey before, Zoho said at {SHOWN}; it does not start it again",
        ),
        ("confirmation_sent", f"subscribed at {SHOWN}; Zoho sent the confirmation mail"),
    ],
)
def test_a_delivered_one_says_what_zoho_said(result: str, words: str) -> None:
    assert said(delivery(DeliveryState.DELIVERED, attempt(result))) == words


def test_one_sent_again_after_silence_says_that_it_may_be_double() -> None:
    reported = said(delivery(DeliveryState.DELIVERED, attempt("no_answer", outcome="doubt"), attempt("triggered")))
    assert reported.endswith("; sent again after 1 without an answer, so it may have arrived twice")


def test_what_waits_says_for_what_and_until_when() -> None:
    assert (
        said(delivery(), Gate(locked_until=AT))
        == f"waits for Zoho's lock of trigger until {SHOWN}, and goes on by itself"
    )
    assert said(delivery(), Gate(failures=3, breaker_until=AT)) == (
        f"waits for Zoho to answer again (3 failures in a row); probed at {SHOWN}"
    )
    assert said(delivery(), Gate(refused_token="no access token can be obtained: revoked")) == (
        "waits: no access token can be obtained: revoked"
    )
    assert said(delivery(), Gate(unserved="there is no such account")).startswith("waits: there is no such account; ")
    assert said(delivery(), Gate(calls=95, budget=95, frees_at=AT)) == (
        f"waits for the budget: 95 of 95 calls are used, the next is free at {SHOWN}"
    )
    assert said(delivery(priority=Priority.WAITING, available_at=AT)) == (
        "waits until the person is an active lead in Zoho: subscribed, and the confirmation clicked; the next try is "
        f"at {SHOWN}"
    )
    assert said(delivery()) == "waits for its turn"


def test_a_lock_that_is_over_holds_nobody_back() -> None:
    assert said(delivery(), Gate(locked_until=NOW - 1)) == "waits for its turn"


def test_a_held_one_says_why_and_a_full_plan_is_named() -> None:
    assert said(delivery(held_reason="the journey is inactive; activate it in Zoho")) == (
        "held: the journey is inactive; activate it in Zoho; it goes on by itself once that is fixed"
    )
    full = delivery(
        DeliveryState.PENDING, attempt("held", outcome="unsent", code="980"), held_reason="the plan's number is reached"
    )
    assert said(full).startswith("held: Zoho's plan is full: ")


def test_what_failed_says_what_zoho_said_and_doubt_is_called_doubt() -> None:
    failed = attempt("failed", outcome="retry", code="2010", message="try later")
    assert said(delivery(DeliveryState.PENDING, failed, available_at=AT)) == (
        f"failed (Zoho: 2010 try later); the next try is at {SHOWN}"
    )
    doubtful = attempt("no_answer", outcome="doubt", message="no answer in 30 s")
    assert said(delivery(DeliveryState.PENDING, doubtful, available_at=AT)).startswith("in doubt (Zoho: no answer")


def test_one_of_many_of_a_lead_waits_for_those_before_it() -> None:
    assert said(delivery(available_at=AT)) == "waits for an earlier one of this lead"


def test_what_was_given_up_says_why_and_do_not_mail_is_named() -> None:
    dnm = attempt("refused", outcome="refused", code="2006", message="Contact is marked do-not-mail")
    reported = said(delivery(DeliveryState.DEAD, dnm, reason=DeadReason.PERMANENT))
    assert reported.startswith(f"given up at {SHOWN}: the address is marked do-not-mail in Zoho")
    comma = attempt("kept_out", outcome="refused", message="it holds a comma")
    reported = said(delivery(DeliveryState.DEAD, comma, reason=DeadReason.ADDRESS))
    assert reported.endswith("Zoho takes no such address, so it was not sent: it holds a comma")
    doubt = said(delivery(DeliveryState.DEAD, reason=DeadReason.DOUBT))
    assert "a call got no answer, so it may have arrived" in doubt


def test_a_person_is_reported_by_the_newest_accepted_event_and_its_first_unfinished_action() -> None:
    subscribe = delivery(DeliveryState.DELIVERED, attempt("subscribed"), target=SUBSCRIBE)
    blocked = delivery(DeliveryState.BLOCKED, delivery_id=2, action_no=2)
    ignored = event(state=EventState.IGNORED, reason="kind_not_accepted")
    reported = diagnosis.of_lead("ada@example.com", (ignored, event(subscribe, blocked)), {}, now=NOW)
    assert reported == "ada@example.com: Trigger 'Welcome': waits for the action before it."
    entered = delivery(DeliveryState.DELIVERED, attempt("triggered"), delivery_id=2, action_no=2)
    reported = diagnosis.of_lead("ada@example.com", (event(subscribe, entered),), {}, now=NOW)
    assert reported == f"ada@example.com: Trigger 'Welcome': entered at {SHOWN}; look further in Zoho's journey report."


def test_the_person_is_off_the_list_whatever_tag_went_last() -> None:
    def done(api: str, **target: Any) -> DeliveryStory:
        return delivery(DeliveryState.DELIVERED, attempt("delivered"), target=Target(api=api, **target))

    left = event(done("unsubscribe", list_name="Newsletter"), done("untag", tag="VIP"))
    came = event(done("subscribe", list_name="Newsletter"), done("tag", tag="VIP"))
    tagged = event(done("tag", tag="VIP"))
    silent = event(done("do_not_mail"), done("unsubscribe", list_name="Newsletter"))
    for events, first in (
        ((left, came), "Unsubscribe from 'Newsletter'"),
        ((tagged, left, came), "Unsubscribe from 'Newsletter'"),
        ((came, left), "Subscribe to 'Newsletter'"),
        ((tagged, came, silent), "Move to do-not-mail"),
        ((tagged,), "Tag as 'VIP'"),
    ):
        said = diagnosis.of_lead("ada@example.com", events, {}, now=NOW)
        assert said.startswith(f"ada@example.com: {first}"), said


def test_after_a_replay_the_replay_counts() -> None:
    dead = delivery(DeliveryState.DEAD, reason=DeadReason.CANCELLED)
    again = delivery(DeliveryState.DELIVERED, attempt("triggered"), delivery_id=2, replay=1)
    assert diagnosis.of_lead("evt_1", (event(dead, again),), {}, now=NOW).startswith(
        "evt_1: Trigger 'Welcome': entered"
    )


def test_with_nothing_accepted_the_newest_event_counts() -> None:
    ignored = event(state=EventState.IGNORED, reason="no_consent")
    reported = diagnosis.of_lead("ada@example.com", (ignored,), {}, now=NOW)
    assert reported.startswith(
        "ada@example.com: It was received and ignored: there was no consent; `leadbridge explain"
    )
