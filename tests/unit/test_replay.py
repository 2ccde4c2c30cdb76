"""What a replay would send, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge import outbox
from bridge.hooks import folder as hooks
from bridge.model import (
    DeliveryState,
    Effect,
    EventState,
    Outcome,
    OutcomeStatus,
    Request,
    Response,
    SideEffect,
    Transition,
)
from bridge.outbox import operator, queue
from bridge.receiving.receive import Hooks, receive
from bridge.replay import Options, Plan, ReplayDecision, carry_out, plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.outbox import Outbox
    from tests.conftest import StillClock

MAPPING = """
preset: json
verify: none
consent: {not_asked: our own form}
lead:
  Lead Email: {from: body.email}
  First Name: {from: body.name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""


@pytest.fixture
def store(tmp_path: Path, clock: StillClock) -> Iterator[Outbox]:
    opened = outbox.open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}", clock=clock)
    opened.migrate()
    yield opened
    opened.close()


class Desk:
    """One hook over one outbox, whose mapping changes from day to day."""

    def __init__(self, store: Outbox) -> None:
        self.store = store
        self.presets = hooks.load_presets()
        self.use(MAPPING)

    def use(self, text: str) -> None:
        file = hooks.judge(text, name="form", file="form.yaml", presets=self.presets)
        self.hook = hooks.open_hook(file, self.presets, lambda name: "")
        self.hooks = Hooks(by_name={"form": self.hook}, mapping_set_id=lambda: 1)

    def post(self, **body: Any) -> int:
        request = Request(
            hook="form",
            method="POST",
            url="http://127.0.0.1/hooks/form",
            headers={"content-type": "application/json"},
            query={},
            body=orjson.dumps(body),
            received_at=self.store.now(),
        )
        return receive(request, self.hooks, self.store).events[0].receipt.event_id

    def deliver(self, state: DeliveryState = DeliveryState.DELIVERED) -> None:
        """Everything that is open comes to an end."""
        for api in ("subscribe", "trigger"):
            for lane in queue.lanes(self.store, "default", api, cap=10):
                claim = queue.claim(
                    self.store,
                    lane_id=lane.lane_id,
                    batch=10,
                    budget=1_000,
                    window_ms=1_000,
                    send_ms=1_000,
                    call_ms=1_000,
                    lease_ms=2_000,
                    deliverer="test",
                )
                assert claim is not None
                outcome = Outcome(verdict=OutcomeStatus.DELIVERED, result="done")
                moves = [
                    Transition(delivery_id=one.id, state=state, outcome=outcome, counts=True)
                    for one in claim.deliveries
                ]
                reading = Response(effect=Effect.NONE, outcomes=(outcome,) * len(moves), http_status=200)
                queue.finish(
                    self.store,
                    call_id=claim.call_id,
                    reading=reading,
                    moves=moves,
                    side_effect=SideEffect(),
                    window_ms=1_000,
                )

    def plan(self, event_id: int, **options: bool) -> Plan:
        (story,) = operator.find_events(self.store, event_id=event_id)
        stored = operator.request_of(self.store, event_id)
        return plan(story, stored, self.hook, self.store, Options(**options))

    def sends(self, event_id: int, **options: bool) -> list[str]:
        found = self.plan(event_id, **options)
        return (
            [one.target.api for one in found.event.deliveries]
            if found.fate is ReplayDecision.SEND and found.event
            else []
        )


@pytest.fixture
def desk(store: Outbox) -> Desk:
    return Desk(store)


ADA = {"email": "ada@example.com", "name": "Ada"}


def test_nothing_is_sent_that_waits_or_arrived_just_so(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    assert desk.plan(event_id).fate is ReplayDecision.SAME
    desk.deliver()
    assert desk.plan(event_id).fate is ReplayDecision.SAME


def test_what_differs_is_sent_and_no_journey_starts_again(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    desk.deliver()
    desk.use(MAPPING.replace("First Name", "Full Name"))
    found = desk.plan(event_id)
    assert [one.target.api for one in found.event.deliveries] == ["subscribe"]  # type: ignore[union-attr] # it sends
    assert [(change.path, change.before, change.after) for change in found.changes] == [
        ("actions[1].First Name", "Ada", None),
        ("actions[1].Full Name", None, "Ada"),
    ]
    assert desk.sends(event_id, journeys=True) == ["subscribe", "trigger"]


def test_all_is_sent_again_only_when_asked(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    desk.deliver()
    assert desk.sends(event_id, again=True) == ["subscribe"]
    assert desk.sends(event_id, again=True, journeys=True) == ["subscribe", "trigger"]
    assert desk.sends(event_id, journeys=True) == ["trigger"]


def test_what_waits_gives_way_to_what_differs(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    desk.use(MAPPING.replace("Newsletter", "Customers"))
    found = desk.plan(event_id)
    assert carry_out(found, desk.store, mapping_set_id=2) is ReplayDecision.SEND
    (story,) = operator.find_events(desk.store, event_id=event_id)
    assert [(one.replay, one.state.name) for one in story.deliveries] == [
        (0, "DEAD"),
        (0, "DEAD"),
        (1, "PENDING"),
        (1, "BLOCKED"),
    ]
    assert [one.target.list_name for one in story.deliveries[::2]] == ["Newsletter", "Customers"]
    assert desk.plan(event_id).fate is ReplayDecision.SAME


def test_what_was_given_up_is_sent(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    desk.deliver(DeliveryState.DEAD)
    assert desk.sends(event_id) == ["subscribe", "trigger"]


def test_a_refused_event_is_mapped_again_from_its_stored_body(desk: Desk) -> None:
    desk.use(MAPPING.replace("body.email", "body.mail"))
    event_id = desk.post(**ADA)
    assert operator.find_events(desk.store, event_id=event_id)[0].state is EventState.REFUSED
    assert desk.plan(event_id).fate is ReplayDecision.REFUSED
    desk.use(MAPPING)
    assert carry_out(desk.plan(event_id), desk.store, mapping_set_id=2) is ReplayDecision.SEND
    (story,) = operator.find_events(desk.store, lead="ada@example.com")
    assert story.state is EventState.ACCEPTED
    assert [one.state.name for one in story.deliveries] == ["PENDING", "BLOCKED"]


def test_what_todays_mapping_does_not_want_is_stopped(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    desk.use(MAPPING.replace("consent: {not_asked: our own form}", "consent: {from: body.newsletter, agreed: true}"))
    found = desk.plan(event_id)
    assert (found.fate, found.note) == (ReplayDecision.STOP, "no_consent")
    assert carry_out(found, desk.store, mapping_set_id=2) is ReplayDecision.STOP
    (story,) = operator.find_events(desk.store, event_id=event_id)
    assert story.reason == "no_consent"
    assert {one.state.name for one in story.deliveries} == {"DEAD"}


def test_an_action_that_is_gone_stops_what_waits_of_it(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    desk.use(MAPPING.replace("  - trigger: {journey: Welcome}\n", ""))
    assert desk.plan(event_id).fate is ReplayDecision.SEND
    carry_out(desk.plan(event_id), desk.store, mapping_set_id=2)
    (story,) = operator.find_events(desk.store, event_id=event_id)
    assert [one.state.name for one in story.deliveries] == ["DEAD", "DEAD", "PENDING"]


def test_what_a_later_event_has_overtaken_is_left_unless_asked(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    desk.deliver()
    later = desk.post(email="ada@example.com", name="Countess")
    desk.use(MAPPING.replace("First Name", "Full Name"))
    assert (desk.plan(event_id).fate, desk.plan(event_id).note) == (ReplayDecision.OVERTAKEN, f"by evt_{later}")
    assert desk.sends(event_id, overtaken=True) == ["subscribe"]


def test_without_a_hook_or_a_body_there_is_no_replay(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    (story,) = operator.find_events(desk.store, event_id=event_id)
    request = operator.request_of(desk.store, event_id)
    assert plan(story, request, None, desk.store, Options()).fate is ReplayDecision.CLOSED
    assert plan(story, None, desk.hook, desk.store, Options()).fate is ReplayDecision.PURGED


def test_what_a_call_has_in_flight_is_left_alone(desk: Desk) -> None:
    event_id = desk.post(**ADA)
    (lane,) = queue.lanes(desk.store, "default", "subscribe", cap=10)
    queue.claim(
        desk.store,
        lane_id=lane.lane_id,
        batch=1,
        budget=9,
        window_ms=1_000,
        send_ms=1_000,
        call_ms=1_000,
        lease_ms=2_000,
        deliverer="test",
    )
    assert desk.plan(event_id).fate is ReplayDecision.UNDER_WAY
