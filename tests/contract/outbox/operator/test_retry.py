"""What a person does to deliveries: again, never, and by today's mapping."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState, EventState, Priority
from bridge.outbox.acts import Actor, job, start_job
from bridge.outbox.inbox import record
from bridge.outbox.operator import cancel, find_events, retry, status, store_replay

if TYPE_CHECKING:
    from bridge.outbox.operator import EventStory
    from tests.builders import OutboxDriver


def story(driver: OutboxDriver, event_id: int) -> EventStory:
    (found,) = find_events(driver.outbox, event_id=event_id)
    return found


def states(driver: OutboxDriver, event_id: int) -> list[tuple[int, str, str]]:
    return [
        (one.replay, one.state.name.lower(), one.reason.value if one.reason else "")
        for one in story(driver, event_id).deliveries
    ]


def two_actions(driver: OutboxDriver) -> int:
    deliveries = (driver.delivery(target=driver.subscribe), driver.delivery(action_no=2, waits_for=1))
    (receipt,) = record(driver.outbox, driver.request(driver.event(*deliveries, lead="ada@example.com")))
    return receipt.event_id


def test_a_cancelled_delivery_takes_with_it_what_waits_for_it_and_retry_brings_both_back(driver: OutboxDriver) -> None:
    event_id = two_actions(driver)
    assert cancel(driver.outbox, [1]) == 1
    assert states(driver, event_id) == [(0, "dead", "cancelled"), (0, "dead", "prerequisite")]
    assert status(driver.outbox).dead == {("subscribe", "cancelled"): 1, ("trigger", "prerequisite"): 1}
    assert retry(driver.outbox, [1]) == 2
    assert states(driver, event_id) == [(0, "pending", ""), (0, "blocked", "")]
    assert status(driver.outbox).dead == {}


def test_what_is_in_flight_is_not_cancelled(driver: OutboxDriver) -> None:
    driver.send()
    driver.claimed(driver.lane())
    assert cancel(driver.outbox, [1]) == 0
    assert states(driver, 1) == [(0, "claimed", "")]


def test_a_dead_letter_that_is_cancelled_counts_as_decided(driver: OutboxDriver) -> None:
    driver.send()
    driver.finish(driver.claimed(driver.lane()), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    assert cancel(driver.outbox, [1, 1]) == 1
    assert cancel(driver.outbox, [1]) == 0
    assert status(driver.outbox).dead == {("trigger", "cancelled"): 1}


def test_a_replay_cancels_what_waits_and_sends_again_as_often_as_one_likes(driver: OutboxDriver) -> None:
    event_id = two_actions(driver)
    new = driver.event(
        driver.delivery(target=driver.subscribe, body=b'{"First Name":"Ada"}', priority=Priority.BULK),
        driver.delivery(action_no=2, waits_for=1),
        lead="ada@example.com",
    )
    for _ in range(2):
        assert store_replay(driver.outbox, event_id, new, mapping_set_id=7)
    assert states(driver, event_id) == [
        (0, "dead", "cancelled"),
        (0, "dead", "cancelled"),
        (1, "dead", "cancelled"),
        (1, "dead", "cancelled"),
        (2, "pending", ""),
        (2, "blocked", ""),
    ]
    reported = story(driver, event_id)
    assert reported.mapping_set_id == 7
    assert reported.deliveries[4].body == b'{"First Name":"Ada"}'
    assert reported.deliveries[4].priority is Priority.BULK
    assert reported.deliveries[5].waits_for == reported.deliveries[4].delivery_id
    claimed = driver.claimed(driver.lane(driver.subscribe))
    assert [one.body for one in claimed.deliveries] == [b'{"First Name":"Ada"}']


def test_a_replay_waits_while_a_call_is_in_flight(driver: OutboxDriver) -> None:
    driver.send()
    driver.claimed(driver.lane())
    assert not store_replay(driver.outbox, 1, driver.event(driver.delivery()), mapping_set_id=None)
    assert states(driver, 1) == [(0, "claimed", "")]


def test_a_refused_event_becomes_accepted_by_a_replay_and_the_job_moves_with_it(driver: OutboxDriver) -> None:
    refused = driver.event(state=EventState.REFUSED, reason="bad_address", key="one")
    (receipt,) = record(driver.outbox, driver.request(refused))
    ada = Actor(name="ada", source="cli")
    started = start_job(driver.outbox, "replay", [receipt.event_id], subject="hook=form", options={}, actor=ada)
    accepted = replace(
        refused, state=EventState.ACCEPTED, reason="", lead="ada@example.com", deliveries=(driver.delivery(),)
    )
    store_replay(driver.outbox, receipt.event_id, accepted, mapping_set_id=1, job=(started.job_id, "send"))
    assert story(driver, receipt.event_id).state is EventState.ACCEPTED
    assert find_events(driver.outbox, lead="ada@example.com")
    counts = status(driver.outbox)
    assert (counts.events, counts.mapped) == ({("form", "refused"): 1}, {("form", "accepted"): 1})
    stored = job(driver.outbox, started.job_id)
    assert stored is not None
    assert (stored.done, stored.counts) == (1, {"send": 1})
