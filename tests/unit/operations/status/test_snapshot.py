"""How many events an hour the totals show, and what the status says next to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import EventState, Kind, NewEvent, NewRequest
from bridge.operations.status.snapshot import service_status
from bridge.outbox.counters import note_totals
from bridge.outbox.inbox import record

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from tests.conftest import StillClock

HOUR_MS = 3_600_000
ACCEPTED = ("form", "accepted")


def post(store: Outbox, count: int) -> None:
    events = tuple(
        NewEvent(item=item, kind=Kind.SUBMISSION, state=EventState.ACCEPTED, key=f"{store.now()}-{item}", deliveries=())
        for item in range(count)
    )
    request = NewRequest(
        hook="form",
        received_at=store.now(),
        body=b"{}",
        content_type="application/json",
        meta=b"{}",
        mapping_set_id=None,
        events=events,
    )
    record(store, request)


def test_events_before_the_first_mark_of_an_hour_count_for_its_rate(outbox: Outbox, clock: StillClock) -> None:
    note_totals(outbox)
    post(outbox, 30)
    assert service_status(outbox, {}).events_an_hour == {ACCEPTED: 30}
    clock.pass_ms(HOUR_MS)
    note_totals(outbox)
    post(outbox, 10)
    clock.pass_ms(HOUR_MS // 2)
    assert service_status(outbox, {}).events_an_hour == {ACCEPTED: 26.7}
    clock.pass_ms(HOUR_MS)
    assert service_status(outbox, {}).events_an_hour == {ACCEPTED: 6.7}


def test_a_rate_is_not_reported_where_nobody_has_looked(outbox: Outbox) -> None:
    post(outbox, 30)
    assert service_status(outbox, {}).events_an_hour == {}
