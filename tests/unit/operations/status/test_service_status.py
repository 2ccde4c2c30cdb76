"""How many events an hour the totals show, and what the status says next to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.delivery.account import Limits
from bridge.model import EventState, Kind, NewEvent, NewRequest
from bridge.operations.status.service_status import service_status
from bridge.outbox import operator, registry
from bridge.outbox.inbox import record
from tests.builders import SUBSCRIBE, OutboxDriver

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


def test_the_events_of_the_last_hour_count_whoever_looked_before(outbox: Outbox, clock: StillClock) -> None:
    post(outbox, 30)
    assert service_status(outbox, {}).events_an_hour == {ACCEPTED: 30}
    clock.pass_ms(HOUR_MS // 2)
    post(outbox, 10)
    assert service_status(outbox, {}).events_an_hour == {ACCEPTED: 40}
    clock.pass_ms(HOUR_MS // 2)
    assert service_status(outbox, {}).events_an_hour == {ACCEPTED: 10}
    clock.pass_ms(HOUR_MS)
    assert service_status(outbox, {}).events_an_hour == {}


def test_of_more_events_than_are_counted_the_newest_make_the_rate(outbox: Outbox, clock: StillClock) -> None:
    for _ in range(20):
        post(outbox, 1)
        clock.pass_ms(1_000)
    assert operator.events_an_hour(outbox, cap=10) == {ACCEPTED: 3_600}


def test_without_a_deliverer_or_a_token_nobody_knows_when_a_backlog_is_gone(outbox: Outbox, clock: StillClock) -> None:
    OutboxDriver(outbox).send(target=SUBSCRIBE)
    limits = {"subscribe": Limits(limit=100, budget=95, window_ms=300_000, lock_ms=1_800_000)}

    def stopped_by() -> str:
        return service_status(outbox, limits).forecasts["default", "subscribe"].stopped_by

    assert stopped_by() == "no deliverer is running"
    registry.heartbeat(outbox, role="deliverer", host="one", pid=1)
    assert stopped_by() == ""
    registry.store_token_failure(outbox, "default", "revoked", permanent=True, retry_at=outbox.now(), fingerprint="f")
    assert stopped_by() == "no access token can be obtained"


def test_the_repeats_of_a_lead_are_expected_no_sooner_than_they_go(outbox: Outbox) -> None:
    driver = OutboxDriver(outbox)
    record(outbox, driver.request(*[driver.event(driver.delivery("ada@example.com")) for _ in range(12)]))
    driver.claim(driver.lane(), batch=3)
    registry.heartbeat(outbox, role="deliverer", host="one", pid=1)
    limits = {"trigger": Limits(limit=100, budget=95, window_ms=300_000, lock_ms=1_800_000)}
    state = service_status(outbox, limits)
    due_by = state.status.apis[0].lanes[0].due_by
    assert due_by is not None
    assert due_by > outbox.now()
    assert state.forecasts["default", "trigger"].done_at == due_by
