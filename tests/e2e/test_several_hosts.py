"""Two hosts share one PostgreSQL: each takes webhooks and delivers; then a receiver and the other's deliverer die.

Leads that were claimed by the deliverer that died go out once its lease is over; the points of the crash harness make
that seconds, and tell the moment of its death: Zoho has answered its call, and nobody has stored that.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from bridge.errors import NoAnswerError
from bridge.model import DeliveryState
from tests.crash.installation import SITE
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.operator import EventStory
    from tests.e2e.conftest import NewSandbox, NewService, Sandbox, Service

MAPPING = """
preset: json
verify: none
id: body.id
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
  First Name: {answer: version}
actions:
"""
FORM = MAPPING + "  - subscribe: {list: Newsletter}\n  - trigger: {journey: Welcome}\n"
SHOP = MAPPING + "  - subscribe: {list: Customers}\n"
WINDOW_SECONDS, LIMITS = 2.0, {"subscribe": 50, "trigger": 10}
ACCOUNT = "lists: [Newsletter, Customers]\njourneys: [{name: Welcome, reentry: true}]\n"
CROWD = tuple(f"crowd{number}@example.com" for number in range(60))
TWINS = tuple(f"twin{number}@example.com" for number in range(6))
REGULARS = tuple(f"regular{number}@example.com" for number in range(3))
VERSIONS = 6
CLIENTS = 4
IN_FLIGHT = 4
"""So many calls of one API can a deliverer have in flight when it dies."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """What is there when all is over. `answered` are the persons whose webhooks were answered."""

    hosts: Sequence[Service]
    stories: Sequence[EventStory]
    zoho: dict[str, Any]
    answered: frozenset[str]

    def calls(self, api: str) -> list[dict[str, Any]]:
        return [call for call in self.zoho["calls"] if call["api"] == api]


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    account = tmp_path_factory.mktemp("account") / "account.yaml"
    account.write_text(ACCOUNT)
    calls = [part for api, limit in LIMITS.items() for part in (f"--{api}-calls", str(limit))]
    return new_sandbox("--account", str(account), "--window", str(WINDOW_SECONDS), "--lock", "60", *calls)


@pytest.fixture(scope="module")
def hosts(new_service: NewService, sandbox: Sandbox, postgres_server: str) -> Sequence[Service]:
    """Two installations on one database, not started."""
    name = f"hosts_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return [_host(new_service, sandbox, postgres_server, name) for _ in range(2)]


def _host(new_service: NewService, sandbox: Sandbox, server: str, database: str) -> Service:
    host = new_service(
        **sandbox.settings,
        LEADBRIDGE_DATABASE_URL=urlunsplit(urlsplit(server)._replace(path=f"/{database}")),
        LEADBRIDGE_WINDOW_SECONDS=str(WINDOW_SECONDS),
        LEADBRIDGE_SUBSCRIBE_CALLS=str(LIMITS["subscribe"]),
        LEADBRIDGE_TRIGGER_CALLS=str(LIMITS["trigger"]),
        PYTHONPATH=str(SITE),
    )
    host.settings["CRASH_FOLDER"] = str(host.folder)
    (host.folder / "seen").mkdir()
    host.write(form=FORM, shop=SHOP)
    return host


@pytest.fixture(scope="module")
def played(hosts: Sequence[Service], sandbox: Sandbox) -> Played:
    receivers = [host.run("receive") for host in hosts]  # both find the database empty, and bring it up to date
    deliverers = [host.run("deliver") for host in hosts]
    for host in hosts:
        wait_until(host.is_ready)
    load = _Load(hosts)
    with ThreadPoolExecutor(CLIENTS + len(REGULARS)) as clients:
        posts = [clients.submit(load.post_twin, address) for address in TWINS]
        posts += [clients.submit(load.post_versions, address) for address in REGULARS]
        load.post("shop", [_submission(address, 1) for address in CROWD])
        posts += [clients.submit(load.post_singles, number) for number in range(CLIENTS)]
        wait_until(lambda: all(host.lines("call.finished") for host in hosts))
        wait_until(lambda: all(host.lines("request.answered", status=202) for host in hosts))
        (hosts[0].folder / "next").write_text("after send")
        wait_until((hosts[0].folder / "taken").exists)
        os.killpg(deliverers[0].pid, signal.SIGKILL)
        os.killpg(receivers[1].pid, signal.SIGKILL)
        answered = len(load.answered)
        wait_until(lambda: len(load.answered) > answered + 2 * CLIENTS)
        load.stop.set()
        for post in posts:
            post.result()
    wait_until(lambda: _all_delivered(hosts[0]))
    return Played(hosts=hosts, stories=hosts[0].stories(), zoho=sandbox.state(), answered=frozenset(load.answered))


class _Load:
    """The senders: each tries one host, then the other, until it is answered."""

    def __init__(self, hosts: Sequence[Service]) -> None:
        self.hosts = hosts
        self.answered: set[str] = set()
        self.stop = threading.Event()

    def post(self, hook: str, submissions: list[dict[str, Any]], first: int = 0) -> None:
        for turn in range(first, first + 200):
            if _status(self.hosts[turn % 2], hook, submissions) == 202:
                self.answered.update(one["email"] for one in submissions)
                return
            self.stop.wait(0.05)
        raise AssertionError("never answered")

    def post_singles(self, client: int) -> None:
        """New persons, by turns to both hosts and both hooks, until asked to stop."""
        for number in itertools.count():
            if self.stop.is_set():
                return
            self.post(("form", "shop")[number % 2], [_submission(f"single{client}.{number}@example.com", 1)], number)
            self.stop.wait(0.2)

    def post_versions(self, address: str) -> None:
        """What one person says now and then, each time to the other host."""
        for version in range(1, VERSIONS + 1):
            self.post("form", [_submission(address, version)], version)
            self.stop.wait(0.1)

    def post_twin(self, address: str) -> None:
        """The same webhook to both hosts at once."""
        submissions = [_submission(address, 1)]
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda first: self.post("form", submissions, first), range(2)))


def _submission(address: str, version: int) -> dict[str, Any]:
    return {"id": f"{address} {version}", "email": address, "version": f"V{version}"}


def _status(host: Service, hook: str, submissions: list[dict[str, Any]]) -> int:
    try:
        return host.post(hook, submissions).status
    except NoAnswerError:
        return 0


def _all_delivered(host: Service) -> bool:
    states = {one.state for story in host.stories() for one in story.deliveries}
    return states == {DeliveryState.DELIVERED}


def test_every_answered_webhook_is_stored_once_and_delivered(played: Played) -> None:
    keys = [story.key for story in played.stories]
    assert len(keys) == len(set(keys)) == len(played.answered) + len(REGULARS) * (VERSIONS - 1)
    newsletter, customers = (played.zoho["leads"][name] for name in ("Newsletter", "Customers"))
    assert newsletter.keys() | customers.keys() == played.answered
    assert played.zoho["journeys"]["Welcome"].keys() == newsletter.keys()


def test_both_hosts_took_webhooks_and_both_delivered(played: Played) -> None:
    for host in played.hosts:
        assert host.lines("request.answered", status=202)
        assert host.lines("call.finished")


def test_the_limits_hold_over_both_deliverers(played: Played) -> None:
    assert played.zoho["lockouts"] == 0
    for api, limit in LIMITS.items():
        times = [datetime.fromisoformat(call["at"]).timestamp() for call in played.calls(api)]
        assert len(times) > limit or api == "trigger"
        assert all(after - before > WINDOW_SECONDS for before, after in zip(times, times[limit:], strict=False))


def test_a_call_carries_leads_of_one_lane(played: Played) -> None:
    lanes: dict[int, set[int]] = defaultdict(set)
    for delivery in (one for story in played.stories for one in story.deliveries):
        for attempt in delivery.attempts:
            lanes[attempt.call_id].add(delivery.lane_id)
    assert len(set().union(*lanes.values())) == 3
    assert all(len(of_a_call) == 1 for of_a_call in lanes.values())


def test_only_what_the_dead_deliverer_had_in_flight_went_out_twice(played: Played) -> None:
    sent = Counter(address for call in played.calls("subscribe") for address in call["leads"])
    once = played.answered - set(REGULARS)
    assert {sent[address] for address in once} <= {1, 2}
    assert sum(sent[address] - 1 for address in once) <= IN_FLIGHT


def test_what_a_person_said_last_was_sent_last(played: Played) -> None:
    """In subscribes: journeys are free to start in any order, as they do after the one that was in the lost call."""
    for address in REGULARS:
        assert played.zoho["leads"]["Newsletter"][address]["fields"]["First Name"] == f"V{VERSIONS}"
        stories = [story for story in played.stories if story.lead == address]
        assert [story.key for story in stories] == [f"tpl:{address} {number}" for number in range(1, VERSIONS + 1)]
        tried = [starts for story in stories if (starts := [one.started_at for one in story.deliveries[0].attempts])]
        assert all(max(before) <= min(after) for before, after in itertools.pairwise(tried)), tried
