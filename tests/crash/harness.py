"""Crashes on purpose: clients post signed webhooks while processes and the database are killed, then Zoho is asked.

Everything is real: processes, sockets, files, the server, the sandbox in Zoho's place, which is never killed and so
knows what arrived. A lead's webhooks follow each other, so the last one answered must have the last word.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tests.crash.installation import (
    LIMITS,
    WINDOW_SECONDS,
    is_tagged,
    key_of,
    make_service,
    post,
    start_sandbox,
    webhook,
)
from tests.crash.settling import is_through, settle, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bridge.http import Http
    from tests.crash.database import Database
    from tests.e2e.conftest import Processes, Sandbox, Service


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long, how much and how hard. Whichever of `kills` and `seconds` is reached first ends the killing."""

    kills: int
    seconds: float
    seed: int
    clients: int = 4
    leads: int = 24
    pause_seconds: float = 0.15


@dataclass(kw_only=True)
class Report:
    """What came of a run."""

    kills: Counter[str] = field(default_factory=Counter)
    points: set[str] = field(default_factory=set)
    answered: int = 0
    unanswered_tries: int = 0
    lost: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    withdrawn: int = 0
    written_to: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    doubled_calls: int = 0
    windows_over: int = 0
    lockouts: int = 0
    fresh_event_passed: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        broken = self.lost or self.invented or self.out_of_order or self.windows_over or self.lockouts
        broken = broken or self.written_to or self.removed
        return not broken and self.fresh_event_passed


def run(plan: Plan, database: Database, folder: Path, http_: Http) -> Report:
    """One run from start to diagnosis."""
    for name in ("seen", "sandbox"):
        (folder / name).mkdir()
    sandbox = start_sandbox(folder, http_)
    hosts = [folder / f"host{number}" for number in range(database.hosts)]
    services = [make_service(host, database.url, folder, sandbox, http_) for host in hosts]
    crash = _Crash(plan, database, services, folder)
    try:
        crash.go()
        with crash.revived():
            crash.await_clients()
            return _judge(crash, sandbox, services[0])
    finally:
        for service in services:
            for processes in service.started:
                processes.destroy()
        sandbox.processes.destroy()


PATIENCE_SECONDS: Final = 150
"""How long a sender tries on after the killing: on a busy machine, little may be up between two kills."""


@dataclass(kw_only=True)
class _Lead:
    address: str
    answered: int = 0
    leaves_at: int | None = None
    never: bool = False

    @property
    def has_left(self) -> bool:
        """Whether its withdrawal was answered."""
        return self.leaves_at is not None and self.answered >= self.leaves_at


class _Crash:
    """The run itself: clients in threads, the killer in this one."""

    def __init__(self, plan: Plan, database: Database, services: Sequence[Service], folder: Path) -> None:
        self.plan = plan
        self.report = Report()
        self.leads = [_Lead(address=f"lead{number}@example.com") for number in range(plan.leads)]
        self._database = database
        self._services = services
        self._folder = folder
        self._random = random.Random(plan.seed)
        for lead in self.leads[::2]:
            lead.leaves_at = self._random.randint(2, 12)
            lead.never = self._random.random() < 0.5
        self._stop = threading.Event()
        self._failures: list[str] = []
        self._clients = [
            threading.Thread(target=self._post_all, args=(number,), daemon=True) for number in range(plan.clients)
        ]

    def go(self) -> None:
        """Start, and kill for a while."""
        for service in self._services:
            service.start("serve")
        for client in self._clients:
            client.start()
        try:
            self._kill_for_a_while()
        finally:
            (self._folder / "next").unlink(missing_ok=True)
            self._stop.set()

    @contextmanager
    def revived(self) -> Iterator[None]:
        """Start meanwhile what stops: a supervisor that saw too many deaths gives up some seconds after the last."""
        done = threading.Event()

        def revive() -> None:
            while not done.wait(0.2):
                self._revive()

        reviver = threading.Thread(target=revive)
        reviver.start()
        try:
            yield
        finally:
            done.set()
            reviver.join()

    def await_clients(self) -> None:
        """Wait until every client is answered."""
        for client in self._clients:
            client.join()
        if self._failures:
            ends = [one.started[-1].output.read_text(errors="replace")[-2_000:] for one in self._services]
            raise AssertionError("\n".join((*self._failures, *ends)))
        self.report.points = {path.name for path in (self._folder / "seen").iterdir()}

    def post(self, lead: _Lead, service: Service) -> None:
        """Post a lead's next webhook until it is answered, as senders do."""
        leaves = lead.answered + 1 == lead.leaves_at
        body = webhook(lead.address, lead.answered + 1, leaves=leaves, never=leaves and lead.never)
        end = time.monotonic() + self.plan.seconds + PATIENCE_SECONDS
        while time.monotonic() < end:
            status, answer = post(service, body)
            if status == 202:
                lead.answered += 1
                self.report.answered += 1
                return
            if status not in (0, 503):
                raise AssertionError(f"answered {status}: {answer[:500]!r}")
            self.report.unanswered_tries += 1
            time.sleep(0.05)
        raise AssertionError(f"{lead.address} was never answered")

    def _post_all(self, number: int) -> None:
        mine = self.leads[number :: self.plan.clients]
        service = self._services[number % len(self._services)]
        try:
            while not self._stop.is_set():
                for lead in mine:
                    if not lead.has_left:
                        self.post(lead, service)
                    time.sleep(self.plan.pause_seconds)
        except AssertionError as error:
            self._failures.append(str(error))

    def _kill_for_a_while(self) -> None:
        end = time.monotonic() + self.plan.seconds
        while time.monotonic() < end and self.report.kills.total() < self.plan.kills and not self._failures:
            self._kill_one()
            self._revive()
            time.sleep(self._random.uniform(0.0, 0.4))

    def _kill_one(self) -> None:
        points = sorted(path.name for path in (self._folder / "seen").iterdir())
        if points and self._random.random() < 0.6:
            self._kill_at(self._random.choice(points))
            return
        service = self._random.choice(self._services)
        kinds = ["worker", "worker", "deliverer", "deliverer", "receiver", "everything"]
        kind = self._random.choice([*kinds, "database"] if self._database.can_die else kinds)
        if kind == "database":
            self._database.kill()
            self._database.start()
        elif kind == "everything":
            service.started[-1].destroy()
        else:
            victims = service.started[-1].workers() if kind == "worker" else _part(service.started[-1], kind)
            if not victims:
                return
            _kill(self._random.choice(victims))
        self.report.kills[kind] += 1

    def _kill_at(self, point: str) -> None:
        """Tell whoever passes a point next to die there; some are passed rarely."""
        chosen = self._folder / "next"
        chosen.with_name("writing").write_text(point)
        chosen.with_name("writing").rename(chosen)
        end = time.monotonic() + 2
        while chosen.exists() and time.monotonic() < end:
            time.sleep(0.01)
        try:
            chosen.unlink()
        except FileNotFoundError:
            self.report.kills[point] += 1

    def _revive(self) -> None:
        """Start what its own supervisor does not start again."""
        for service in self._services:
            if service.started[-1].process.poll() is not None:
                service.started[-1].destroy()
                service.run("serve")


def _part(processes: Processes, name: str) -> list[int]:
    try:
        return [processes.part(name)]
    except ValueError:  # it is just being started again
        return []


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _judge(crash: _Crash, sandbox: Sandbox, service: Service) -> Report:
    """Let everything come to its end, post one fresh event, and compare what was answered with what Zoho has."""
    report = crash.report
    fresh = _Lead(address="fresh@example.com")
    crash.post(fresh, service)
    answered = {lead.address: lead.answered for lead in (*crash.leads, fresh) if lead.answered}
    report.lost += settle(service.settings["LEADBRIDGE_DATABASE_URL"])
    state = sandbox.state()
    members, entered = state["leads"]["Newsletter"], state["journeys"]["Welcome"]
    left = {lead.address: lead.never for lead in crash.leads if lead.has_left}
    for address, version in answered.items():
        if address in left:
            continue
        if address not in members or address not in entered:
            report.lost.append(address)
        elif members[address]["fields"].get("First Name") != f"V{version}":
            report.out_of_order.append(f"{address}: {members[address]['fields'].get('First Name')}, not V{version}")
        elif (address in state["tags"]["VIP"]) != is_tagged(version):
            report.out_of_order.append(f"{address}: the tag of V{version}")
    keys = {key_of(address, number) for address, last in answered.items() for number in range(1, last + 1)}
    stored = {story.key: story for story in service.stories(limit=1_000_000)}
    report.lost += sorted(keys - stored.keys())
    report.lost += [shown(one) for story in stored.values() for one in story.deliveries if not is_through(one)]
    report.invented += sorted((stored.keys() - keys) | (set(members) | set(entered)) - answered.keys())
    _judge_withdrawals(report, state, left)
    report.fresh_event_passed = fresh.address in members and fresh.address in entered
    counted = [one for story in stored.values() for one in story.deliveries if one.target.api in LIMITS]
    _judge_calls(report, state, len(counted))
    return report


def _judge_withdrawals(report: Report, state: Mapping[str, Any], left: Mapping[str, bool]) -> None:
    """Nobody who withdrew is on a list, tagged or written of afterwards; nobody who did not is taken off.

    Who withdraws loses the tag first, since an inactive lead would keep it.

    `left` says of those who withdrew whether nobody may ever write to them again.
    """
    report.withdrawn = len(left)
    off: dict[str, set[str]] = {"unsubscribe": set(), "do_not_mail": set()}
    for call in state["calls"]:
        if call["api"] in off:
            off[call["api"]] |= set(call["leads"]) if call["processed"] else set()
        else:
            gone = off["unsubscribe"] | off["do_not_mail"]
            report.written_to += [f"{call['api']} {lead}" for lead in call["leads"] if lead in gone]
    never = {address for address, is_never in left.items() if is_never}
    blocked = set(state["do_not_mail"])
    report.removed += sorted((off["unsubscribe"] - left.keys()) | ((off["do_not_mail"] | blocked) - never))
    members = state["leads"]["Newsletter"]
    report.written_to += sorted(address for address in left.keys() & members if members[address]["status"] == "active")
    report.out_of_order += sorted(f"{address}: the tag" for address in left.keys() & set(state["tags"]["VIP"]))
    missed = (left.keys() - off["unsubscribe"]) | (never - blocked)
    report.lost += sorted(f"the withdrawal of {address}" for address in missed)


def _judge_calls(report: Report, state: Mapping[str, Any], deliveries: int) -> None:
    calls = [call for call in state["calls"] if call["api"] in LIMITS]
    report.doubled_calls = max(0, sum(len(call["leads"]) for call in calls) - deliveries)
    report.lockouts = state["lockouts"]
    for api, limit in LIMITS.items():
        times = [datetime.fromisoformat(call["at"]).timestamp() for call in calls if call["api"] == api]
        report.windows_over += sum(count > limit for count in _in_windows(times))


def _in_windows(times: Sequence[float]) -> Iterator[int]:
    """For each call, how many there were in the window that ends with it."""
    first = 0
    for last, at in enumerate(times):
        while times[first] <= at - WINDOW_SECONDS:
            first += 1
        yield last - first + 1
