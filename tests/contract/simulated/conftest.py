"""Simulated time for the tests: the real deliverers, the real sandbox, days in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from benchmarks.simulated import Simulation, lead_events, memory_folder, quiet
from bridge.model import DeliveryState, Target
from bridge.outbox import operator
from bridge.sandbox import SandboxSettings
from bridge.sandbox.control import confirm, join
from bridge.sandbox.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bridge.outbox.operator import DeliveryStory

    Simulate = Callable[..., "Zoho"]

NEWSLETTER = Target(api="subscribe", list_name="Newsletter")
WEBINAR = Target(api="subscribe", list_name="Webinar")
WELCOME = Target(api="trigger", list_name="Newsletter", journey_name="Welcome")
REMINDER = Target(api="trigger", list_name="Newsletter", journey_name="Reminder")


@dataclass
class Zoho:
    """One simulation with one deliverer, and short words for what tests do with it."""

    simulation: Simulation

    def members(self, count: int, name: str = "lead") -> list[str]:
        """So many addresses that are in the newsletter's list already."""
        addresses = [f"{name}{number}@example.com" for number in range(count)]
        world = self.simulation.world
        join(world, world.account.lists[0].key, addresses)
        return addresses

    def receive(self, addresses: list[str], target: Target, **changes: Any) -> None:
        self.simulation.receive(*lead_events(addresses, target), **changes)

    def pass_time(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self.simulation.run(hours * 3600 + minutes * 60 + seconds)

    def fault(self, kind: Kind, **parts: Any) -> None:
        """From now on, until `fix`."""
        self.simulation.world.faults.waiting.append(Fault(kind=kind, **parts))

    def fix(self) -> None:
        self.simulation.world.faults.waiting.clear()

    def confirm(self, address: str) -> None:
        assert confirm(self.simulation.world, address, None)

    def calls(self, api: str) -> list[tuple[str, ...]]:
        """The leads of each call that came."""
        return [call.leads for call in self.simulation.world.state.calls if call.api == api]

    def entered(self, journey: str = "Welcome") -> dict[str, int]:
        world = self.simulation.world
        key = next(one.key for one in world.account.journeys if one.name == journey)
        return dict(world.state.entered.get(key, {}))

    def story(self, lead: str) -> DeliveryStory:
        """The newest delivery of a lead."""
        event = operator.find_events(self.simulation.store, lead=lead, limit=1)[0]
        return event.deliveries[0]

    def states(self, leads: list[str]) -> dict[DeliveryState, int]:
        found = [self.story(lead).state for lead in leads]
        return {state: found.count(state) for state in set(found)}

    @property
    def lockouts(self) -> int:
        return sum(limit.lockouts for limit in self.simulation.world.limits.values())


@pytest.fixture(autouse=True)
def _no_lines() -> Iterator[None]:
    """Thousands of log lines a test would cost more than the rest."""
    before = structlog.get_config()
    quiet()
    yield
    structlog.configure(**before)


@pytest.fixture
def simulate() -> Iterator[Simulate]:
    """Starts a simulation with one deliverer; further ones by `simulation.start`."""
    with memory_folder() as folder:
        yield from _simulations(folder)


def _simulations(folder: Path) -> Iterator[Simulate]:
    running: list[Simulation] = []

    def start(*, zoho: dict[str, Any] | None = None, **parts: Any) -> Zoho:
        database = folder / f"{len(running)}.db"
        whole = {"look_ms": 1_000} | parts  # looks are what simulated hours cost
        simulation = Simulation(database=database, zoho=SandboxSettings(**(zoho or {})), **whole)
        running.append(simulation)
        simulation.start()
        return Zoho(simulation)

    yield start
    for simulation in running:
        simulation.close()


@pytest.fixture
def zoho(simulate: Simulate) -> Zoho:
    return simulate()
