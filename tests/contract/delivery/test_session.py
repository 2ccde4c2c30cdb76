"""What becomes of a lead when Zoho answers as it does on other days: the same on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from bridge.mapping.actions.action import ALL
from bridge.model import DeadReason, Priority, Target
from bridge.outbox import operator, queue, registry
from tests.unit.mapping.test_actions import WRITTEN

if TYPE_CHECKING:
    from tests.contract.delivery.conftest import Pipeline

BOTH = "  - subscribe: {list: Newsletter}\n  - trigger: {journey: Welcome}\n"
CONFIRMED_FIRST = "  - subscribe: {list: Webinar}\n  - trigger: {journey: Welcome}\n"
SUBSCRIBE = "  - subscribe: {list: Newsletter}\n"


def test_a_lead_is_subscribed_with_its_fields_and_then_triggered(pipeline: Pipeline) -> None:
    pipeline.receive(BOTH, "Ada@example.com")
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "delivered"]
    assert pipeline.results() == [["subscribed"], ["triggered"]]
    zoho = pipeline.zoho()
    assert zoho["leads"]["Newsletter"]["ada@example.com"]["fields"]["First Name"] == "Ada"
    assert zoho["journeys"]["Welcome"] == {"ada@example.com": 1}


def test_a_lead_that_must_confirm_first_is_triggered_once_it_has(pipeline: Pipeline) -> None:
    pipeline.receive(CONFIRMED_FIRST, "ada@example.com")
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "pending"]
    assert pipeline.results() == [["confirmation_sent"], ["ignored"]]
    assert pipeline.deliveries()[1].priority is Priority.WAITING
    pipeline.confirm("ada@example.com")
    pipeline.deliver()
    assert pipeline.calls("trigger") == 1, "it waits for the next place on the grid"
    pipeline.clock.pass_seconds(10)
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "delivered"]
    assert pipeline.zoho()["journeys"]["Welcome"] == {"ada@example.com": 1}


def test_leads_of_one_webhook_share_their_trigger_call(pipeline: Pipeline) -> None:
    pipeline.receive("  - trigger: {journey: Reminder, list: Newsletter}\n", *(f"l{n}@example.com" for n in range(30)))
    pipeline.deliver()
    (call,) = [call for call in pipeline.zoho()["calls"] if call["api"] == "trigger"]
    assert len(call["leads"]) == 30


def test_a_token_that_ended_is_renewed_and_the_call_repeated_once(pipeline: Pipeline) -> None:
    pipeline.fault(kind="token", api="subscribe", count=1)
    pipeline.receive(SUBSCRIBE, "ada@example.com")
    pipeline.deliver()
    assert pipeline.states() == ["delivered"]
    assert (pipeline.calls("subscribe"), pipeline.calls("oauth")) == (2, 2)
    assert pipeline.deliveries()[0].attempts_count == 1, "the refused call was no attempt of the lead"


@pytest.mark.parametrize(
    "word", ["AUTHENTICATION_FAILURE", "NOT_AUTHENTICATED", "SESSION_EXPIRED", "Invalid_Ticket_Id"]
)
def test_eight_leads_whose_token_is_refused_by_a_word_in_an_http_200_lose_no_attempt(
    pipeline: Pipeline, word: str
) -> None:
    leads = [f"lead{number}@example.com" for number in range(8)]
    pipeline.fault(kind="error", code=word, api="trigger", count=1)
    pipeline.receive(BOTH, *leads)
    pipeline.deliver()
    assert [pipeline.states(lead) for lead in leads] == [["delivered", "delivered"]] * 8
    assert pipeline.calls("oauth") == 2, "the token was refreshed once"
    assert {one.attempts_count for lead in leads for one in pipeline.deliveries(lead)} == {1}


def test_a_call_claimed_with_a_token_that_is_refused_before_it_uses_another(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE, "ada@example.com")
    pipeline.deliver_with_a_refused_token()
    assert pipeline.states() == ["delivered"]
    assert (pipeline.calls("subscribe"), pipeline.calls("oauth")) == (1, 2)


def test_a_lock_closes_its_api_only_and_is_not_polled(pipeline: Pipeline) -> None:
    pipeline.fault(kind="lock", api="trigger", count=1)
    pipeline.receive(BOTH, "ada@example.com")
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "pending"]
    (trigger,) = [api for api in operator.status(pipeline.store).apis if api.api == "trigger"]
    assert trigger.locked_until is not None
    assert trigger.locked_until >= pipeline.store.now() + 25_000
    pipeline.receive(SUBSCRIBE, "grace@example.com")
    for _ in range(3):
        pipeline.clock.pass_seconds(8)
        pipeline.deliver()
    assert pipeline.states("grace@example.com") == ["delivered"]
    assert pipeline.calls("trigger") == 1
    pipeline.clock.pass_seconds(8)
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "delivered"]
    assert pipeline.zoho()["lockouts"] == 0


def test_an_inactive_journey_holds_its_lane_until_it_is_active_again(pipeline: Pipeline) -> None:
    pipeline.fault(kind="journey_inactive")
    pipeline.receive(BOTH, "ada@example.com", "grace@example.com")
    pipeline.deliver()
    assert pipeline.states("grace@example.com") == ["delivered", "pending"]
    assert "inactive" in pipeline.deliveries()[1].held_reason
    calls = pipeline.calls("trigger")
    pipeline.deliver()
    assert pipeline.calls("trigger") == calls, "a held lane is only probed"
    pipeline.clock.pass_seconds(301)
    pipeline.deliver()
    assert (pipeline.calls("trigger"), pipeline.states()) == (calls + 1, ["delivered", "pending"])
    pipeline.fix()
    pipeline.clock.pass_seconds(601)
    pipeline.deliver()
    assert pipeline.states() == pipeline.states("grace@example.com") == ["delivered", "delivered"]
    assert pipeline.deliveries()[1].held_reason == ""


def test_a_call_that_was_cut_off_is_sent_again(pipeline: Pipeline) -> None:
    pipeline.fault(kind="cut", api="trigger", count=1)
    pipeline.receive(BOTH, "ada@example.com")
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "pending"]
    pipeline.clock.pass_seconds(15)
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "delivered"]
    assert pipeline.results()[1] == ["no_answer", "already_triggered"]
    assert pipeline.zoho()["journeys"]["Welcome"] == {"ada@example.com": 1}


@pytest.mark.parametrize("api", ALL)
@pytest.mark.parametrize("doubt", ["hold", "resend"])
def test_a_call_that_was_cut_off_waits_for_a_person_where_the_mapping_says_so(
    pipeline: Pipeline, api: str, doubt: str
) -> None:
    pipeline.receive(SUBSCRIBE, "ada@example.com")
    pipeline.deliver()
    calls = pipeline.calls(api)
    pipeline.fault(kind="cut", api=api, count=1)
    action = {api: WRITTEN[api] | {"on_doubt": doubt}}
    pipeline.receive(f"  - {orjson.dumps(action).decode()}\n", "ada@example.com", name="Augusta")
    pipeline.deliver()
    pipeline.clock.pass_seconds(3600)
    pipeline.deliver()
    (delivery,) = operator.find_events(pipeline.store, lead="ada@example.com")[0].deliveries
    assert delivery.reason is (DeadReason.DOUBT if doubt == "hold" else None)
    assert pipeline.calls(api) - calls == (1 if doubt == "hold" else 2)


def test_an_unknown_list_holds_the_lane_and_names_the_closest_one(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE.replace("Newsletter", "Newslettr"), "ada@example.com")
    pipeline.deliver()
    assert pipeline.states() == ["pending"]
    assert "'Newslettr'" in pipeline.deliveries()[0].held_reason
    assert "'Newsletter'" in pipeline.deliveries()[0].held_reason
    assert pipeline.calls("subscribe") == 0


def test_a_lead_that_zoho_refuses_for_good_does_not_stop_its_neighbours(pipeline: Pipeline) -> None:
    pipeline.receive(BOTH, "abuse@example.com", "ada@example.com")
    pipeline.deliver()
    assert pipeline.states("abuse@example.com") == ["dead", "dead"]
    refused, dependent = pipeline.deliveries("abuse@example.com")
    assert (refused.reason, refused.code) == (DeadReason.PERMANENT, "2005")
    assert dependent.reason is DeadReason.PREREQUISITE
    assert pipeline.states() == ["delivered", "delivered"]


def test_an_outage_counts_no_attempt_and_ends_by_itself(pipeline: Pipeline) -> None:
    pipeline.fault(kind="html", api="subscribe", count=2)
    pipeline.receive(SUBSCRIBE, "ada@example.com")
    pipeline.deliver()
    for _ in range(2):
        pipeline.clock.pass_seconds(60)
        pipeline.deliver()
    assert pipeline.states() == ["delivered"]
    assert pipeline.deliveries()[0].attempts_count == 1
    (subscribe,) = [api for api in operator.status(pipeline.store).apis if api.api == "subscribe"]
    assert subscribe.breaker_failures == 0


def test_the_account_is_read_once_and_kept_in_the_outbox(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE, "ada@example.com")
    pipeline.deliver()
    pipeline.receive(SUBSCRIBE, "grace@example.com")
    pipeline.deliver()
    assert (pipeline.calls("lists"), pipeline.calls("journeys"), pipeline.calls("oauth")) == (1, 1, 1)
    snapshot = registry.snapshot(pipeline.store, "default")
    assert snapshot is not None
    assert "Newsletter" in str(orjson.loads(snapshot))


def test_an_address_that_zoho_would_refuse_never_enters_a_call_even_if_stored(pipeline: Pipeline) -> None:
    faults = {"ada,alan@example.com": "comma", "no-at.example.com": "@", f"{'a' * 300}@example.com": "longer"}
    trigger = Target(api="trigger", list_name="Newsletter", journey_name="Reminder")
    subscribe = Target(api="subscribe", list_name="Newsletter")
    pipeline.store_as_it_is(trigger, b'{"lead_email":"%s"}', "good@example.com", *faults)
    pipeline.store_as_it_is(subscribe, b'{"Lead Email":"%s"}', "only,bad@example.com")
    pipeline.deliver()
    (call,) = [call for call in pipeline.zoho()["calls"] if call["api"] == "trigger"]
    assert call["leads"] == ["good@example.com"]
    assert pipeline.calls("subscribe") == 0
    for lead, word in (faults | {"only,bad@example.com": "comma"}).items():
        (dead,) = pipeline.deliveries(lead)
        assert dead.reason is DeadReason.ADDRESS
        assert word in dead.attempts[-1].message
        assert (dead.attempts[-1].result, dead.attempts_count) == ("kept_out", 0)


def test_a_long_backlog_of_one_api_keeps_no_other_waiting(pipeline: Pipeline) -> None:
    """What became due at an API that had nothing at first does not wait for the end of the backlog."""
    pipeline.receive(
        SUBSCRIBE + "  - trigger: {journey: Welcome, list: Newsletter}\n",
        *(f"lead{number}@example.com" for number in range(30)),
    )
    pipeline.deliver_slower_than_zoho()
    made = [call["api"] for call in pipeline.zoho()["calls"] if call["api"] in ("subscribe", "trigger")]
    assert made.count("subscribe") == 30
    assert made.index("trigger") < 10


def test_a_deliverer_paused_between_claim_and_call_sends_nothing_and_the_call_stays_counted(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE, "ada@example.com")
    pipeline.deliver_paused(seconds=6)
    assert pipeline.calls("subscribe") == 0
    (slot,) = queue.ledger(pipeline.store, "default", "subscribe").slots
    assert slot.answered_at is None, "it counts as one that may have been sent"
    assert pipeline.states() == ["pending"]
    assert (pipeline.results(), pipeline.deliveries()[0].attempts_count) == ([["no_connection"]], 0)
    pipeline.clock.pass_seconds(60)
    pipeline.deliver()
    assert (pipeline.states(), pipeline.calls("subscribe")) == (["delivered"], 1)


def test_a_deliverer_asked_to_stop_starts_no_further_call(pipeline: Pipeline) -> None:
    leads = [f"lead{number}@example.com" for number in range(8)]
    pipeline.receive(SUBSCRIBE, *leads)
    pipeline.deliver_until_stopped()
    assert pipeline.calls("subscribe") == 1
    assert sum(pipeline.states(lead) == ["pending"] for lead in leads) == 7


def test_a_tag_that_a_mapping_wants_is_created_and_given(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE + "  - tag: {name: Brand new, create: true}\n", "ada@example.com")
    pipeline.deliver()
    assert pipeline.results() == [["subscribed"], ["tagged"]]
    assert (pipeline.zoho()["tags"]["Brand new"], pipeline.calls("add_tag")) == (["ada@example.com"], 1)


def test_a_tag_that_nobody_wants_created_holds_its_lane(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE + "  - tag: VIPs\n", "ada@example.com")
    pipeline.deliver()
    assert pipeline.states() == ["delivered", "pending"]
    assert pipeline.deliveries()[1].held_reason == "the account has no tag 'VIPs'; did you mean 'VIP'?"
    assert (pipeline.calls("tag"), pipeline.calls("add_tag")) == (0, 0)


def test_a_lead_that_must_confirm_first_is_tagged_once_it_has(pipeline: Pipeline) -> None:
    pipeline.receive("  - subscribe: {list: Webinar}\n  - tag: VIP\n", "ada@example.com")
    pipeline.deliver()
    assert pipeline.results() == [["confirmation_sent"], ["not_found"]]
    assert pipeline.deliveries()[1].priority is Priority.WAITING
    pipeline.confirm("ada@example.com")
    pipeline.clock.pass_seconds(10)
    pipeline.deliver()
    assert pipeline.zoho()["tags"]["VIP"] == ["ada@example.com"]


def test_whoever_leaves_is_taken_off_at_once_and_what_waits_is_not_sent(pipeline: Pipeline) -> None:
    pipeline.receive(SUBSCRIBE + LEAVES, "ada@example.com")
    pipeline.deliver()
    pipeline.fault(kind="status", api="subscribe")
    pipeline.receive(
        "  - subscribe: {list: Webinar}\n  - trigger: {journey: Welcome}\n", "ada@example.com", kind="asks"
    )
    pipeline.deliver()
    pipeline.receive(SUBSCRIBE + LEAVES, "ada@example.com", kind="leaves")
    pipeline.deliver()
    zoho = pipeline.zoho()
    assert pipeline.calls("unsubscribe") == 1
    assert (zoho["do_not_mail"], zoho["leads"]["Webinar"], zoho["journeys"]["Welcome"]) == (["ada@example.com"], {}, {})
    assert {one.reason for one in pipeline.deliveries()} == {None, DeadReason.WITHDRAWN}


LEAVES = """withdraw:
  when: {answer: kind, is: leaves}
  actions:
    - unsubscribe: {list: Newsletter}
    - do_not_mail: true
"""
