"""Claiming: what goes into a call, in which order, and what keeps a call from being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.model import DeadReason, DeliveryState, OnDoubt, Outcome, OutcomeStatus, Priority, SideEffect, Target
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events, status
from bridge.outbox.queue import lanes, ledger, next_due_at, pending_apis, release_lane

if TYPE_CHECKING:
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock


def test_a_claim_holds_everything_the_call_needs(driver: OutboxDriver, clock: StillClock) -> None:
    receipt = driver.send(body=b'{"lead_email":"Ada@example.com"}', on_doubt=OnDoubt.HOLD)
    claim = driver.claimed(driver.lane())
    (one,) = claim.deliveries
    assert (one.event_id, one.lead, one.body) == (
        receipt.event_id,
        "ada@example.com",
        b'{"lead_email":"Ada@example.com"}',
    )
    assert (one.on_doubt, one.attempts, one.cohort, one.first_try_at) == (OnDoubt.HOLD, 0, None, clock.now)
    assert claim.target == driver.trigger
    assert [claim.send_by, claim.deadline, claim.lease_until] == [clock.now + ms for ms in (10_000, 30_000, 60_000)]


def test_what_is_claimed_is_not_claimed_again(driver: OutboxDriver) -> None:
    driver.send()
    lane = driver.lane()
    assert driver.claim(lane) is not None
    assert driver.claim(lane) is None


def test_a_call_takes_200_and_the_oldest_first(driver: OutboxDriver) -> None:
    events = [driver.event(driver.delivery(f"lead{number:03}@example.com")) for number in range(205)]
    record(driver.outbox, driver.request(*sorted(events, key=lambda event: event.key)))
    lane = driver.lane()
    first, second = driver.claimed(lane), driver.claimed(lane)
    assert (len(first.deliveries), len(second.deliveries)) == (200, 5)
    ids = [one.id for one in first.deliveries]
    assert ids == sorted(ids)


def test_each_lead_goes_once_a_call(driver: OutboxDriver) -> None:
    for lead in ("ada@example.com", "alan@example.com", "ada@example.com"):
        driver.send(lead)
    lane = driver.lane()
    assert driver.leads(driver.claim(lane)) == ["ada@example.com", "alan@example.com"]
    assert driver.leads(driver.claim(lane)) == ["ada@example.com"]


def test_live_goes_before_waiting_before_bulk(driver: OutboxDriver) -> None:
    for name, kind in (("b", Priority.BULK), ("w", Priority.WAITING), ("l", Priority.LIVE)):
        driver.send(f"{name}@example.com", priority=kind)
    lane = driver.lane()
    assert driver.leads(driver.claim(lane, batch=2)) == ["l@example.com", "w@example.com"]
    assert driver.leads(driver.claim(lane, batch=2)) == ["b@example.com"]


def test_subscribes_of_one_lead_go_one_at_a_time_in_order_over_all_lanes(driver: OutboxDriver) -> None:
    other = Target(api="subscribe", list_key="other")
    driver.send(target=driver.subscribe)
    driver.send(target=other)
    driver.send("alan@example.com", target=other)
    first_lane = driver.lane(driver.subscribe)
    other_lane = driver.lane(other)
    assert driver.leads(driver.claim(other_lane)) == ["alan@example.com"]
    first = driver.claimed(first_lane)
    assert driver.claim(other_lane) is None
    driver.finish(first)
    assert driver.leads(driver.claim(other_lane)) == ["ada@example.com"]


def test_a_later_subscribe_waits_while_the_earlier_one_is_retried_and_goes_with_it(
    driver: OutboxDriver, clock: StillClock
) -> None:
    driver.send(target=driver.subscribe)
    driver.send(target=driver.subscribe)
    lane = driver.lane(driver.subscribe)
    driver.finish(driver.claimed(lane), DeliveryState.PENDING, available_at=clock.now + 5_000)
    assert driver.claim(lane) is None
    (seen,) = lanes(driver.outbox, "default", "subscribe", cap=400)
    assert (seen.due, seen.oldest_at, seen.next_at) == ({}, None, clock.now + 5_000)
    clock.pass_ms(5_000)
    assert [one.id for one in driver.claimed(lane, batch=1).deliveries] == [1, 2]


def test_the_same_leads_of_two_accounts_do_not_wait_for_each_other(driver: OutboxDriver) -> None:
    other = Target(account="agency", api="subscribe", list_key="newsletter")
    driver.send(target=driver.subscribe)
    driver.send(target=other)
    assert driver.claim(driver.lane(driver.subscribe)) is not None
    assert driver.claim(driver.lane(other)) is not None


def test_a_trigger_is_blocked_until_its_subscribe_is_delivered(driver: OutboxDriver) -> None:
    event = driver.event(driver.delivery(target=driver.subscribe), driver.delivery(action_no=2, waits_for=1))
    record(driver.outbox, driver.request(event))
    assert lanes(driver.outbox, "default", "trigger", cap=400) == ()
    driver.finish(driver.claimed(driver.lane(driver.subscribe)))
    assert driver.leads(driver.claim(driver.lane())) == ["ada@example.com"]


def test_what_waits_for_a_dead_one_dies_with_it_to_the_end_of_the_chain(driver: OutboxDriver) -> None:
    event = driver.event(
        driver.delivery(target=driver.subscribe),
        driver.delivery(action_no=2, waits_for=1),
        driver.delivery(action_no=3, waits_for=2, target=Target(api="trigger", journey_key="next")),
    )
    record(driver.outbox, driver.request(event))
    driver.finish(driver.claimed(driver.lane(driver.subscribe)), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    (story,) = find_events(driver.outbox)
    assert [one.reason for one in story.deliveries] == [
        DeadReason.PERMANENT,
        DeadReason.PREREQUISITE,
        DeadReason.PREREQUISITE,
    ]
    assert status(driver.outbox).dead == {("subscribe", "permanent"): 1, ("trigger", "prerequisite"): 2}


def test_a_cohort_goes_alone_and_not_next_to_its_other_half(driver: OutboxDriver, clock: StillClock) -> None:
    for name in ("a", "b", "c", "d"):
        driver.send(f"{name}@example.com")
    lane = driver.lane()
    whole = driver.claimed(lane)
    for index, one in enumerate(whole.deliveries):
        assert one.lead == f"{'abcd'[index]}@example.com"
    driver.finish(whole, DeliveryState.PENDING, counts=False, cohort=14)
    driver.send("e@example.com")
    half = driver.claimed(lane, batch=2)
    assert {one.cohort for one in half.deliveries} == {14}
    driver.finish(half, DeliveryState.PENDING, counts=False, cohort=15, available_at=clock.now)
    first = driver.claimed(lane)
    assert driver.leads(driver.claim(lane)) == ["e@example.com"]
    assert driver.claim(lane) is None
    driver.finish(first)
    second = driver.claimed(lane)
    halves = sorted([driver.leads(first), driver.leads(second)])
    assert halves == [["a@example.com", "b@example.com"], ["c@example.com", "d@example.com"]]


def test_a_dead_claim_comes_back_after_its_lease_with_an_attempt_in_doubt(
    driver: OutboxDriver, clock: StillClock
) -> None:
    driver.send()
    lane = driver.lane()
    lost = driver.claimed(lane)
    clock.pass_ms(59_999)
    assert driver.claim(lane) is None
    assert next_due_at(driver.outbox, "default") == clock.now + 1
    clock.pass_ms(1)
    assert driver.lane() == lane
    again = driver.claimed(lane)
    assert (again.deliveries[0].id, again.deliveries[0].attempts) == (lost.deliveries[0].id, 1)
    assert again.deliveries[0].first_try_at == lost.started_at
    (story,) = find_events(driver.outbox)
    assert [(one.call_id, one.outcome) for one in story.deliveries[0].attempts] == [(lost.call_id, "doubt")]
    assert status(driver.outbox).resent_in_doubt == {"trigger": 1}


def test_a_dead_claim_that_a_person_must_judge_is_not_sent_again(driver: OutboxDriver, clock: StillClock) -> None:
    event = driver.event(driver.delivery(on_doubt=OnDoubt.HOLD), driver.delivery(action_no=2, waits_for=1))
    record(driver.outbox, driver.request(event))
    lane = driver.lane()
    driver.claimed(lane)
    clock.pass_ms(60_000)
    assert driver.claim(lane) is None
    (story,) = find_events(driver.outbox)
    assert [one.reason for one in story.deliveries] == [DeadReason.DOUBT, DeadReason.PREREQUISITE]
    assert status(driver.outbox).resent_in_doubt == {}


def test_a_lease_must_outlast_its_call(driver: OutboxDriver) -> None:
    with pytest.raises(ValueError, match="make it longer"):
        driver.claim(1, lease_ms=10)


def test_a_held_lane_makes_one_probe_at_its_time(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send("ada@example.com")
    lane = driver.lane()
    hold = SideEffect(hold_reason="journey_inactive", probe_at=clock.now + 1_000)
    driver.finish(driver.claimed(lane), DeliveryState.PENDING, hold, counts=False)
    driver.send("alan@example.com")
    (seen,) = lanes(driver.outbox, "default", "trigger", cap=400)
    assert (seen.held_reason, seen.held_since, seen.probe_at) == ("journey_inactive", clock.now, clock.now + 1_000)
    assert driver.claim(lane) is None
    assert next_due_at(driver.outbox, "default") == clock.now + 1_000
    clock.pass_ms(1_000)
    probe = driver.claimed(lane, batch=1)
    assert driver.claim(lane) is None, "the probe is in flight"
    driver.finish(probe, side_effect=SideEffect(release_lane=True))
    assert driver.claim(lane) is not None


def test_a_hold_keeps_its_start_and_a_person_can_end_it(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send()
    lane, since = driver.lane(), clock.now
    driver.finish(
        driver.claimed(lane), DeliveryState.PENDING, SideEffect(hold_reason="list_deleted", probe_at=since + 10)
    )
    clock.pass_ms(10)
    driver.finish(driver.claimed(lane), DeliveryState.PENDING, SideEffect(hold_reason="list_deleted", probe_at=None))
    held = status(driver.outbox).apis[0].lanes[0]
    assert (held.held_reason, held.held_since, held.probe_at) == ("list_deleted", since, None)
    clock.pass_ms(10_000_000)
    assert driver.claim(lane) is None
    assert release_lane(driver.outbox, lane)
    assert not release_lane(driver.outbox, lane)
    assert driver.claim(lane) is not None


def test_a_locked_api_makes_no_call_and_the_other_does(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send()
    driver.send(target=driver.subscribe)
    lane = driver.lane()
    driver.finish(driver.claimed(lane), DeliveryState.PENDING, SideEffect(locked_until=clock.now + 1_000), counts=False)
    assert ledger(driver.outbox, "default", "trigger").locked_until == clock.now + 1_000
    assert driver.claim(lane) is None
    assert driver.claim(driver.lane(driver.subscribe)) is not None
    clock.pass_ms(1_000)
    assert ledger(driver.outbox, "default", "trigger").locked_until is None
    assert driver.claim(lane) is not None


def test_a_breaker_lets_one_probe_through_and_then_all(driver: OutboxDriver, clock: StillClock) -> None:
    for number in range(4):
        driver.send(f"lead{number}@example.com")
    lane = driver.lane()
    calls = [driver.claimed(lane, batch=1) for _ in range(2)]
    for call in calls:
        broken = SideEffect(breaker_until=clock.now + 1_000)
        driver.finish(call, DeliveryState.PENDING, broken, counts=False, answered=False)
    assert ledger(driver.outbox, "default", "trigger").breaker_failures == 1, (
        "calls that failed together are one failure"
    )
    assert driver.claim(lane) is None
    clock.pass_ms(1_000)
    probe = driver.claimed(lane, batch=1)
    assert ledger(driver.outbox, "default", "trigger").probing
    assert driver.claim(lane, batch=1) is None
    again = SideEffect(breaker_until=clock.now + 2_000)
    driver.finish(probe, DeliveryState.PENDING, again, counts=False, answered=False)
    seen = ledger(driver.outbox, "default", "trigger")
    assert (seen.breaker_failures, seen.breaker_until, seen.probing) == (2, clock.now + 2_000, False)
    clock.pass_ms(2_000)
    driver.finish(driver.claimed(lane, batch=1), side_effect=SideEffect(close_breaker=True))
    assert [driver.claim(lane, batch=1) is not None for _ in range(3)] == [True, True, True]


def test_a_probe_whose_deliverer_died_does_not_close_the_api_for_ever(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send("ada@example.com")
    driver.send("alan@example.com")
    lane = driver.lane()
    broken = SideEffect(breaker_until=clock.now + 1)
    driver.finish(driver.claimed(lane), DeliveryState.PENDING, broken, counts=False)
    clock.pass_ms(1)
    driver.claimed(lane, batch=1)
    clock.pass_ms(29_999)
    assert driver.claim(lane) is None
    clock.pass_ms(1)
    assert driver.claim(lane) is not None


def test_lanes_tell_what_is_due_by_class_up_to_the_cap(driver: OutboxDriver, clock: StillClock) -> None:
    for number in range(5):
        driver.send(f"live{number}@example.com")
    driver.send("bulk@example.com", priority=Priority.BULK)
    driver.send("later@example.com")
    later = driver.claimed(driver.lane(), batch=7)
    waiting = Outcome(status=OutcomeStatus.IGNORED, result="ignored")
    grid: dict[str, Any] = {
        "outcome": waiting,
        "priority": Priority.WAITING,
        "available_at": clock.now + 300_000,
    }
    driver.finish(later, DeliveryState.PENDING, **grid)
    clock.pass_ms(10)
    for number in range(5):
        driver.send(f"new{number}@example.com")
    (seen,) = lanes(driver.outbox, "default", "trigger", cap=3)
    assert (seen.due, seen.oldest_at, seen.next_at) == ({Priority.LIVE: 3}, clock.now, clock.now - 10 + 300_000)


def test_lanes_of_other_apis_and_accounts_are_not_shown(driver: OutboxDriver) -> None:
    driver.send()
    driver.send(target=Target(account="agency", api="trigger", journey_key="welcome"))
    assert [lane.target for lane in lanes(driver.outbox, "default", "trigger", cap=9)] == [driver.trigger]
    assert lanes(driver.outbox, "default", "subscribe", cap=9) == ()
    assert lanes(driver.outbox, "nobody", "trigger", cap=9) == ()


def test_only_apis_with_pending_deliveries_are_to_be_looked_at(driver: OutboxDriver, clock: StillClock) -> None:
    assert pending_apis(driver.outbox) == set()
    driver.send()
    driver.send(target=Target(account="agency", api="subscribe", list_name="Newsletter"))
    assert pending_apis(driver.outbox) == {("default", "trigger"), ("agency", "subscribe")}
    driver.claimed(driver.lane())
    assert pending_apis(driver.outbox) == {("agency", "subscribe")}
    clock.pass_ms(3_600_000)
    assert pending_apis(driver.outbox) == {("default", "trigger"), ("agency", "subscribe")}, "the lease is over"


def test_nothing_is_due_in_an_empty_outbox(driver: OutboxDriver) -> None:
    assert next_due_at(driver.outbox, "default") is None
    assert ledger(driver.outbox, "default", "trigger").slots == ()
    assert driver.claim(1) is None
