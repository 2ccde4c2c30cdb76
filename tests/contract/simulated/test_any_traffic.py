"""For any traffic, any failing answers, any crashes and any clock set by up to two seconds: no lock, nobody lost."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.simulated import Simulation, lead_events, memory_folder
from bridge.model import DeliveryState
from bridge.outbox import operator
from bridge.sandbox import SandboxSettings
from bridge.sandbox.faults import Fault, Kind
from tests.contract.simulated.conftest import NEWSLETTER, REMINDER, WELCOME, Zoho

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.operator import DeliveryStory

LEADS = [f"lead{number}@example.com" for number in range(8)]
LIMITS = {"LEADBRIDGE_TRIGGER_CALLS": "20", "LEADBRIDGE_SUBSCRIBE_CALLS": "30"}

FAULTS = st.sampled_from(
    [
        Fault(kind=Kind.STATUS, status=500),
        Fault(kind=Kind.STATUS, status=503, processed=True),
        Fault(kind=Kind.HTML),
        Fault(kind=Kind.CUT),
        Fault(kind=Kind.CUT, processed=False),
        Fault(kind=Kind.SLOW, seconds=12),
        Fault(kind=Kind.TOKEN),
        Fault(kind=Kind.ERROR, code="2010"),
    ]
)
STEPS = st.one_of(
    st.tuples(st.just("subscribe"), st.sampled_from(LEADS)),
    st.tuples(st.just("trigger"), st.sampled_from([WELCOME, REMINDER])),
    st.tuples(st.just("burst"), st.integers(1, 40)),
    st.tuples(st.just("wait"), st.sampled_from([1, 5, 60, 290, 300, 310, 1000])),
    st.tuples(st.just("crash"), st.just(None)),
    st.tuples(st.just("clock"), st.sampled_from([-2_000, -700, 0, 700, 2_000])),
)


@settings(max_examples=settings().max_examples // 20)
@given(
    steps=st.lists(STEPS, max_size=40),
    faults=st.lists(FAULTS, max_size=3),
    failing=st.sampled_from([0, 0.2, 0.6]),
    seed=st.integers(0, 100),
)
def test_no_lock_nobody_lost_everything_in_order(
    steps: Sequence[tuple[str, Any]], faults: Sequence[Fault], failing: float, seed: int
) -> None:
    zoho_settings = SandboxSettings(trigger_calls=20, subscribe_calls=30)
    with (
        memory_folder() as folder,
        closing(
            Simulation(
                database=folder / "a.db",
                zoho=zoho_settings,
                settings=LIMITS,
                seed=seed,
                failing=failing,
                faults=tuple(faults),
            )
        ) as simulation,
    ):
        cities = _live(simulation, steps)
        simulation.faults = ()
        simulation.run(24 * 3600)
        _check(simulation, cities)


def _live(simulation: Simulation, steps: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """Do the steps with two deliverers running; the last city each lead gave."""
    zoho = Zoho(simulation)
    zoho.members(200)
    running = [simulation.start(), simulation.start()]
    cities: dict[str, str] = {}
    for number, (step, value) in enumerate(steps):
        match step:
            case "subscribe":
                cities[value] = f"city {number}"
                body = b'{"Lead Email":"%s","City":"city %d"}' % (value.encode(), number)
                simulation.receive((value, NEWSLETTER, body))
            case "trigger":
                simulation.receive(*lead_events(LEADS[: number % 8 + 1], value))
            case "burst":
                for lead in range(value):
                    simulation.receive(*lead_events([f"lead{10 + lead}@example.com"], REMINDER))
                    simulation.run(1)
            case "wait":
                simulation.run(value)
            case "crash":
                simulation.kill(running.pop(0))
                running.append(simulation.start())
            case _:
                simulation.stepped_ms = value
    return cities


def _check(simulation: Simulation, cities: dict[str, str]) -> None:
    world = simulation.world
    assert {api: limit.lockouts for api, limit in world.limits.items() if limit.lockouts} == {}
    assert all(len(call.leads) <= 200 and len(set(call.leads)) == len(call.leads) for call in world.state.calls)
    for lead, city in cities.items():
        assert world.state.leads[lead].fields["City"] == city
    for delivery in _deliveries(simulation):
        ended = delivery.state in (DeliveryState.DELIVERED, DeliveryState.DEAD)
        assert delivery.state is DeliveryState.DELIVERED or not ended, delivery
        assert ended or delivery.available_at > simulation.now(), delivery


def _deliveries(simulation: Simulation) -> list[DeliveryStory]:
    events = operator.find_events(simulation.store, limit=100_000)
    return [delivery for event in events for delivery in event.deliveries]
