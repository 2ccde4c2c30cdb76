"""How long the scheduler sleeps between two looks: no longer than until pacing's answer can be another one."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from bridge import bootstrap, config
from bridge.delivery.scheduler import LEAST_PAUSE_MS, LOOK_MS, Deliverer
from bridge.model import (
    DeliveryState,
    Effect,
    EventState,
    Kind,
    NewDelivery,
    NewEvent,
    NewRequest,
    Outcome,
    OutcomeStatus,
    Response,
    SideEffect,
    Target,
    Transition,
)
from bridge.outbox.inbox import record
from bridge.outbox.queue import claim, finish, lanes

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox import Outbox
    from tests.conftest import StillClock

TARGET = Target(api="trigger", journey_key="welcome", trigger_key="t1", list_key="newsletter")


class _Nothing(Executor):
    """Does nothing of what it is given: the looks alone are of interest."""

    def submit(self, what: Callable[..., Any], /, *arguments: Any, **more: Any) -> Future[Any]:
        return Future()


def pause_with_a_retry_in(store: Outbox, clock: StillClock, wait_ms: int) -> int:
    """Put a delivery into the outbox that is due so much later, and look once."""
    delivery = NewDelivery(action_no=1, lead="ada@example.com", target=TARGET, body=b"{}")
    event = NewEvent(key="1", item=0, kind=Kind.SUBMISSION, state=EventState.ACCEPTED, deliveries=(delivery,))
    request = NewRequest(
        hook="form",
        received_at=clock.now,
        body=b"{}",
        content_type="application/json",
        meta=b"{}",
        mapping_set_id=None,
        events=(event,),
    )
    record(store, request)
    (lane,) = lanes(store, "default", "trigger", cap=400)
    times: dict[str, Any] = {"window_ms": 300_000, "send_ms": 5_000, "call_ms": 30_000, "lease_ms": 60_000}
    claimed = claim(store, lane_id=lane.lane_id, batch=1, budget=95, deliverer="d1", **times)
    assert claimed is not None
    outcome = Outcome(status=OutcomeStatus.RETRY, result="failed")
    transition = Transition(
        delivery_id=claimed.deliveries[0].id,
        state=DeliveryState.PENDING,
        outcome=outcome,
        counts=True,
        available_at=clock.now + wait_ms,
    )
    response = Response(effect=Effect.NONE, outcomes=(outcome,), http_status=200)
    finish(
        store,
        call_id=claimed.call_id,
        response=response,
        transitions=[transition],
        side_effect=SideEffect(),
        window_ms=300_000,
    )
    credentials = dict.fromkeys(("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"), "x")
    settings = config.load({"ZOHO_DATA_CENTER": "EU", **credentials}, credentials=True)
    deliverer = Deliverer(store, [bootstrap.open_account(settings)], pool=_Nothing())
    deliverer.look()
    return deliverer.pause_ms


def test_the_next_look_is_when_something_becomes_due(outbox: Outbox, clock: StillClock) -> None:
    assert pause_with_a_retry_in(outbox, clock, 40) == 40


def test_what_is_due_later_is_looked_for_at_the_usual_pace(outbox: Outbox, clock: StillClock) -> None:
    assert pause_with_a_retry_in(outbox, clock, 10_000) == LOOK_MS


def test_looks_are_never_closer_than_a_few_milliseconds(outbox: Outbox, clock: StillClock) -> None:
    assert pause_with_a_retry_in(outbox, clock, 1) == LEAST_PAUSE_MS
