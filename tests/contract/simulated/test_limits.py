"""Locks, others' calls, clocks that are set, holds: Zoho's limit is kept whatever happens, and nobody is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bridge import log
from bridge.model import DeadReason, DeliveryState, OnDoubt, Priority
from bridge.outbox import operator, queue
from bridge.sandbox.faults import Kind
from tests.contract.simulated.conftest import NEWSLETTER, REMINDER, WEBINAR, WELCOME

if TYPE_CHECKING:
    from tests.contract.simulated.conftest import Simulate, Zoho


def test_a_lock_is_waited_out_probed_once_and_teaches_the_budget(simulate: Simulate) -> None:
    zoho = simulate(zoho={"trigger_calls": 30}, settings={"LEADBRIDGE_TRIGGER_CALLS": "40"})
    for lead in zoho.members(60):
        zoho.receive([lead], WELCOME)
        zoho.pass_time(seconds=4)
    assert zoho.lockouts == 1
    before = len(zoho.calls("trigger"))
    zoho.pass_time(minutes=25)
    assert len(zoho.calls("trigger")) == before
    after = len(zoho.calls("trigger"))
    zoho.pass_time(minutes=6)
    assert len(zoho.calls("trigger")[after]) > 1, "the probe carries what has waited"
    ledger = queue.ledger(zoho.simulation.store, "default", "trigger")
    assert ledger.learned_budget is not None
    assert 25 <= ledger.learned_budget <= 30
    for lead in zoho.members(200, "more"):
        zoho.receive([lead], WELCOME)
        zoho.pass_time(seconds=4)
    zoho.pass_time(minutes=10)
    assert (zoho.lockouts, len(zoho.entered())) == (1, 260)


def test_the_line_of_a_lock_gives_our_calls_and_those_of_others(zoho: Zoho) -> None:
    zoho.fault(Kind.LOCK, api="trigger", count=1)
    zoho.receive(zoho.members(1), WELCOME)
    log.configure(level="info")
    with capture_logs() as lines:
        zoho.pass_time(seconds=5)
    (line,) = (line for line in lines if line["event"] == "api.locked")
    assert (line["limit"], line["calls_by_us"], line["calls_by_others"], line["budget"]) == (100, 1, 99, 47)
    (shown,) = (api.learned_budget for api in operator.status(zoho.simulation.store).apis if api.api == "trigger")
    assert shown == line["budget"], "the line and the state agree"


def test_calls_left_for_others_are_left(simulate: Simulate) -> None:
    zoho = simulate(settings={"LEADBRIDGE_TRIGGER_OTHERS": "75", "LEADBRIDGE_HEADROOM": "5"})
    for lead in zoho.members(100):
        zoho.receive([lead], WELCOME)
        zoho.pass_time(seconds=1)
    zoho.pass_time(minutes=10)
    assert len(zoho.entered()) == 100
    assert zoho.simulation.world.limits["trigger"].max_in_window <= 20


@pytest.mark.parametrize("step_ms", [2_000, 600_000, -2_000, -3_600_000])
def test_a_clock_that_is_set_locks_nothing_and_loses_nobody(simulate: Simulate, step_ms: int) -> None:
    zoho = simulate(zoho={"trigger_calls": 20}, settings={"LEADBRIDGE_TRIGGER_CALLS": "20"})
    leads = zoho.members(60)
    for number, lead in enumerate(leads):
        zoho.receive([lead], WELCOME)
        zoho.pass_time(seconds=10)
        if number == 30:
            zoho.simulation.stepped_ms += step_ms
    zoho.pass_time(hours=3)
    assert (zoho.lockouts, len(zoho.entered())) == (0, 60)


def test_who_has_not_confirmed_waits_behind_live_leads_and_is_triggered_after_the_click(zoho: Zoho) -> None:
    zoho.receive(["ada@example.com"], WEBINAR)
    trigger = type(WELCOME)(api="trigger", list_name="Webinar", journey_name="Welcome")
    zoho.pass_time(minutes=1)
    zoho.receive(["ada@example.com", "alan@example.com"], trigger)
    zoho.pass_time(minutes=30)
    assert zoho.story("ada@example.com").priority is Priority.WAITING
    zoho.confirm("ada@example.com")
    zoho.pass_time(hours=2)
    assert zoho.entered() == {"ada@example.com": 1}
    zoho.pass_time(hours=24 * 8)
    assert zoho.story("alan@example.com").reason is DeadReason.UNCONFIRMED
    assert len(zoho.calls("trigger")) <= 12


def test_an_inactive_journey_holds_its_lane_alone_until_it_is_active_again(zoho: Zoho) -> None:
    leads, others = zoho.members(5), zoho.members(3, "other")
    zoho.fault(Kind.JOURNEY_INACTIVE, lead=leads[0])
    zoho.receive(leads, WELCOME)
    zoho.pass_time(seconds=10)
    zoho.receive(others, REMINDER)
    zoho.pass_time(minutes=2)
    assert sorted(zoho.entered("Reminder")) == others
    assert "inactive" in zoho.story(leads[0]).held_reason
    zoho.fix()
    zoho.pass_time(minutes=5)
    assert sorted(zoho.entered()) == leads


def test_a_released_lane_goes_on_at_once(zoho: Zoho) -> None:
    zoho.fault(Kind.JOURNEY_INACTIVE, count=1)
    zoho.receive(zoho.members(3), WELCOME)
    zoho.pass_time(seconds=10)
    assert queue.release_lane(zoho.simulation.store, zoho.story("lead0@example.com").lane_id)
    zoho.receive(zoho.members(1, "new"), WELCOME)
    zoho.pass_time(seconds=10)
    assert len(zoho.entered()) == 4


def test_a_call_without_an_answer_is_sent_again_or_left_to_a_person(zoho: Zoho) -> None:
    zoho.fault(Kind.CUT, api="trigger", count=1)
    ada, alan = zoho.members(2)
    zoho.receive([ada], REMINDER)
    zoho.receive([alan], REMINDER, on_doubt=OnDoubt.HOLD)
    zoho.pass_time(minutes=5)
    assert zoho.entered("Reminder") == {ada: 2, alan: 1}
    assert (zoho.story(ada).state, zoho.story(alan).reason) == (DeliveryState.DELIVERED, DeadReason.DOUBT)


def test_bulk_yields_to_live_within_a_call_and_between_lanes(zoho: Zoho) -> None:
    bulk, here, elsewhere = zoho.members(20_000, "bulk"), zoho.members(8, "here"), zoho.members(8, "elsewhere")
    for start in range(0, len(bulk), 2_000):
        zoho.receive(bulk[start : start + 2_000], WELCOME, priority=Priority.BULK)
    zoho.pass_time(minutes=1)
    since: list[int] = []
    for lead, other in zip(here, elsewhere, strict=True):
        since.append(len(zoho.calls("trigger")))
        zoho.receive([lead], WELCOME)
        zoho.receive([other], REMINDER)
        zoho.pass_time(seconds=20)
    assert len(zoho.entered()) < 20_000, "the import is still in flight"
    zoho.pass_time(minutes=5)
    for lead, before in zip(here, since, strict=True):
        first = [call for call in zoho.calls("trigger")[before:] if set(call).isdisjoint(elsewhere)][:2]
        assert any(lead in call for call in first), (
            "live leads come before the bulk of their own lane, but for a call in flight"
        )
    calls = [set(call) for call in zoho.calls("trigger")]
    last_of_bulk = max(number for number, call in enumerate(calls) if len(call) > 100)
    assert all(any(lead in call for call in calls[:last_of_bulk]) for lead in elsewhere), "nobody is starved"
    assert zoho.lockouts == 0


def test_two_subscribes_of_one_lead_arrive_in_order_whatever_fails(zoho: Zoho) -> None:
    zoho.fault(Kind.STATUS, api="subscribe", status=500, count=3)
    for number in range(4):
        body = b'{"Lead Email":"ada@example.com","City":"city %d"}' % number
        zoho.simulation.receive(("ada@example.com", NEWSLETTER, body))
        zoho.pass_time(seconds=1)
    zoho.pass_time(minutes=10)
    lead = zoho.simulation.world.state.leads["ada@example.com"]
    assert lead.fields["City"] == "city 3"
