"""What a replay would send, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson
import pytest

from bridge import outbox
from bridge.hooks.hook import Hook
from bridge.model import (
    DeliveryState,
    EventState,
)
from bridge.outbox import operator, queue
from bridge.replay.carry_out import carry_out, correct
from bridge.replay.plan import Options, Plan, ReplayDecision, plan
from tests.builders import HookDriver, OutboxDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox import Outbox
    from tests.conftest import StillClock

HOUR_MS: Final = 3_600_000
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
def store(sqlite_url: str, clock: StillClock) -> Iterator[Outbox]:
    opened = outbox.open_outbox(sqlite_url, clock=clock)
    yield opened
    opened.close()


class ReplayedHook(HookDriver):
    """A form's hook, what its events would become today, and the outbox that delivers them."""

    def post(self, **body: Any) -> int:
        return self.receive(body).events[0].receipt.event_id

    def deliver(self, state: DeliveryState = DeliveryState.DELIVERED) -> None:
        """Everything that is open comes to an end."""
        driver = OutboxDriver(self.store)
        for api in ("subscribe", "trigger"):
            for lane in queue.lanes(self.store, "default", api, cap=10):
                driver.finish(driver.claimed(lane.lane_id), state)

    def plan(self, event_id: int, **options: bool) -> Plan:
        (story,) = operator.find_events(self.store, event_id=event_id)
        stored = operator.request_of(self.store, event_id)
        return plan(story, stored, self.hook, self.store, Options(**options))

    def sends(self, event_id: int, **options: bool) -> list[str]:
        found = self.plan(event_id, **options)
        return (
            [one.target.api for one in found.event.deliveries]
            if found.decision is ReplayDecision.SEND and found.event
            else []
        )


@pytest.fixture
def form(store: Outbox) -> ReplayedHook:
    return ReplayedHook(store, MAPPING)


ADA = {"email": "ada@example.com", "name": "Ada"}


def test_nothing_is_sent_that_waits_or_arrived_just_so(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    assert form.plan(event_id).decision is ReplayDecision.SAME
    form.deliver()
    assert form.plan(event_id).decision is ReplayDecision.SAME


def test_what_differs_is_sent_and_no_journey_starts_again(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.deliver()
    form.use(MAPPING.replace("First Name", "Full Name"))
    found = form.plan(event_id)
    assert [one.target.api for one in found.event.deliveries] == ["subscribe"]  # type: ignore[union-attr] # it sends
    assert [(change.path, change.before, change.after) for change in found.changes] == [
        ("actions[0].First Name", "Ada", None),
        ("actions[0].Full Name", None, "Ada"),
    ]
    assert form.sends(event_id, journeys=True) == ["subscribe", "trigger"]


def test_all_is_sent_again_only_when_asked(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.deliver()
    assert form.sends(event_id, again=True) == ["subscribe"]
    assert form.sends(event_id, again=True, journeys=True) == ["subscribe", "trigger"]
    assert form.sends(event_id, journeys=True) == ["trigger"]


def test_what_an_earlier_replay_left_out_is_no_change(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.deliver()
    carry_out(form.plan(event_id, again=True), form.store, mapping_set_id=1)
    form.deliver()
    assert form.plan(event_id, again=True).changes == ()


def test_only_what_no_newer_event_did_is_sent(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.deliver()
    form.use(MAPPING.replace("Newsletter", "Customers"))
    later = form.post(email="ada@example.com", name="Countess")
    form.use(MAPPING + "  - subscribe: {list: Customers}\n  - tag: VIP\n")
    planned = form.plan(event_id, again=True)
    assert (planned.decision, planned.note) == (ReplayDecision.SEND, f"in part overtaken by evt_{later}")
    assert planned.event is not None
    assert [one.target.name for one in planned.event.deliveries] == ["Newsletter", "VIP"]
    assert [one.waits_for for one in planned.event.deliveries] == [None, None]


def test_what_waits_gives_way_to_what_differs(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.use(MAPPING.replace("Newsletter", "Customers"))
    found = form.plan(event_id)
    assert carry_out(found, form.store, mapping_set_id=2) is ReplayDecision.SEND
    (story,) = operator.find_events(form.store, event_id=event_id)
    assert [(one.replay, one.state.name) for one in story.deliveries] == [
        (0, "DEAD"),
        (0, "DEAD"),
        (1, "PENDING"),
        (1, "BLOCKED"),
    ]
    assert [one.target.list_name for one in story.deliveries[::2]] == ["Newsletter", "Customers"]
    assert form.plan(event_id).decision is ReplayDecision.SAME


def test_what_was_given_up_is_sent(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.deliver(DeliveryState.DEAD)
    assert form.sends(event_id) == ["subscribe", "trigger"]


def test_a_refused_event_is_mapped_again_from_its_stored_body(form: ReplayedHook) -> None:
    form.use(MAPPING.replace("body.email", "body.mail"))
    event_id = form.post(**ADA)
    assert operator.find_events(form.store, event_id=event_id)[0].state is EventState.REFUSED
    assert form.plan(event_id).decision is ReplayDecision.REFUSED
    form.use(MAPPING)
    assert carry_out(form.plan(event_id), form.store, mapping_set_id=2) is ReplayDecision.SEND
    (story,) = operator.find_events(form.store, lead="ada@example.com")
    assert story.state is EventState.ACCEPTED
    assert [one.state.name for one in story.deliveries] == ["PENDING", "BLOCKED"]


def test_what_todays_mapping_does_not_want_is_stopped(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.use(MAPPING.replace("consent: {not_asked: our own form}", "consent: {from: body.newsletter, agreed: true}"))
    found = form.plan(event_id)
    assert (found.decision, found.note) == (ReplayDecision.STOP, "no_consent")
    assert carry_out(found, form.store, mapping_set_id=2) is ReplayDecision.STOP
    (story,) = operator.find_events(form.store, event_id=event_id)
    assert story.reason == "no_consent"
    assert {one.state.name for one in story.deliveries} == {"DEAD"}


def test_what_is_ignored_for_another_reason_than_before_says_so(form: ReplayedHook) -> None:
    form.use(f"live: false{MAPPING}")
    event_id = form.post(email="ada@example.com", name="Ada")
    form.use(MAPPING.replace("{not_asked: our own form}", "{from: body.agreed}"))
    found = form.plan(event_id)
    assert (found.decision, found.note) == (ReplayDecision.STOP, "no_consent")
    assert carry_out(found, form.store, mapping_set_id=2) is ReplayDecision.STOP
    (story,) = operator.find_events(form.store, event_id=event_id)
    assert (story.state, story.reason) == (EventState.IGNORED, "no_consent")
    assert form.plan(event_id).decision is ReplayDecision.SAME


def test_an_action_that_is_gone_stops_what_waits_of_it(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.use(MAPPING.replace("  - trigger: {journey: Welcome}\n", ""))
    assert form.plan(event_id).decision is ReplayDecision.SEND
    carry_out(form.plan(event_id), form.store, mapping_set_id=2)
    (story,) = operator.find_events(form.store, event_id=event_id)
    assert [one.state.name for one in story.deliveries] == ["DEAD", "DEAD", "PENDING"]


def test_what_a_later_event_has_overtaken_is_left_unless_asked(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.deliver()
    later = form.post(email="ada@example.com", name="Countess")
    form.use(MAPPING.replace("First Name", "Full Name"))
    assert (form.plan(event_id).decision, form.plan(event_id).note) == (ReplayDecision.OVERTAKEN, f"by evt_{later}")
    assert form.sends(event_id, overtaken=True) == ["subscribe"]


def test_what_was_sent_although_overtaken_can_be_sent_again_until_something_newer_goes(form: ReplayedHook) -> None:
    event_id, later = form.post(**ADA), form.post(email="ada@example.com", name="Countess")
    form.deliver()
    assert form.plan(event_id, again=True).decision is ReplayDecision.OVERTAKEN
    carry_out(form.plan(event_id, again=True, overtaken=True), form.store, mapping_set_id=1)
    form.deliver()
    assert form.sends(event_id, again=True) == ["subscribe"]
    assert form.sends(later, again=True) == ["subscribe"]
    form.post(email="ada@example.com", name="Baroness")
    assert form.plan(event_id, again=True).decision is ReplayDecision.OVERTAKEN


def test_without_a_hook_or_a_body_there_is_no_replay(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    (story,) = operator.find_events(form.store, event_id=event_id)
    request = operator.request_of(form.store, event_id)
    assert plan(story, request, None, form.store, Options()).decision is ReplayDecision.CLOSED
    assert plan(story, None, form.hook, form.store, Options()).decision is ReplayDecision.PURGED


def test_what_a_call_has_in_flight_is_left_alone(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    (lane,) = queue.lanes(form.store, "default", "subscribe", cap=10)
    queue.claim(
        form.store,
        lane_id=lane.lane_id,
        batch=1,
        budget=9,
        window_ms=1_000,
        send_ms=1_000,
        call_ms=1_000,
        lease_ms=2_000,
        deliverer="test",
    )
    assert form.plan(event_id).decision is ReplayDecision.IN_FLIGHT


LEAVES = """withdraw:
  when: {from: body.leaves, agreed: true}
  actions:
    - unsubscribe: {list: Newsletter}
"""


def test_what_a_withdrawal_ended_is_never_sent_again_whatever_is_asked_for(form: ReplayedHook) -> None:
    event_id = form.post(**ADA)
    form.deliver()
    form.use(MAPPING + LEAVES)
    left = form.post(email="ada@example.com", leaves=True)
    form.use((MAPPING + LEAVES).replace("First Name", "Full Name"))
    for options in ({}, {"overtaken": True}, {"again": True, "journeys": True, "overtaken": True}):
        planned = form.plan(event_id, **options)
        assert (planned.decision, planned.note) == (ReplayDecision.WITHDRAWN, f"by evt_{left}")
    again = form.plan(left, again=True)
    assert again.event is not None
    assert [(one.target.api, one.priority.name) for one in again.event.deliveries] == [("unsubscribe", "LIVE")]


def test_nobody_is_taken_off_again_who_has_consented_since_whatever_is_asked_for(form: ReplayedHook) -> None:
    form.use(MAPPING + LEAVES)
    left = form.post(email="ada@example.com", leaves=True)
    back = form.post(**ADA)
    form.deliver()
    for options in ({"again": True}, {"again": True, "overtaken": True, "journeys": True}):
        planned = form.plan(left, **options)
        assert (planned.decision, planned.note) == (ReplayDecision.OVERTAKEN, f"by evt_{back}")


def test_the_same_consent_after_a_withdrawal_is_sent_when_a_person_asks_for_it(form: ReplayedHook) -> None:
    form.use(MAPPING + LEAVES)
    form.post(**ADA)
    form.post(email="ada@example.com", leaves=True)
    back = form.post(**ADA)
    for options in ({}, {"journeys": True, "overtaken": True}):
        assert form.plan(back, **options).decision is ReplayDecision.UNDECIDED
    planned = form.plan(back, again=True)
    assert planned.decision is ReplayDecision.SEND
    assert planned.event is not None
    assert "subscribe" in {one.target.api for one in planned.event.deliveries}


def test_the_consent_of_a_request_received_again_is_as_old_as_the_request(form: ReplayedHook) -> None:
    event_id = form.post(email="ada@example.com")
    (story,), stored = operator.find_events(form.store, event_id=event_id), operator.request_of(form.store, event_id)
    assert stored is not None
    assert isinstance(form.hook, Hook)
    for number in (1, 2):  # what was received again may be received again
        now, body = story.received_at + number * HOUR_MS, orjson.dumps({"email": f"ada{number}@example.com"})
        again = (
            correct(story, stored, form.hook, form.store, body=body, content_type="", mapping_set_id=1, now=now)
            .events[0]
            .receipt.event_id
        )
        (corrected,), stored = operator.find_events(form.store, event_id=again), operator.request_of(form.store, again)
        assert stored is not None
        assert corrected.received_at == now
        assert orjson.loads(corrected.notes)["consent"]["at"] == story.received_at
        planned = form.plan(again, again=True).event
        assert planned is not None
        assert orjson.loads(planned.notes)["consent"]["at"] == story.received_at
