"""A month in minutes: what a bridge lives through, with the real deliverers, the real outbox and the sandbox.

    python -m benchmarks.month [--days 30] [--seed 1]

Two deliverers share one account with a foreign user who makes up to 15 Trigger calls in a window (and that is what the
settings leave for others). Every night both deliverers are killed and started again; access tokens live for an hour;
one call in five fails: cut off, slow, 5xx, a gateway's page, a refused token. Leads come around the clock with a
daily peak, some twice, some to a list with confirmation; once a week 3,000 are imported. At the end everything is
given two weeks to settle, and every lead must have an end.
"""

from __future__ import annotations

import argparse
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from benchmarks.simulated import START_MS, Simulation, lead_events, memory_folder, quiet
from bridge.model import DeliveryState, Priority, Target
from bridge.sandbox import SandboxSettings, apis
from bridge.sandbox.control import confirm, join
from bridge.sandbox.faults import Fault, Kind
from bridge.sandbox.parameters import Parameters
from bridge.sandbox.world import Call

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR: Final = 3_600
DAY: Final = 24 * HOUR
OTHERS: Final = 15
SUBSCRIBE: Final = Target(api="subscribe", list_name="Newsletter")
WEBINAR: Final = Target(api="subscribe", list_name="Webinar")
WELCOME: Final = Target(api="trigger", list_name="Newsletter", journey_name="Welcome")
REMINDER: Final = Target(api="trigger", list_name="Newsletter", journey_name="Reminder")
INVITE: Final = Target(api="trigger", list_name="Webinar", journey_name="Reminder")

FAULTS: Final = (
    Fault(kind=Kind.STATUS, status=500),
    Fault(kind=Kind.STATUS, status=503),
    Fault(kind=Kind.HTML),
    Fault(kind=Kind.CUT),
    Fault(kind=Kind.CUT, processed=False),
    Fault(kind=Kind.SLOW, seconds=15),
    Fault(kind=Kind.ERROR, code="2010"),
    Fault(kind=Kind.TOKEN),
)


@dataclass
class Month:
    """What happens, day by day."""

    simulation: Simulation
    count: Counter[str] = field(default_factory=Counter)

    def day(self, number: int) -> None:
        """One day: its leads, its import, its foreign user, its restart at night."""
        for hour in range(24):
            busy = 0.3 + (hour in range(8, 20)) * 1.4
            for _ in range(round(self.simulation.random.expovariate(1 / (12 * busy)))):
                at = self.simulation.random.random() * HOUR
                self._at(number, hour, at, self._lead)
            for burst in range(12):
                self._at(number, hour, burst * 300, self._foreign)
        if number % 7 == 2:
            self._at(number, 14, 0, self._import)

    def _at(self, day: int, hour: int, second: float, what: Callable[[], None]) -> None:
        self.simulation.time.at(START_MS + (day * DAY + hour * HOUR + second) * 1000, what)

    def _lead(self) -> None:
        random = self.simulation.random
        number = random.randrange(1, self.count["leads"] + 2) if random.random() < 0.1 else self.count["leads"] + 1
        self.count["leads"] = max(self.count["leads"], number)
        address = f"lead{number}@example.com"
        if random.random() < 0.1:
            return self._guest(address)
        body = b'{"Lead Email":"%s","City":"city %d"}' % (address.encode(), random.randrange(3))
        self.simulation.receive((address, SUBSCRIBE, body))
        journey = WELCOME if random.random() < 0.7 else REMINDER
        self.simulation.time.at(
            self.simulation.time.now_ms + 60_000, lambda: self.simulation.receive(*lead_events([address], journey))
        )
        self.count["received"] += 2
        return None

    def _guest(self, address: str) -> None:
        """Somebody for the list that asks for a confirmation, who clicks in half of all cases, some hours later."""
        guest = f"guest-{address}"
        self.simulation.receive(*lead_events([guest], WEBINAR))
        self.simulation.receive(*lead_events([guest], INVITE))
        self.count["received"] += 2
        if self.simulation.random.random() < 0.5:
            later = self.simulation.random.expovariate(1 / 8) * HOUR * 1000
            self.simulation.time.at(
                self.simulation.time.now_ms + later, lambda: confirm(self.simulation.world, guest, None)
            )

    def _import(self) -> None:
        addresses = [f"import{self.count['imports']}-{number}@example.com" for number in range(3_000)]
        self.count["imports"] += 1
        self.count["received"] += len(addresses)
        world = self.simulation.world
        join(world, world.account.lists[0].key, addresses)
        self.simulation.receive(*lead_events(addresses, WELCOME), priority=Priority.BULK)

    def _foreign(self) -> None:
        """A burst of somebody else's Trigger calls, as many as the settings leave for others."""
        for _ in range(OTHERS):
            apis.carry_out(
                self.simulation.world, apis.TRIGGER, Call(path="/foreign", parameters=Parameters({}), journey_key="x")
            )


def run(days: int, seed: int) -> bool:
    """Live through so many days and print what came of it; whether nothing was locked and nobody lost."""
    quiet()
    started = time.monotonic()
    with (
        memory_folder() as folder,
        closing(
            Simulation(
                database=folder / "month.db",
                zoho=SandboxSettings(),
                settings={"LEADBRIDGE_TRIGGER_OTHERS": str(OTHERS)},
                seed=seed,
                failing=0.2,
                faults=FAULTS,
                look_ms=1_000,
            )
        ) as simulation,
    ):
        month = Month(simulation)
        running = [simulation.start(), simulation.start()]
        for day in range(days):
            month.day(day)
            simulation.run(DAY - 7)
            for old in list(running):
                simulation.kill(old)
                running.remove(old)
                running.append(simulation.start())
            simulation.run(7)
        simulation.run(14 * DAY)
        return _print(simulation, month, days, time.monotonic() - started)


def _print(simulation: Simulation, month: Month, days: int, seconds: float) -> bool:
    world = simulation.world
    ends = _ends(simulation)
    lost = month.count["received"] - ends.total()
    locks = sum(limit.lockouts for limit in world.limits.values())
    calls = Counter(call.api for call in world.state.calls)
    ours = [call for call in world.state.calls if call.leads]
    failed = sum(not call.processed or not call.answered or call.status != 200 for call in ours)
    leads = [len(call.leads) for call in ours if call.api == "trigger"]
    print(f"{days} days in {seconds:.0f} s, then two weeks to settle")
    print(f"  deliveries received   {month.count['received']}")
    print(f"  delivered             {ends['']}")
    for reason in sorted(ends.keys() - {""}):
        print(f"  given up, {reason:12}{ends[reason]}")
    print(f"  lost                  {lost}")
    print(f"  locks                 {locks}")
    for api in ("subscribe", "trigger", "oauth"):
        most = world.limits[api].max_in_window
        print(f"  {api:10} calls      {calls[api]} with those of others, at most {most} in a window")
    print(f"  calls that failed     {failed / max(1, len(ours)):.0%}")
    print(f"  leads a trigger call  {sum(leads) / max(1, len(leads)):.1f}")
    return locks == 0 and lost == 0


def _ends(simulation: Simulation) -> Counter[str]:
    """How many deliveries ended, by the reason with which they were given up; "" for those delivered."""
    query = "SELECT COALESCE(reason, ''), COUNT(*) FROM deliveries WHERE state IN (?, ?) GROUP BY 1"
    with closing(sqlite3.connect(simulation.database)) as database:
        rows = database.execute(query, (int(DeliveryState.DELIVERED), int(DeliveryState.DEAD))).fetchall()
    return Counter(dict(rows))


def main() -> None:
    """Read the options and live through it; exit code 1 when something was locked or lost."""
    parser = argparse.ArgumentParser(description="A simulated month of delivering.")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    raise SystemExit(0 if run(options.days, options.seed) else 1)


if __name__ == "__main__":
    main()
