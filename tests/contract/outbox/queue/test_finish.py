"""Finishing: what came of a call, fenced by the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.model import (
    DeadReason,
    DeliveryState,
    Effect,
    Outcome,
    OutcomeStatus,
    Priority,
    Response,
    SideEffect,
    Transition,
)
from bridge.outbox.counters import totals
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events, retry, status
from bridge.outbox.queue import finish

if TYPE_CHECKING:
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

DELIVERED = Outcome(status=OutcomeStatus.DELIVERED, result="triggered")


def test_each_lead_gets_its_own_end(driver: OutboxDriver, clock: StillClock) -> None:
    for name in ("a", "b", "c"):
        driver.send(f"{name}@example.com")
    call = driver.claimed(driver.lane())
    first, second, third = (one.id for one in call.deliveries)
    ignored = Outcome(status=OutcomeStatus.IGNORED, result="ignored", code="77", message="not confirmed")
    refused = Outcome(status=OutcomeStatus.REFUSED, result="invalid", code="2004")
    later = clock.now + 300_000
    transitions = (
        Transition(
            delivery_id=third, state=DeliveryState.DEAD, outcome=refused, counts=True, reason=DeadReason.PERMANENT
        ),
        Transition(delivery_id=first, state=DeliveryState.DELIVERED, outcome=DELIVERED, counts=True),
        Transition(
            delivery_id=second,
            state=DeliveryState.PENDING,
            outcome=ignored,
            counts=True,
            available_at=later,
            priority=Priority.WAITING,
        ),
    )
    response = Response(effect=Effect.NONE, outcomes=(), http_status=200, code="0", message="ok\0")
    done = finish(
        driver.outbox,
        call_id=call.call_id,
        response=response,
        transitions=transitions,
        side_effect=SideEffect(),
        window_ms=300_000,
    )
    assert done == 3
    one, two, three = (story.deliveries[0] for story in reversed(find_events(driver.outbox)))
    assert (one.state, one.ended_at, one.call_id, one.attempts_count) == (DeliveryState.DELIVERED, clock.now, None, 1)
    assert (two.state, two.available_at, two.priority) == (DeliveryState.PENDING, later, Priority.WAITING)
    assert (two.ignored_count, two.code) == (1, "77")
    assert (three.state, three.reason, three.code) == (DeliveryState.DEAD, DeadReason.PERMANENT, "2004")
    (attempt,) = two.attempts
    assert (attempt.outcome, attempt.result, attempt.message) == ("ignored", "ignored", "not confirmed")
    assert (attempt.http_status, attempt.call_message, attempt.answered_at) == (200, "ok\ufffd", clock.now)


def test_a_finish_is_fenced_by_its_call(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send()
    lane = driver.lane()
    slow = driver.claimed(lane)
    clock.pass_ms(60_000)
    quick = driver.claimed(lane)
    assert driver.finish(slow) == 0
    assert find_events(driver.outbox)[0].deliveries[0].state is DeliveryState.CLAIMED
    assert driver.finish(quick) == 1
    assert driver.finish(quick) == 0
    assert totals(driver.outbox)["deliveries", (("api", "trigger"), ("reason", ""), ("state", "delivered"))] == 1


def test_a_late_finish_still_counts_while_nobody_else_has_the_delivery(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send()
    slow = driver.claimed(driver.lane())
    clock.pass_ms(61_000)
    assert driver.finish(slow) == 1


def test_a_wait_is_no_attempt(driver: OutboxDriver) -> None:
    driver.send()
    driver.finish(driver.claimed(driver.lane()), DeliveryState.PENDING, counts=False)
    assert find_events(driver.outbox)[0].deliveries[0].attempts_count == 0


def test_no_call_can_leave_a_delivery_claimed_or_blocked(driver: OutboxDriver) -> None:
    driver.send()
    call = driver.claimed(driver.lane())
    with pytest.raises(ValueError, match="cannot be blocked after a call"):
        driver.finish(call, DeliveryState.BLOCKED)
    assert driver.finish(call) == 1


def test_finishing_an_unknown_call_is_an_error(driver: OutboxDriver) -> None:
    with pytest.raises(ValueError, match="no call 99"):
        finish(driver.outbox, call_id=99, response=None, transitions=(), side_effect=SideEffect(), window_ms=1)


def test_a_dead_delivery_can_be_retried_with_a_fresh_start(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send()
    lane = driver.lane()
    dead = driver.claimed(lane)
    driver.finish(dead, DeliveryState.DEAD, reason=DeadReason.EXHAUSTED)
    assert driver.claim(lane) is None
    clock.pass_ms(1_000)
    assert retry(driver.outbox, [dead.deliveries[0].id]) == 1
    assert retry(driver.outbox, [dead.deliveries[0].id]) == 0
    again = driver.claimed(lane)
    assert again.deliveries[0].first_try_at == clock.now
    assert status(driver.outbox).dead == {}


def test_retrying_one_of_a_chain_retries_the_chain(driver: OutboxDriver) -> None:
    event = driver.event(driver.delivery(target=driver.subscribe), driver.delivery(action_no=2, waits_for=1))
    record(driver.outbox, driver.request(event))
    lane = driver.lane(driver.subscribe)
    driver.finish(driver.claimed(lane), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    first, second = find_events(driver.outbox)[0].deliveries
    assert retry(driver.outbox, [second.delivery_id]) == 2
    assert status(driver.outbox).dead == {}
    driver.finish(driver.claimed(lane))
    assert driver.leads(driver.claim(driver.lane())) == ["ada@example.com"]
    assert first.lead == "ada@example.com"


def test_the_story_can_be_found_by_lead_event_delivery_call_and_hook(driver: OutboxDriver) -> None:
    receipt = driver.send()
    driver.send("alan@example.com")
    call = driver.claimed(driver.lane(), batch=1)
    delivery_id = call.deliveries[0].id
    in_flight = find_events(driver.outbox, call_id=call.call_id)
    driver.finish(call)
    for found in (
        in_flight,
        find_events(driver.outbox, lead="ada@example.com"),
        find_events(driver.outbox, event_id=receipt.event_id),
        find_events(driver.outbox, delivery_id=delivery_id),
        find_events(driver.outbox, call_id=call.call_id),
    ):
        assert [story.event_id for story in found] == [receipt.event_id]
    assert len(find_events(driver.outbox, hook="form")) == 2
    assert len(find_events(driver.outbox, hook="form", state=receipt.state, limit=1)) == 1
    assert find_events(driver.outbox, hook="shop") == ()
    with pytest.raises(ValueError, match="give one"):
        find_events(driver.outbox, lead="ada@example.com", event_id=1)


def test_the_status_reports_what_waits_where_and_since_when(driver: OutboxDriver, clock: StillClock) -> None:
    since = clock.now
    event = driver.event(driver.delivery(target=driver.subscribe), driver.delivery(action_no=2, waits_for=1))
    record(driver.outbox, driver.request(event))
    clock.pass_ms(500)
    driver.send("alan@example.com", target=driver.subscribe)
    driver.claimed(driver.lane(driver.subscribe), batch=1)
    seen = status(driver.outbox, cap=10)
    assert [(api.api, api.calls_counted) for api in seen.apis] == [("subscribe", 1), ("trigger", 0)]
    lanes = [
        (sum(lane.pending.values()), lane.claimed, lane.blocked, lane.oldest_at)
        for api in seen.apis
        for lane in api.lanes
    ]
    assert lanes == [(1, 1, 0, since), (0, 0, 1, since)]
    assert seen.events == {("form", "accepted"): 2}
