"""A person is taken out of everything, on both databases, and a search confirms it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from bridge.forget import count_traces, forget
from bridge.model import (
    DeadReason,
    DeliveryState,
    Effect,
    EventState,
    Outcome,
    OutcomeStatus,
    Response,
    SideEffect,
    Target,
    Transition,
)
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events, request_of, status
from bridge.outbox.queue import finish

if TYPE_CHECKING:
    from tests.builders import OutboxDriver

ADA = "ada@example.com"


def test_a_person_is_erased_everywhere_and_the_others_stay(driver: OutboxDriver, outbox_url: str) -> None:
    shared = orjson.dumps([{"email": "Ada@Example.com"}, {"email": "alan@example.com"}])
    own = driver.event(
        driver.delivery(ADA, body=b'{"Lead Email":"ada@example.com"}'), lead=ADA, notes=b'{"c":"ada@example.com"}'
    )
    other = driver.event(driver.delivery("alan@example.com"), lead="alan@example.com", item=1)
    record(driver.outbox, driver.request(own, other, body=shared))
    refused = driver.event(state=EventState.REFUSED, reason="bad", key="tpl:ada@example.com")
    record(driver.outbox, driver.request(refused, body=b'{"mail":"ada\\u0040example.com"}'))
    claim = driver.claimed(driver.lane(), batch=1)
    outcome = Outcome(
        status=OutcomeStatus.REFUSED, result="refused", code="2004", message="ada@example.com is not valid"
    )
    finish(
        driver.outbox,
        call_id=claim.call_id,
        response=Response(effect=Effect.NONE, outcomes=(outcome,), http_status=200),
        transitions=[
            Transition(
                delivery_id=claim.deliveries[0].id,
                state=DeliveryState.DEAD,
                outcome=outcome,
                counts=True,
                reason=DeadReason.PERMANENT,
            )
        ],
        side_effect=SideEffect(),
        window_ms=1_000,
    )
    assert set(count_traces(driver.outbox, ADA)) == {"requests", "events", "deliveries", "payloads", "attempts"}

    done = forget(driver.outbox, "ADA@example.com")

    assert done.left == ()
    assert done.in_flight == ()
    assert done.counts == {"events": 1, "deliveries": 1, "bodies rewritten": 1, "bodies": 1, "notes": 1}
    assert count_traces(driver.outbox, ADA) == {}
    assert find_events(driver.outbox, lead=ADA) == ()
    (alan,) = find_events(driver.outbox, lead="alan@example.com")
    assert alan.deliveries[0].body == b"{}"
    kept = request_of(driver.outbox, alan.event_id)
    assert kept is not None
    assert kept.body is not None
    assert orjson.loads(kept.body) == [{"forgotten": True}, {"email": "alan@example.com"}]
    assert status(driver.outbox).dead == {}
    if outbox_url.startswith("sqlite"):
        folder = Path(outbox_url.removeprefix("sqlite:///")).parent
        assert all(ADA.encode() not in path.read_bytes().lower() for path in folder.iterdir() if path.is_file())


def test_a_repeat_of_a_forgotten_event_is_still_known_as_one(driver: OutboxDriver) -> None:
    event = driver.event(driver.delivery(ADA), lead=ADA, key="id:7")
    (first,) = record(driver.outbox, driver.request(event))
    forget(driver.outbox, ADA)
    (again,) = record(driver.outbox, driver.request(event))
    assert (again.event_id, again.duplicate, again.reason) == (first.event_id, True, "forgotten")
    assert find_events(driver.outbox, lead=ADA) == ()


def test_what_a_call_has_in_flight_is_reported_and_erased_the_next_time(driver: OutboxDriver) -> None:
    driver.send(ADA, body=b'"ada@example.com"')
    claim = driver.claimed(driver.lane())
    done = forget(driver.outbox, ADA)
    assert done.in_flight == (1,)
    assert {trace.table for trace in done.left} == {"events", "deliveries", "payloads"}
    driver.finish(claim)
    assert forget(driver.outbox, ADA).left == ()


def test_a_withdrawal_goes_through_before_its_person_is_forgotten(driver: OutboxDriver) -> None:
    off = Target(api="unsubscribe", list_name="Newsletter")
    left = driver.send(ADA, off, body=b'"ada@example.com"', withdraws=True)
    assert forget(driver.outbox, ADA).in_flight == (left.event_id,)
    driver.finish(driver.claimed(driver.lane(off)))
    done = forget(driver.outbox, ADA)
    assert (done.in_flight, done.left) == ((), ())
