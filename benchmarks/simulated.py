"""The real deliverers against the real sandbox, in virtual time and in one process.

A `Simulation` holds an outbox, a sandbox and any number of deliverer processes that can be started and killed. Every
call takes a round trip of virtual time, may be poisoned by a fault of the sandbox, and is lost when its process dies.
"""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from benchmarks.virtual_time import Process, VirtualPool, VirtualTime
from bridge import bootstrap, config, log, outbox
from bridge.delivery.scheduler import LOOK_MS, Deliverer
from bridge.errors import NoAnswerError
from bridge.http import Http, HttpAnswer
from bridge.model import EventState, Kind, NewDelivery, NewEvent, NewRequest, Target
from bridge.outbox import inbox, queue
from bridge.sandbox import apis
from bridge.sandbox.app import ROUTES
from bridge.sandbox.parameters import Parameters
from bridge.sandbox.world import Call, World
from bridge.zoho import APIS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from bridge.sandbox import SandboxSettings
    from bridge.sandbox.faults import Fault

START_MS: Final = 1_700_000_100_000
SEND_SECONDS: Final = 0.1
ANSWER_SECONDS: Final = 0.2
IDLE_MS: Final = 3_600_000
"""How long a deliverer with nothing to do sleeps here; what comes in wakes it."""

CLOSED_MS: Final = 5_000
"""How long one sleeps here that can send nothing for now."""

CREDENTIALS: Final = dict.fromkeys(("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"), "simulated")
HOST: Final = "http://zoho.example.com"

_PATHS: Final = {path: api for path, _, api in ROUTES}


class SandboxHttp(Http):
    """Goes to a sandbox without a network: half the round trip there, the other half back, in virtual time."""

    def __init__(self, world: World, time: VirtualTime, poison: Callable[[str], Fault | None]) -> None:
        super().__init__()
        self._world = world
        self._time = time
        self._poison = poison

    def send(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_seconds: float,
        max_bytes: int = 4_000_000,
    ) -> HttpAnswer:
        """As a real call: an answer of any status, or NoAnswerError."""
        del method, body, max_bytes
        ends_at = self._time.monotonic() + deadline_seconds
        api, call = _call(url, form or {}, (headers or {}).get("Authorization", ""))
        self._time.sleep(SEND_SECONDS)
        fault = self._poison(api.name)
        if fault is not None:
            self._world.faults.waiting.append(replace(fault, api=api.name, count=1))
        answer = apis.carry_out(self._world, api, call)
        self._time.sleep(ANSWER_SECONDS)
        if answer.status is None or self._time.monotonic() > ends_at:
            raise NoAnswerError("no answer came", sent=True)
        known = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(status=answer.status, headers=known, body=answer.body.encode())


@dataclass
class Simulation:
    """Everything of one run. `stepped_ms` is by how much the outbox's clock was set; no other clock knows of it."""

    database: Path
    zoho: SandboxSettings
    settings: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    failing: float = 0.0
    faults: tuple[Fault, ...] = ()
    look_ms: int = LOOK_MS
    stepped_ms: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.time = VirtualTime(START_MS)
        self.world = World(self.zoho, self.time.clock, self.time.sleep)
        self.store = outbox.open_outbox(f"sqlite:///{self.database}", clock=self.now)
        self.store.migrate()
        whole = {"ZOHO_ACCOUNTS_URL": HOST, "ZOHO_API_URL": HOST, **CREDENTIALS, **self.settings}
        self._settings = config.load(whole, credentials=True)
        self._deliverers: list[_Running] = []
        self._count = 0

    def now(self) -> int:
        """The time as the outbox sees it."""
        return self.time.clock() + self.stepped_ms

    def start(self) -> _Running:
        """Start a deliverer process."""
        process = Process()
        http = SandboxHttp(self.world, self.time, self._poison)
        self._count += 1
        accounts = [
            replace(
                bootstrap.open_account(self._settings, name),
                http=http,
                sleep=self.time.sleep,
                deliverer=f"simulated:{self._count}",
            )
            for name in self._settings.accounts
        ]
        pool = VirtualPool(self.time, process)
        deliverer = Deliverer(self.store, accounts, pool=pool, monotonic=self.time.monotonic)
        running = _Running(self, deliverer, process)
        self._deliverers.append(running)
        running.wake()
        return running

    def kill(self, running: _Running) -> None:
        """Kill a deliverer process in the middle of whatever it does."""
        running.process.kill()
        self._deliverers.remove(running)

    def receive(self, *deliveries: tuple[str, Target, bytes], hook: str = "simulated", **changes: Any) -> list[int]:
        """Store one event for each delivery, as a receiver does, and let the deliverers see it at their next look.

        `changes` are those of the deliveries, and `sent_at` of the events. Returns the events' ids.
        """
        events = tuple(self._event(delivery, changes) for delivery in deliveries)
        receipts = inbox.record(
            self.store,
            NewRequest(
                hook=hook,
                received_at=self.now(),
                body=b"{}",
                content_type="application/json",
                meta=b"{}",
                mapping_set_id=None,
                events=events,
            ),
        )
        for running in self._deliverers:
            running.wake()
        return [one.event_id for one in receipts]

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        self.time.run(self.time.now_ms + seconds * 1000)

    def close(self) -> None:
        """Kill all processes and close the outbox."""
        for running in list(self._deliverers):
            self.kill(running)
        self.time.run(self.time.now_ms + 3_600_000)
        self.store.close()

    def _event(self, delivery: tuple[str, Target, bytes], changes: Mapping[str, Any]) -> NewEvent:
        lead, target, body = delivery
        self._count += 1
        parts = {name: value for name, value in changes.items() if name != "sent_at"}
        new = NewDelivery(action_no=1, target=target, lead=lead, body=body, **parts)
        return NewEvent(
            item=0,
            kind=Kind.SUBMISSION,
            state=EventState.ACCEPTED,
            key=f"simulated-{self._count}",
            lead=lead,
            sent_at=changes.get("sent_at"),
            deliveries=(new,),
        )

    def _poison(self, api: str) -> Fault | None:
        if not self.faults or not APIS[api].has_leads or self.random.random() >= self.failing:
            return None
        return self.random.choice(self.faults)


class _Running:
    """A deliverer process: it looks while it has work, else it sleeps until it is woken."""

    def __init__(self, simulation: Simulation, deliverer: Deliverer, process: Process) -> None:
        self.process = process
        self.deliverer = deliverer
        self._simulation = simulation
        self._next_at = float("inf")

    def wake(self) -> None:
        """Look soon."""
        self._look_at(self._simulation.time.now_ms + self._simulation.look_ms)

    def _look_at(self, at_ms: float) -> None:
        if at_ms < self._next_at:
            self._next_at = at_ms
            self._simulation.time.at(at_ms, lambda: self._look(at_ms), self.process)

    def _look(self, planned_at: float) -> None:
        if planned_at != self._next_at:
            return  # an earlier look has taken its place
        self._next_at = float("inf")
        time, step = self._simulation.time, self._simulation.look_ms
        has_work = self.deliverer.look() or self.deliverer.is_astir()
        self._look_at(time.now_ms + (step if has_work else self._idle_ms()))

    def _idle_ms(self) -> float:
        """Until the next delivery is due; what is due and cannot go waits for a lock or a breaker."""
        due_at = queue.next_due_at(self._simulation.store, "default")
        if due_at is None:
            return IDLE_MS
        left_ms = due_at - self._simulation.now()
        return min(left_ms, IDLE_MS) if left_ms > 0 else max(CLOSED_MS, self._simulation.look_ms)


def lead_events(addresses: Iterable[str], target: Target) -> list[tuple[str, Target, bytes]]:
    """What `Simulation.receive` takes: these leads to one target, with nothing but their addresses."""
    name = "Lead Email" if target.api != "trigger" else "lead_email"
    return [(address, target, b'{"%s":"%s"}' % (name.encode(), address.encode())) for address in addresses]


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder for an outbox that need not survive: in memory where that can be, since commits then cost nothing."""
    memory = Path("/dev/shm")  # noqa: S108 - a private folder is made in it
    with TemporaryDirectory(prefix="leadbridge-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def quiet() -> None:
    """No log lines, for runs that make millions of them."""
    log.configure(level="critical")


def _call(url: str, form: Mapping[str, str], authorization: str) -> tuple[apis.Api, Call]:
    parts = urlsplit(url)
    query = {name: tuple(values) for name, values in parse_qs(parts.query).items()}
    parameters = Parameters({**query, **{name: (value,) for name, value in form.items()}})
    steps = parts.path.split("/")
    journey_key = unquote(steps[4]) if parts.path.endswith("/action/trigger") else ""
    api = apis.TRIGGER if journey_key else _PATHS[parts.path]
    return api, Call(path=parts.path, parameters=parameters, authorization=authorization, journey_key=journey_key)
