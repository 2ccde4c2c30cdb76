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
    from tests.conftest import StillClock
    from tests.contract.outbox.conftest import Desk

DAY_MS = 86_400_000


def test_an_old_body_goes_and_its_key_stays(desk: Desk, clock: StillClock) -> None:
    request = desk.request(desk.event(desk.delivery(), key="k", notes=b"{}"), body=b"personal")
    first = record(desk.outbox, request)[0]
    desk.finish(desk.claimed(desk.lane()))
    before = clock.pass_ms(DAY_MS)
    assert purge_bodies(desk.outbox, before=before).purged == 1
    stored = request_of(desk.outbox, first.event_id)
    assert stored is not None
    assert stored.body is None
    (story,) = find_events(desk.outbox, event_id=first.event_id)
    assert (story.deliveries[0].state, story.deliveries[0].body) == (DeliveryState.DELIVERED, None)
    assert record(desk.outbox, request)[0].duplicate
    assert purge_bodies(desk.outbox, before=before).purged == 0


def test_what_is_open_dead_refused_or_young_keeps_its_body(desk: Desk, clock: StillClock) -> None:
    desk.send("dead@example.com")
    desk.finish(desk.claimed(desk.lane()), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    desk.send("open@example.com")
    record(desk.outbox, desk.request(desk.event(state=EventState.REFUSED)))
    before = clock.pass_ms(DAY_MS)
    desk.send("young@example.com", desk.subscribe)
    desk.finish(desk.claimed(desk.lane(desk.subscribe)))
    assert purge_bodies(desk.outbox, before=before).purged == 0
    bodies = [request_of(desk.outbox, story.event_id) for story in find_events(desk.outbox)]
    assert [body.body for body in bodies if body] == [b"{}"] * 4


def test_everything_of_an_old_event_goes_unless_it_is_open_or_dead(desk: Desk, clock: StillClock) -> None:
    desk.send("dead@example.com")
    desk.finish(desk.claimed(desk.lane()), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    request = desk.request(desk.event(desk.delivery(), key="k"))
    record(desk.outbox, request)
    desk.finish(desk.claimed(desk.lane()))
    record(desk.outbox, desk.request(desk.event(state=EventState.REFUSED)))
    before = clock.pass_ms(DAY_MS)
    assert purge_events(desk.outbox, before=before).purged == 2
    assert [story.deliveries[0].state for story in find_events(desk.outbox)] == [DeliveryState.DEAD]
    assert not record(desk.outbox, request)[0].duplicate
    with desk.outbox.read() as transaction:
        assert len(transaction.rows("slots", api_id=1, now=0)) == 2
    assert purge_calls(desk.outbox, before=before).purged == 1
    with desk.outbox.read() as transaction:
        assert len(transaction.rows("slots", api_id=1, now=0)) == 1


def test_a_call_that_counts_is_not_purged(desk: Desk, clock: StillClock) -> None:
    desk.send("ada@example.com")
    desk.finish(desk.claimed(desk.lane()))
    before = clock.pass_ms(1_000)
    purge_events(desk.outbox, before=before)
    assert purge_calls(desk.outbox, before=before).purged == 0
    assert len(ledger(desk.outbox, "default", "trigger").slots) == 1


def test_steps_go_on_to_the_end_and_stop_at_what_is_young(outbox: Outbox, desk: Desk, clock: StillClock) -> None:
    for number in range(25):
        record(outbox, desk.request(desk.event(key=f"old{number}")))
    before = clock.pass_ms(DAY_MS)
    record(outbox, desk.request(desk.event(key="young")))
    steps = [purge_bodies(outbox, before=before, limit=10)]
    while steps[-1].after is not None:
        steps.append(purge_bodies(outbox, before=before, after=steps[-1].after, limit=10))
    assert [step.purged for step in steps] == [10, 10, 5]
    assert _purged(purge_events(outbox, before=before, limit=100)) == (25, None)


def _purged(step: Step) -> tuple[int, int | None]:
    return step.purged, step.after
