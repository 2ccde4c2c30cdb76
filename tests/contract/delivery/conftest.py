"""The whole way in one process: a webhook's body goes in, and Zoho's sandbox holds what came of it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge import bootstrap, config, outbox, sandbox
from bridge.delivery.scheduler import Deliverer
from bridge.http import Http
from bridge.model import DEFAULT_ACCOUNT, Claim
from bridge.operations.daily_reconciliation import DailyReconciliation
from bridge.outbox import operator
from bridge.outbox.inbox import record
from bridge.sandbox import SandboxSettings
from tests.builders import HookDriver, OutboxDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from bridge.delivery.account import Account
    from bridge.model import Target
    from bridge.outbox import Outbox
    from bridge.outbox.operator import DeliveryStory

WINDOW_SECONDS = 5
LOCK_SECONDS = 30
MAPPING = """
preset: json
verify: none
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
  First Name: {answer: name}
actions:
"""


class MovableClock:
    """The time of this machine, ahead by as much as a test likes: rules about hours are seen in milliseconds."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def pass_seconds(self, seconds: float) -> None:
        self._ahead_ms += int(seconds * 1000)


class _PausedBeforeCalls(ThreadPoolExecutor):
    """Lets time pass between a claim and its call, and not before chores."""

    def __init__(self, clock: MovableClock, seconds: float) -> None:
        super().__init__(max_workers=8)
        self._clock = clock
        self._seconds = seconds

    def submit(self, what: Callable[..., Any], /, *arguments: Any, **more: Any) -> Future[Any]:
        if any(isinstance(one, Claim) for one in arguments):
            self._clock.pass_seconds(self._seconds)
        return super().submit(what, *arguments, **more)


class _RefusedBeforeCalls(ThreadPoolExecutor):
    """Has Zoho refuse the token between the first claim and its call, as the answer of a call next to it does."""

    def __init__(self) -> None:
        super().__init__(max_workers=8)
        self._is_refused = False

    def submit(self, what: Callable[..., Any], /, *arguments: Any, **more: Any) -> Future[Any]:
        if any(isinstance(one, Claim) for one in arguments) and not self._is_refused:
            self._is_refused = True
            session, *_, token = arguments
            session.refuse_token(token)
        return super().submit(what, *arguments, **more)


class _EndingAtOnce(ThreadPoolExecutor):
    """Ends each call, which takes a while of the clock, before the scheduler goes on, as where Zoho is the faster."""

    def __init__(self, clock: MovableClock) -> None:
        super().__init__(max_workers=8)
        self._clock = clock

    def submit(self, what: Callable[..., Any], /, *arguments: Any, **more: Any) -> Future[Any]:
        started = super().submit(what, *arguments, **more)
        started.result()
        self._clock.pass_seconds(0.1)
        return started


class _StoppingAfterCalls(ThreadPoolExecutor):
    """Asks the deliverer to stop as soon as a call has ended; calls end before the scheduler goes on."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__(max_workers=8)
        self._stop = stop

    def submit(self, what: Callable[..., Any], /, *arguments: Any, **more: Any) -> Future[Any]:
        started = super().submit(what, *arguments, **more)
        started.result()
        if any(isinstance(one, Claim) for one in arguments):
            self._stop.set()
        return started


class Pipeline:
    """A receiver and a deliverer over one outbox, and the sandbox that they reach."""

    def __init__(self, store: Outbox, clock: MovableClock, url: str, http: Http, *, trigger_calls: int = 100) -> None:
        self.store = store
        self.clock = clock
        self.url = url
        self._http = http
        credentials = dict.fromkeys(("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"), "sandbox")
        self._settings = config.load(
            {
                "LEADBRIDGE_WINDOW_SECONDS": str(WINDOW_SECONDS),
                "LEADBRIDGE_LOCK_SECONDS": str(LOCK_SECONDS),
                "LEADBRIDGE_TRIGGER_CALLS": str(trigger_calls),
                "ZOHO_ACCOUNTS_URL": url,
                "ZOHO_API_URL": url,
                **credentials,
            },
            credentials=True,
        )

    def receive(self, actions: str, *addresses: str, hook: str = "form", **answers: str) -> None:
        """Take one webhook with these people, through a mapping with these actions; all gave these `answers`."""
        form = HookDriver(self.store, MAPPING + actions, name=hook)
        received = form.receive([{"email": address, "name": "Ada", **answers} for address in addresses])
        assert len(received.events) == len(addresses)

    def store_as_it_is(self, target: Target, body: bytes, *addresses: str) -> None:
        """Put deliveries into the outbox that no mapping would make; `body` has a place for the address."""
        driver = OutboxDriver(self.store)
        deliveries = [driver.delivery(address, target, body=body % address.encode()) for address in addresses]
        record(self.store, driver.request(*(driver.event(one, key=one.lead, lead=one.lead) for one in deliveries)))

    def deliver(self) -> None:
        """Deliver what is due, as a process does that was just started."""
        Deliverer(self.store, [bootstrap.open_account(self._settings)]).run_once()

    def deliver_paused(self, seconds: float) -> None:
        """The same, in a process that is stopped for so long whenever it has claimed leads for a call."""
        accounts = [bootstrap.open_account(self._settings)]
        pool = _PausedBeforeCalls(self.clock, seconds)
        Deliverer(self.store, accounts, pool=pool, monotonic=lambda: self.clock() / 1000).run_once()

    def deliver_slower_than_zoho(self) -> None:
        """The same, in a process that needs longer to start a call than Zoho to answer it."""
        accounts = [bootstrap.open_account(self._settings)]
        Deliverer(self.store, accounts, pool=_EndingAtOnce(self.clock)).run_once()

    def deliver_with_a_refused_token(self) -> None:
        """The same, in a process whose token is refused after its first claim and before that call."""
        accounts = [bootstrap.open_account(self._settings)]
        Deliverer(self.store, accounts, pool=_RefusedBeforeCalls()).run_once()

    def deliver_until_stopped(self) -> None:
        """Deliver in a process that is asked to stop when its first call has ended."""
        stop = threading.Event()
        accounts = [bootstrap.open_account(self._settings)]
        Deliverer(self.store, accounts, pool=_StoppingAfterCalls(stop)).run(stop)

    def deliveries(self, lead: str = "ada@example.com") -> tuple[DeliveryStory, ...]:
        return tuple(one for story in operator.find_events(self.store, lead=lead) for one in story.deliveries)

    def states(self, lead: str = "ada@example.com") -> list[str]:
        return [one.state.name.lower() for one in self.deliveries(lead)]

    def results(self, lead: str = "ada@example.com") -> list[list[str]]:
        """What came of each attempt of each delivery."""
        return [[attempt.result for attempt in one.attempts] for one in self.deliveries(lead)]

    def zoho(self) -> dict[str, Any]:
        answer = self._http.send("GET", f"{self.url}/_sandbox/state", deadline_seconds=60)
        state: dict[str, Any] = orjson.loads(answer.body)
        return state

    def calls(self, api: str) -> int:
        return sum(call["api"] == api for call in self.zoho()["calls"])

    def fault(self, **fault: Any) -> None:
        self._sandbox("POST", "faults", fault)

    def fix(self) -> None:
        """Take all faults away."""
        self._sandbox("DELETE", "faults", {})

    def account(self, name: str = DEFAULT_ACCOUNT) -> Account:
        """The account, as a command reaches it."""
        return bootstrap.open_account(self._settings, name)

    def reconciling(self, *, hours: float = 24) -> DailyReconciliation:
        """What a deliverer compares with, as a process has it that was just started."""
        settings = replace(self._settings, reconcile_hours=hours)
        return DailyReconciliation(self.store, settings, {DEFAULT_ACCOUNT: self.account()})

    def change(self, what: str, address: str) -> None:
        """Have somebody do something in Zoho: unsubscribe, bounce, remove."""
        self._sandbox("POST", what, {"address": address})

    def join(self, list_name: str, *addresses: str) -> None:
        self._sandbox("POST", "members", {"list": list_name, "addresses": addresses})

    def confirm(self, address: str) -> None:
        self._sandbox("POST", "confirm", {"address": address})

    def _sandbox(self, method: str, what: str, body: dict[str, Any]) -> None:
        answer = self._http.send(
            method,
            f"{self.url}/_sandbox/{what}",
            body=orjson.dumps(body),
            headers={"Content-Type": "application/json"},
            deadline_seconds=60,
        )
        assert answer.status == 200, answer.body


@pytest.fixture
def pipeline(outbox_url: str) -> Iterator[Pipeline]:
    with opened(outbox_url) as pipeline:
        yield pipeline


@contextmanager
def opened(outbox_url: str, *, trigger_calls: int = 100, **habits: Any) -> Iterator[Pipeline]:
    """A pipeline whose sandbox has these habits. Both know of so many calls of Trigger Leads."""
    clock = MovableClock()
    store = outbox.open_outbox(outbox_url, clock=clock)
    habits |= {"window_seconds": WINDOW_SECONDS, "lock_seconds": LOCK_SECONDS, "trigger_calls": trigger_calls}
    with sandbox.running(SandboxSettings(**habits), clock=clock) as url, Http() as http:
        yield Pipeline(store, clock, url, http, trigger_calls=trigger_calls)
    store.close()
