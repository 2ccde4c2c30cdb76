"""Claiming: what goes into a call, in which order, and what keeps a call from being made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.model import DeadReason, DeliveryState, OnDoubt, Outcome, OutcomeStatus, Priority, SideEffect, Target
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events, status
from bridge.outbox.queue import lanes, ledger, next_due_at, release_lane

if TYPE_CHECKING:
    from tests.conftest import StillClock
    from tests.contract.outbox.conftest import Desk


def test_a_claim_holds_everything_the_call_needs(desk: Desk, clock: StillClock) -> None:
    receipt = desk.send(body=b'{"lead_email":"Ada@example.com"}', on_doubt=OnDoubt.HOLD)
    claim = desk.claimed(desk.lane())
    (one,) = claim.deliveries
    assert (one.event_id, one.lead, one.body) == (
        receipt.event_id,
        "ada@example.com",
        b'{"lead_email":"Ada@example.com"}',
    )
    assert (one.on_doubt, one.attempts, one.cohort, one.first_try_at) == (OnDoubt.HOLD, 0, None, clock.now)
    assert claim.target == desk.trigger
    assert [claim.send_by, claim.deadline, claim.lease_until] == [clock.now + ms for ms in (10_000, 30_000, 60_000)]


def test_what_is_claimed_is_not_claimed_again(desk: Desk) -> None:
    desk.send()
    lane = desk.lane()
    assert desk.claim(lane) is not None
    assert desk.claim(lane) is None


def test_a_call_takes_200_and_the_oldest_first(desk: Desk) -> None:
    events = [desk.event(desk.delivery(f"lead{number:03}@example.com")) for number in range(205)]
    record(desk.outbox, desk.request(*sorted(events, key=lambda event: event.key)))
    lane = desk.lane()
    first, second = desk.claimed(lane), desk.claimed(lane)
    assert (len(first.deliveries), len(second.deliveries)) == (200, 5)
    ids = [one.id for one in first.deliveries]
    assert ids == sorted(ids)


def test_each_lead_goes_once_a_call(desk: Desk) -> None:
    for lead in ("ada@example.com", "alan@example.com", "ada@example.com"):
        desk.send(lead)
    lane = desk.lane()
    assert desk.leads(desk.claim(lane)) == ["ada@example.com", "alan@example.com"]
    assert desk.leads(desk.claim(lane)) == ["ada@example.com"]


def test_live_goes_before_waiting_before_bulk(desk: Desk) -> None:
    for name, kind in (("b", Priority.BULK), ("w", Priority.WAITING), ("l", Priority.LIVE)):
        desk.send(f"{name}@example.com", priority=kind)
    lane = desk.lane()
    assert desk.leads(desk.claim(lane, batch=2)) == ["l@example.com", "w@example.com"]
    assert desk.leads(desk.claim(lane, batch=2)) == ["b@example.com"]


def test_subscribes_of_one_lead_go_one_at_a_time_in_order_over_all_lanes(desk: Desk) -> None:
    other = Target(api="subscribe", list_key="other")
    desk.send(target=desk.subscribe)
    desk.send(target=other)
    desk.send("alan@example.com", target=other)
    first_lane = desk.lane(desk.subscribe)
    other_lane = desk.lane(other)
    assert desk.leads(desk.claim(other_lane)) == ["alan@example.com"]
    first = desk.claimed(first_lane)
    assert desk.claim(other_lane) is None
    desk.finish(first)
    assert desk.leads(desk.claim(other_lane)) == ["ada@example.com"]


def test_a_later_subscribe_waits_while_the_earlier_one_is_retried_and_goes_with_it(
    desk: Desk, clock: StillClock
) -> None:
    desk.send(target=desk.subscribe)
    desk.send(target=desk.subscribe)
    lane = desk.lane(desk.subscribe)
    desk.finish(desk.claimed(lane), DeliveryState.PENDING, available_at=clock.now + 5_000)
    assert desk.claim(lane) is None
    (seen,) = lanes(desk.outbox, "default", "subscribe", cap=400)
    assert (seen.due, seen.oldest_at, seen.next_at) == ({}, None, clock.now + 5_000)
    clock.pass_ms(5_000)
    assert [one.id for one in desk.claimed(lane, batch=1).deliveries] == [1, 2]


def test_the_same_leads_of_two_accounts_do_not_wait_for_each_other(desk: Desk) -> None:
    other = Target(account="agency", api="subscribe", list_key="newsletter")
    desk.send(target=desk.subscribe)
    desk.send(target=other)
    assert desk.claim(desk.lane(desk.subscribe)) is not None
    assert desk.claim(desk.lane(other)) is not None


def test_a_trigger_is_blocked_until_its_subscribe_is_delivered(desk: Desk) -> None:
    event = desk.event(desk.delivery(target=desk.subscribe), desk.delivery(action_no=2, waits_for=1))
    record(desk.outbox, desk.request(event))
    assert lanes(desk.outbox, "default", "trigger", cap=400) == ()
    desk.finish(desk.claimed(desk.lane(desk.subscribe)))
    assert desk.leads(desk.claim(desk.lane())) == ["ada@example.com"]


def test_what_waits_for_a_dead_one_dies_with_it_to_the_end_of_the_chain(desk: Desk) -> None:
    event = desk.event(
        desk.delivery(target=desk.subscribe),
        desk.delivery(action_no=2, waits_for=1),
        desk.delivery(action_no=3, waits_for=2, target=Target(api="trigger", journey_key="next")),
    )
    record(desk.outbox, desk.request(event))
    desk.finish(desk.claimed(desk.lane(desk.subscribe)), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    (story,) = find_events(desk.outbox)
    assert [one.reason for one in story.deliveries] == [
        DeadReason.PERMANENT,
        DeadReason.PREREQUISITE,
        DeadReason.PREREQUISITE,
    ]
    assert status(desk.outbox).dead == {("subscribe", "permanent"): 1, ("trigger", "prerequisite"): 2}


def test_a_cohort_goes_alone_and_not_next_to_its_other_half(desk: Desk, clock: StillClock) -> None:
    for name in ("a", "b", "c", "d"):
        desk.send(f"{name}@example.com")
    lane = desk.lane()
    whole = desk.claimed(lane)
    for index, one in enumerate(whole.deliveries):
        assert one.lead == f"{'abcd'[index]}@example.com"
    desk.finish(whole, DeliveryState.PENDING, counts=False, cohort=14)
    desk.send("e@example.com")
    half = desk.claimed(lane, batch=2)
    assert {one.cohort for one in half.deliveries} == {14}
    desk.finish(half, DeliveryState.PENDING, counts=False, cohort=15, available_at=clock.now)
    first = desk.claimed(lane)
    assert desk.leads(desk.claim(lane)) == ["e@example.com"]
    assert desk.claim(lane) is None
    desk.finish(first)
    second = desk.claimed(lane)
    halves = sorted([desk.leads(first), desk.leads(second)])
    assert halves == [["a@example.com", "b@example.com"], ["c@example.com", "d@example.com"]]


def test_a_dead_claim_comes_back_after_its_lease_with_an_attempt_in_doubt(desk: Desk, clock: StillClock) -> None:
    desk.send()
    lane = desk.lane()
    lost = desk.claimed(lane)
    clock.pass_ms(59_999)
    assert desk.claim(lane) is None
    assert next_due_at(desk.outbox, "default") == clock.now + 1
    clock.pass_ms(1)
    assert desk.lane() == lane
    again = desk.claimed(lane)
    assert (again.deliveries[0].id, again.deliveries[0].attempts) == (lost.deliveries[0].id, 1)
    assert again.deliveries[0].first_try_at == lost.started_at
    (story,) = find_events(desk.outbox)
    assert [(one.call_id, one.outcome) for one in story.deliveries[0].attempts] == [(lost.call_id, "doubt")]
    assert status(desk.outbox).resent_in_doubt == {"trigger": 1}


def test_a_dead_claim_that_a_person_must_judge_is_not_sent_again(desk: Desk, clock: StillClock) -> None:
    event = desk.event(desk.delivery(on_doubt=OnDoubt.HOLD), desk.delivery(action_no=2, waits_for=1))
    record(desk.outbox, desk.request(event))
    lane = desk.lane()
    desk.claimed(lane)
    clock.pass_ms(60_000)
    assert desk.claim(lane) is None
    (story,) = find_events(desk.outbox)
    assert [one.reason for one in story.deliveries] == [DeadReason.DOUBT, DeadReason.PREREQUISITE]
    assert status(desk.outbox).resent_in_doubt == {}


def test_a_lease_must_outlast_its_call(desk: Desk) -> None:
    with pytest.raises(ValueError, match="make it longer"):
        desk.claim(1, lease_ms=10)


def test_a_held_lane_makes_one_probe_at_its_time(desk: Desk, clock: StillClock) -> None:
    desk.send("ada@example.com")
    lane = desk.lane()
    hold = SideEffect(hold_reason="journey_inactive", probe_at=clock.now + 1_000)
    desk.finish(desk.claimed(lane), DeliveryState.PENDING, hold, counts=False)
    desk.send("alan@example.com")
    (seen,) = lanes(desk.outbox, "default", "trigger", cap=400)
    assert (seen.held_reason, seen.held_since, seen.probe_at) == ("journey_inactive", clock.now, clock.now + 1_000)
    assert desk.claim(lane) is None
    assert next_due_at(desk.outbox, "default") == clock.now + 1_000
    clock.pass_ms(1_000)
    probe = desk.claimed(lane, batch=1)
    assert desk.claim(lane) is None, "the probe is in flight"
    desk.finish(probe, side_effect=SideEffect(release_lane=True))
    assert desk.claim(lane) is not None


def test_a_hold_keeps_its_start_and_a_person_can_end_it(desk: Desk, clock: StillClock) -> None:
    desk.send()
    lane, since = desk.lane(), clock.now
    desk.finish(desk.claimed(lane), DeliveryState.PENDING, SideEffect(hold_reason="list_deleted", probe_at=since + 10))
    clock.pass_ms(10)
    desk.finish(desk.claimed(lane), DeliveryState.PENDING, SideEffect(hold_reason="list_deleted", probe_at=None))
    held = status(desk.outbox).apis[0].lanes[0]
    assert (held.held_reason, held.held_since, held.probe_at) == ("list_deleted", since, None)
    clock.pass_ms(10_000_000)
    assert desk.claim(lane) is None
    assert release_lane(desk.outbox, lane)
    assert not release_lane(desk.outbox, lane)
    assert desk.claim(lane) is not None


def test_a_locked_api_makes_no_call_and_the_other_does(desk: Desk, clock: StillClock) -> None:
    desk.send()
    desk.send(target=desk.subscribe)
    lane = desk.lane()
    desk.finish(desk.claimed(lane), DeliveryState.PENDING, SideEffect(locked_until=clock.now + 1_000), counts=False)
    assert ledger(desk.outbox, "default", "trigger").locked_until == clock.now + 1_000
    assert desk.claim(lane) is None
    assert desk.claim(desk.lane(desk.subscribe)) is not None
    clock.pass_ms(1_000)
    assert ledger(desk.outbox, "default", "trigger").locked_until is None
    assert desk.claim(lane) is not None


def test_a_breaker_lets_one_probe_through_and_then_all(desk: Desk, clock: StillClock) -> None:
    for number in range(4):
        desk.send(f"lead{number}@example.com")
    lane = desk.lane()
    calls = [desk.claimed(lane, batch=1) for _ in range(2)]
    for call in calls:
        broken = SideEffect(breaker_until=clock.now + 1_000)
        desk.finish(call, DeliveryState.PENDING, broken, counts=False, answered=False)
    assert ledger(desk.outbox, "default", "trigger").breaker_failures == 1, "calls that failed together are one failure"
    assert desk.claim(lane) is None
    clock.pass_ms(1_000)
    probe = desk.claimed(lane, batch=1)
    assert ledger(desk.outbox, "default", "trigger").probing
    assert desk.claim(lane, batch=1) is None
    again = SideEffect(breaker_until=clock.now + 2_000)
    desk.finish(probe, DeliveryState.PENDING, again, counts=False, answered=False)
    seen = ledger(desk.outbox, "default", "trigger")
    assert (seen.breaker_failures, seen.breaker_until, seen.probing) == (2, clock.now + 2_000, False)
    clock.pass_ms(2_000)
    desk.finish(desk.claimed(lane, batch=1), side_effect=SideEffect(close_breaker=True))
    assert [desk.claim(lane, batch=1) is not None for _ in range(3)] == [True, True, True]


def test_a_probe_whose_deliverer_died_does_not_close_the_api_for_ever(desk: Desk, clock: StillClock) -> None:
    desk.send("ada@example.com")
    desk.send("alan@example.com")
    lane = desk.lane()
    broken = SideEffect(breaker_until=clock.now + 1)
    desk.finish(desk.claimed(lane), DeliveryState.PENDING, broken, counts=False)
    clock.pass_ms(1)
    desk.claimed(lane, batch=1)
    clock.pass_ms(29_999)
    assert desk.claim(lane) is None
    clock.pass_ms(1)
    assert desk.claim(lane) is not None


def test_lanes_tell_what_is_due_by_class_up_to_the_cap(desk: Desk, clock: StillClock) -> None:
    for number in range(5):
        desk.send(f"live{number}@example.com")
    desk.send("bulk@example.com", priority=Priority.BULK)
    desk.send("later@example.com")
    later = desk.claimed(desk.lane(), batch=7)
    waiting = Outcome(verdict=OutcomeStatus.IGNORED, result="ignored")
    grid: dict[str, Any] = {
        "outcome": waiting,
        "priority": Priority.WAITING,
        "available_at": clock.now + 300_000,
    }
    desk.finish(later, DeliveryState.PENDING, **grid)
    clock.pass_ms(10)
    for number in range(5):
        desk.send(f"new{number}@example.com")
    (seen,) = lanes(desk.outbox, "default", "trigger", cap=3)
    assert (seen.due, seen.oldest_at, seen.next_at) == ({Priority.LIVE: 3}, clock.now, clock.now - 10 + 300_000)


def test_lanes_of_other_apis_and_accounts_are_not_shown(desk: Desk) -> None:
    desk.send()
    desk.send(target=Target(account="agency", api="trigger", journey_key="welcome"))
    assert [lane.target for lane in lanes(desk.outbox, "default", "trigger", cap=9)] == [desk.trigger]
    assert lanes(desk.outbox, "default", "subscribe", cap=9) == ()
    assert lanes(desk.outbox, "nobody", "trigger", cap=9) == ()


def test_nothing_is_due_in_an_empty_outbox(desk: Desk) -> None:
    assert next_due_at(desk.outbox, "default") is None
    assert ledger(desk.outbox, "default", "trigger").slots == ()
    assert desk.claim(1) is None
