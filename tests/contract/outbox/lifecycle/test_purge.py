"""Purging: what is old goes, in steps; what is open, dead or refused stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState, EventState
from bridge.outbox.inbox import record
from bridge.outbox.lifecycle import purge_bodies, purge_calls, purge_events
from bridge.outbox.operator import find_events, request_of
from bridge.outbox.queue import ledger

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.lifecycle import Step
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

DAY_MS = 86_400_000


def test_an_old_body_goes_and_its_key_stays(driver: OutboxDriver, clock: StillClock) -> None:
    request = driver.request(driver.event(driver.delivery(), key="k", notes=b"{}"), body=b"personal")
    first = record(driver.outbox, request)[0]
    driver.finish(driver.claimed(driver.lane()))
    before = clock.pass_ms(DAY_MS)
    assert purge_bodies(driver.outbox, before=before).purged == 1
    stored = request_of(driver.outbox, first.event_id)
    assert stored is not None
    assert stored.body is None
    (story,) = find_events(driver.outbox, event_id=first.event_id)
    assert (story.deliveries[0].state, story.deliveries[0].body) == (DeliveryState.DELIVERED, None)
    assert record(driver.outbox, request)[0].duplicate
    assert purge_bodies(driver.outbox, before=before).purged == 0


def test_what_is_open_dead_refused_or_young_keeps_its_body(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send("dead@example.com")
    driver.finish(driver.claimed(driver.lane()), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    driver.send("open@example.com")
    record(driver.outbox, driver.request(driver.event(state=EventState.REFUSED)))
    before = clock.pass_ms(DAY_MS)
    driver.send("young@example.com", driver.subscribe)
    driver.finish(driver.claimed(driver.lane(driver.subscribe)))
    assert purge_bodies(driver.outbox, before=before).purged == 0
    bodies = [request_of(driver.outbox, story.event_id) for story in find_events(driver.outbox)]
    assert [body.body for body in bodies if body] == [b"{}"] * 4


def test_everything_of_an_old_event_goes_unless_it_is_open_or_dead(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send("dead@example.com")
    driver.finish(driver.claimed(driver.lane()), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    request = driver.request(driver.event(driver.delivery(), key="k"))
    record(driver.outbox, request)
    driver.finish(driver.claimed(driver.lane()))
    record(driver.outbox, driver.request(driver.event(state=EventState.REFUSED)))
    before = clock.pass_ms(DAY_MS)
    assert purge_events(driver.outbox, before=before).purged == 2
    assert [story.deliveries[0].state for story in find_events(driver.outbox)] == [DeliveryState.DEAD]
    assert not record(driver.outbox, request)[0].duplicate
    with driver.outbox.read() as transaction:
        assert len(transaction.rows("slots", api_id=1, now=0)) == 2
    assert purge_calls(driver.outbox, before=before).purged == 1
    with driver.outbox.read() as transaction:
        assert len(transaction.rows("slots", api_id=1, now=0)) == 1


def test_a_call_that_counts_is_not_purged(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send("ada@example.com")
    driver.finish(driver.claimed(driver.lane()))
    before = clock.pass_ms(1_000)
    purge_events(driver.outbox, before=before)
    assert purge_calls(driver.outbox, before=before).purged == 0
    assert len(ledger(driver.outbox, "default", "trigger").slots) == 1


def test_steps_go_on_to_the_end_and_stop_at_what_is_young(
    outbox: Outbox, driver: OutboxDriver, clock: StillClock
) -> None:
    for number in range(25):
        record(outbox, driver.request(driver.event(key=f"old{number}")))
    before = clock.pass_ms(DAY_MS)
    record(outbox, driver.request(driver.event(key="young")))
    steps = [purge_bodies(outbox, before=before, limit=10)]
    while steps[-1].after is not None:
        steps.append(purge_bodies(outbox, before=before, after=steps[-1].after, limit=10))
    assert [step.purged for step in steps] == [10, 10, 5]
    assert _purged(purge_events(outbox, before=before, limit=100)) == (25, None)


def _purged(step: Step) -> tuple[int, int | None]:
    return step.purged, step.after
