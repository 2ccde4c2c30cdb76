"""One lead that poisons its call, several of them, and a lane that is wrong: who dies, and in how many calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.model import DeadReason, DeliveryState
from bridge.outbox import operator
from bridge.sandbox.faults import Kind
from tests.contract.simulated.conftest import NEWSLETTER, REMINDER, WELCOME

if TYPE_CHECKING:
    from tests.contract.simulated.conftest import Zoho


@pytest.mark.parametrize("place", [0, 77, 199])
def test_one_poisonous_lead_of_two_hundred_is_found_in_sixteen_further_calls(zoho: Zoho, place: int) -> None:
    leads = zoho.members(200)
    zoho.fault(Kind.ERROR, api="trigger", code="2007", lead=leads[place])
    zoho.receive(leads, WELCOME)
    zoho.pass_time(minutes=10)
    assert sorted(zoho.entered()) == sorted(set(leads) - {leads[place]})
    culprit = zoho.story(leads[place])
    assert (culprit.reason, culprit.code) == (DeadReason.PERMANENT, "2007")
    assert "not valid" in culprit.attempts[-1].message
    assert len(zoho.calls("trigger")) <= 1 + 16


def test_two_poisonous_leads_do_not_stop_the_lane_for_long(zoho: Zoho) -> None:
    leads = zoho.members(64)
    for culprit in (leads[3], leads[50]):
        zoho.fault(Kind.ERROR, api="trigger", code="2007", lead=culprit)
    zoho.receive(leads, WELCOME)
    zoho.pass_time(hours=3)
    assert zoho.states(leads) == {DeliveryState.DELIVERED: 62, DeliveryState.DEAD: 2}


def test_where_both_halves_fail_alike_the_lane_is_held_and_nobody_dies(zoho: Zoho) -> None:
    leads = zoho.members(40)
    zoho.fault(Kind.ERROR, api="trigger", code="2007")
    zoho.receive(leads, WELCOME)
    zoho.pass_time(minutes=4)
    assert zoho.states(leads) == {DeliveryState.PENDING: 40}
    assert "not valid" in zoho.story(leads[0]).held_reason
    assert len(zoho.calls("trigger")) == 3
    zoho.pass_time(hours=30)
    assert zoho.states(leads) == {DeliveryState.PENDING: 40}
    assert len(zoho.calls("trigger")) < 50
    zoho.fix()
    zoho.pass_time(hours=2)
    assert sorted(zoho.entered()) == sorted(leads)


def test_a_lead_that_makes_the_api_fail_stops_no_other_and_ends_after_three_days(zoho: Zoho) -> None:
    leads, others = zoho.members(30), zoho.members(40, "other")
    zoho.fault(Kind.STATUS, api="trigger", status=500, lead=leads[11])
    zoho.receive(leads, WELCOME)
    for other in others:
        zoho.receive([other], REMINDER)
        zoho.pass_time(minutes=3)
    assert sorted(zoho.entered()) == sorted(set(leads) - {leads[11]})
    assert len(zoho.entered("Reminder")) == 40
    assert zoho.story(leads[11]).state is DeliveryState.PENDING
    for other in zoho.members(78, "later"):
        zoho.receive([other], REMINDER)
        zoho.pass_time(hours=1)
    assert zoho.story(leads[11]).reason is DeadReason.EXHAUSTED


def test_hours_of_outage_cost_no_lead_an_attempt_and_few_calls(zoho: Zoho) -> None:
    leads = zoho.members(300)
    zoho.fault(Kind.HTML, api="trigger", status=502)
    zoho.receive(leads, WELCOME)
    zoho.pass_time(hours=6)
    assert {zoho.story(lead).attempts_count for lead in leads} == {0}
    assert len(zoho.calls("trigger")) < 80
    before = len(zoho.calls("trigger"))
    zoho.fix()
    zoho.pass_time(minutes=15)
    assert sorted(zoho.entered()) == sorted(leads)
    assert len(zoho.calls("trigger")) - before <= 5


def test_a_refused_merged_subscribe_is_split(zoho: Zoho) -> None:
    """Zoho refuses a call as a whole, so of three of one lead in one call each is tried alone."""
    zoho.fault(Kind.ERROR, api="subscribe", code="2007", count=1)
    zoho.receive(["ada@example.com"] * 3, NEWSLETTER)
    zoho.pass_time(minutes=5)
    stories = operator.find_events(zoho.simulation.store, lead="ada@example.com")
    assert [one.state for story in stories for one in story.deliveries] == [DeliveryState.DELIVERED] * 3
    assert len(zoho.calls("subscribe")) == 2  # the third says what the second did
