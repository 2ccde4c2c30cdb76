"""Consents, withdrawals, replays, retries by hand, failures and crashes end as the sender's own order says."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.simulated import Simulation, memory_folder
from bridge.model import DeadReason, DeliveryState, EventState, NewDelivery, NewEvent, Target
from bridge.model import Kind as ModelKind
from bridge.outbox import operator, precedence
from bridge.sandbox import SandboxSettings
from bridge.sandbox.faults import Fault, Kind
from bridge.sandbox.state import Status
from tests.contract.simulated.conftest import NEWSLETTER

if TYPE_CHECKING:
    from collections.abc import Sequence

LEADS = [f"lead{number}@example.com" for number in range(3)]
OFF = Target(api="unsubscribe", list_name="Newsletter")
FAULTS = st.sampled_from(
    [
        Fault(kind=Kind.STATUS, status=500),
        Fault(kind=Kind.STATUS, status=503, processed=True),
        Fault(kind=Kind.CUT),
        Fault(kind=Kind.CUT, processed=False),
        Fault(kind=Kind.SLOW, seconds=12),
        Fault(kind=Kind.ERROR, code="2101"),
    ]
)
TIMES = st.integers(1, 20)
STEPS = st.one_of(
    st.tuples(st.just("consent"), st.tuples(st.sampled_from(LEADS), TIMES)),
    st.tuples(st.just("withdraw"), st.tuples(st.sampled_from(LEADS), TIMES)),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 60, 1000])),
    st.tuples(st.just("crash"), st.just(None)),
    st.tuples(st.just("retry"), st.just(None)),
    st.tuples(st.just("replay"), st.just(None)),
)


@settings(max_examples=settings().max_examples // 20)
@given(
    steps=st.lists(STEPS, max_size=30),
    dated=st.booleans(),
    faults=st.lists(FAULTS, max_size=2),
    seed=st.integers(0, 100),
)
def test_everything_ends_as_the_sender_says(
    steps: Sequence[tuple[str, Any]], dated: bool, faults: Sequence[Fault], seed: int
) -> None:
    with (
        memory_folder() as folder,
        closing(
            Simulation(
                database=folder / "a.db",
                zoho=SandboxSettings(),
                seed=seed,
                failing=0.4 if faults else 0.0,
                faults=tuple(faults),
            )
        ) as simulation,
    ):
        said = _live(simulation, steps, dated=dated)
        simulation.faults = ()
        simulation.run(24 * 3600)
        _check(simulation, said)


def _live(
    simulation: Simulation, steps: Sequence[tuple[str, Any]], *, dated: bool
) -> dict[str, list[tuple[int, int, str]]]:
    """Do the steps with two deliverers running; what each lead said, as (sender's time, order of receipt, city)."""
    running = [simulation.start(), simulation.start()]
    said: dict[str, list[tuple[int, int, str]]] = {}
    for number, (step, value) in enumerate(steps):
        match step:
            case "consent" | "withdraw":
                lead, at = value
                leaves = step == "withdraw"
                sent_at = at * 1_000 if dated else None
                said.setdefault(lead, []).append((sent_at or 0, number, "" if leaves else f"city {number}"))
                simulation.receive(
                    (lead, OFF if leaves else NEWSLETTER, _body(lead, number, leaves=leaves)),
                    withdraws=leaves,
                    sent_at=sent_at,
                )
            case "wait":
                simulation.run(value)
            case "retry":
                operator.retry(simulation.store, [one.delivery_id for one in _deliveries(simulation)])
            case "replay":
                _replay_all(simulation)
            case _:
                simulation.kill(running.pop(0))
                running.append(simulation.start())
    return said


def _replay_all(simulation: Simulation) -> None:
    """Replay every event that a replay may send again, as it was."""
    store = simulation.store
    for story in operator.find_events(store, limit=100_000):
        leaves = story.deliveries[0].target == OFF
        newer = operator.overtaken_by(store, story.event_id, story.lead)
        ended = None if leaves else precedence.withdrawal_after(store, story.event_id, story.lead, "default")
        if newer is not None or ended is not None:
            continue
        one = story.deliveries[0]
        again = NewDelivery(action_no=1, target=one.target, lead=story.lead, body=one.body or b"{}", withdraws=leaves)
        event = NewEvent(
            item=0,
            kind=ModelKind.SUBMISSION,
            state=EventState.ACCEPTED,
            key="",
            lead=story.lead,
            sent_at=story.sent_at,
            deliveries=(again,),
        )
        operator.store_replay(store, story.event_id, event, mapping_set_id=None)


def _body(lead: str, number: int, *, leaves: bool) -> bytes:
    if leaves:
        return b'{"lead_email":"%s"}' % lead.encode()
    return b'{"Lead Email":"%s","City":"city %d"}' % (lead.encode(), number)


def _check(simulation: Simulation, said: dict[str, list[tuple[int, int, str]]]) -> None:
    key = simulation.world.account.lists[0].key
    for lead, events in said.items():
        _, _, city = max(events)
        known = simulation.world.state.leads.get(lead)
        membership = known.memberships.get(key) if known else None
        if not city:
            assert membership is None or (membership.status is Status.UNSUBSCRIBED and not membership.is_asked)
            continue
        assert known is not None
        assert membership is not None
        assert membership.status is Status.ACTIVE or membership.is_asked, "Zoho asks those who left before they return"
        assert known.fields["City"] == city
    ended = {DeadReason.WITHDRAWN, DeadReason.OVERTAKEN, DeadReason.CANCELLED}
    for delivery in _deliveries(simulation):
        assert delivery.state is DeliveryState.DELIVERED or delivery.reason in ended, delivery


def _deliveries(simulation: Simulation) -> list[operator.DeliveryStory]:
    events = operator.find_events(simulation.store, limit=100_000)
    return [delivery for event in events for delivery in event.deliveries]
