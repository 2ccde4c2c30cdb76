"""What becomes of a lead when Zoho answers as it does on other days: the same on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from bridge.model import DeadReason, Priority, Target
from bridge.outbox import operator, queue, registry

if TYPE_CHECKING:
    from tests.contract.delivery.conftest import Journey

BOTH = "  - subscribe: {list: Newsletter}\n  - trigger: {journey: Welcome}\n"
CONFIRMED_FIRST = "  - subscribe: {list: Webinar}\n  - trigger: {journey: Welcome}\n"
SUBSCRIBE = "  - subscribe: {list: Newsletter}\n"


def test_a_lead_is_subscribed_with_its_fields_and_then_triggered(journey: Journey) -> None:
    journey.receive(BOTH, "Ada@example.com")
    journey.deliver()
    assert journey.states() == ["delivered", "delivered"]
    assert journey.results() == [["subscribed"], ["triggered"]]
    zoho = journey.zoho()
    assert zoho["leads"]["Newsletter"]["ada@example.com"]["fields"]["First Name"] == "Ada"
    assert zoho["journeys"]["Welcome"] == {"ada@example.com": 1}


def test_a_lead_that_must_confirm_first_is_triggered_once_it_has(journey: Journey) -> None:
    journey.receive(CONFIRMED_FIRST, "ada@example.com")
    journey.deliver()
    assert journey.states() == ["delivered", "pending"]
    assert journey.results() == [["confirmation_sent"], ["ignored"]]
    assert journey.deliveries()[1].priority is Priority.WAITING
    journey.confirm("ada@example.com")
    journey.deliver()
    assert journey.calls("trigger") == 1, "it waits for the next place on the grid"
    journey.clock.pass_seconds(10)
    journey.deliver()
    assert journey.states() == ["delivered", "delivered"]
    assert journey.zoho()["journeys"]["Welcome"] == {"ada@example.com": 1}


def test_leads_of_one_webhook_share_their_trigger_call(journey: Journey) -> None:
    journey.receive("  - trigger: {journey: Reminder, list: Newsletter}\n", *(f"l{n}@example.com" for n in range(30)))
    journey.deliver()
    (call,) = [call for call in journey.zoho()["calls"] if call["api"] == "trigger"]
    assert len(call["leads"]) == 30


def test_a_token_that_ended_is_renewed_and_the_call_repeated_once(journey: Journey) -> None:
    journey.fault(kind="token", api="subscribe", count=1)
    journey.receive(SUBSCRIBE, "ada@example.com")
    journey.deliver()
    assert journey.states() == ["delivered"]
    assert (journey.calls("subscribe"), journey.calls("oauth")) == (2, 2)
    assert journey.deliveries()[0].attempts_count == 1, "the refused call was no attempt of the lead"


def test_eight_leads_whose_token_is_refused_by_a_word_in_an_http_200_lose_no_attempt(journey: Journey) -> None:
    leads = [f"lead{number}@example.com" for number in range(8)]
    journey.fault(kind="error", code="AUTHENTICATION_FAILURE", api="trigger", count=1)
    journey.receive(BOTH, *leads)
    journey.deliver()
    assert [journey.states(lead) for lead in leads] == [["delivered", "delivered"]] * 8
    assert journey.calls("oauth") == 2, "the token was refreshed once"
    assert {one.attempts_count for lead in leads for one in journey.deliveries(lead)} == {1}


def test_a_lock_closes_its_api_only_and_is_not_polled(journey: Journey) -> None:
    journey.fault(kind="lock", api="trigger", count=1)
    journey.receive(BOTH, "ada@example.com")
    journey.deliver()
    assert journey.states() == ["delivered", "pending"]
    (trigger,) = [api for api in operator.status(journey.store).apis if api.api == "trigger"]
    assert trigger.locked_until is not None
    assert trigger.locked_until >= journey.store.now() + 25_000
    journey.receive(SUBSCRIBE, "grace@example.com")
    for _ in range(3):
        journey.clock.pass_seconds(8)
        journey.deliver()
    assert journey.states("grace@example.com") == ["delivered"]
    assert journey.calls("trigger") == 1
    journey.clock.pass_seconds(8)
    journey.deliver()
    assert journey.states() == ["delivered", "delivered"]
    assert journey.zoho()["lockouts"] == 0


def test_an_inactive_journey_holds_its_lane_until_it_is_active_again(journey: Journey) -> None:
    journey.fault(kind="journey_inactive")
    journey.receive(BOTH, "ada@example.com", "grace@example.com")
    journey.deliver()
    assert journey.states("grace@example.com") == ["delivered", "pending"]
    assert "inactive" in journey.deliveries()[1].held_reason
    calls = journey.calls("trigger")
    journey.deliver()
    assert journey.calls("trigger") == calls, "a held lane is only probed"
    journey.clock.pass_seconds(301)
    journey.deliver()
    assert (journey.calls("trigger"), journey.states()) == (calls + 1, ["delivered", "pending"])
    journey.fix()
    journey.clock.pass_seconds(601)
    journey.deliver()
    assert journey.states() == journey.states("grace@example.com") == ["delivered", "delivered"]
    assert journey.deliveries()[1].held_reason == ""


def test_a_call_that_was_cut_off_is_sent_again(journey: Journey) -> None:
    journey.fault(kind="cut", api="trigger", count=1)
    journey.receive(BOTH, "ada@example.com")
    journey.deliver()
    assert journey.states() == ["delivered", "pending"]
    journey.clock.pass_seconds(15)
    journey.deliver()
    assert journey.states() == ["delivered", "delivered"]
    assert journey.results()[1] == ["no_answer", "already_triggered"]
    assert journey.zoho()["journeys"]["Welcome"] == {"ada@example.com": 1}


def test_a_call_that_was_cut_off_waits_for_a_person_where_the_mapping_says_so(journey: Journey) -> None:
    journey.fault(kind="cut", api="trigger", count=1)
    journey.receive(BOTH.replace("Welcome}", "Welcome, on_doubt: hold}"), "ada@example.com")
    journey.deliver()
    journey.clock.pass_seconds(3600)
    journey.deliver()
    assert journey.states() == ["delivered", "dead"]
    assert journey.deliveries()[1].reason is DeadReason.DOUBT
    assert journey.calls("trigger") == 1


def test_an_unknown_list_holds_the_lane_and_names_the_closest_one(journey: Journey) -> None:
    journey.receive(SUBSCRIBE.replace("Newsletter", "Newslettr"), "ada@example.com")
    journey.deliver()
    assert journey.states() == ["pending"]
    assert "'Newslettr'" in journey.deliveries()[0].held_reason
    assert "'Newsletter'" in journey.deliveries()[0].held_reason
    assert journey.calls("subscribe") == 0


def test_a_lead_that_zoho_refuses_for_good_does_not_stop_its_neighbours(journey: Journey) -> None:
    journey.receive(BOTH, "abuse@example.com", "ada@example.com")
    journey.deliver()
    assert journey.states("abuse@example.com") == ["dead", "dead"]
    refused, dependent = journey.deliveries("abuse@example.com")
    assert (refused.reason, refused.code) == (DeadReason.PERMANENT, "2005")
    assert dependent.reason is DeadReason.PREREQUISITE
    assert journey.states() == ["delivered", "delivered"]


def test_an_outage_counts_no_attempt_and_ends_by_itself(journey: Journey) -> None:
    journey.fault(kind="html", api="subscribe", count=2)
    journey.receive(SUBSCRIBE, "ada@example.com")
    journey.deliver()
    for _ in range(2):
        journey.clock.pass_seconds(60)
        journey.deliver()
    assert journey.states() == ["delivered"]
    assert journey.deliveries()[0].attempts_count == 1
    (subscribe,) = [api for api in operator.status(journey.store).apis if api.api == "subscribe"]
    assert subscribe.breaker_failures == 0


def test_the_account_is_read_once_and_kept_in_the_outbox(journey: Journey) -> None:
    journey.receive(SUBSCRIBE, "ada@example.com")
    journey.deliver()
    journey.receive(SUBSCRIBE, "grace@example.com")
    journey.deliver()
    assert (journey.calls("lists"), journey.calls("journeys"), journey.calls("oauth")) == (1, 1, 1)
    snapshot = registry.snapshot(journey.store, "default")
    assert snapshot is not None
    assert "Newsletter" in str(orjson.loads(snapshot))


def test_an_address_that_zoho_would_refuse_never_enters_a_call_even_if_stored(journey: Journey) -> None:
    faults = {"ada,alan@example.com": "comma", "no-at.example.com": "@", f"{'a' * 300}@example.com": "longer"}
    trigger = Target(api="trigger", list_name="Newsletter", journey_name="Reminder")
    subscribe = Target(api="subscribe", list_name="Newsletter")
    journey.store_as_it_is(trigger, b'{"lead_email":"%s"}', "good@example.com", *faults)
    journey.store_as_it_is(subscribe, b'{"Lead Email":"%s"}', "only,bad@example.com")
    journey.deliver()
    (call,) = [call for call in journey.zoho()["calls"] if call["api"] == "trigger"]
    assert call["leads"] == ["good@example.com"]
    assert journey.calls("subscribe") == 0
    for lead, word in (faults | {"only,bad@example.com": "comma"}).items():
        (dead,) = journey.deliveries(lead)
        assert dead.reason is DeadReason.ADDRESS
        assert word in dead.attempts[-1].message
        assert (dead.attempts[-1].result, dead.attempts_count) == ("kept_out", 0)


def test_a_deliverer_paused_between_claim_and_call_sends_nothing_and_the_call_stays_counted(journey: Journey) -> None:
    journey.receive(SUBSCRIBE, "ada@example.com")
    journey.deliver_paused(seconds=6)
    assert journey.calls("subscribe") == 0
    (slot,) = queue.ledger(journey.store, "default", "subscribe").slots
    assert slot.answered_at is None, "it counts as one that may have been sent"
    assert journey.states() == ["pending"]
    assert (journey.results(), journey.deliveries()[0].attempts_count) == ([["no_connection"]], 0)
    journey.clock.pass_seconds(60)
    journey.deliver()
    assert (journey.states(), journey.calls("subscribe")) == (["delivered"], 1)


def test_a_deliverer_told_to_stop_starts_no_further_call(journey: Journey) -> None:
    leads = [f"lead{number}@example.com" for number in range(8)]
    journey.receive(SUBSCRIBE, *leads)
    journey.deliver_until_stopped()
    assert journey.calls("subscribe") == 1
    assert sum(journey.states(lead) == ["pending"] for lead in leads) == 7
