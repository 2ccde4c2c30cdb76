"""18,000 leads for one journey through the real service, against a sandbox with Zoho's true limits.

    python -m benchmarks.deliver [--database postgresql://user@host/empty] [--leads 18000]

The people are in the list already. Each comes as a webhook of its own, as fast as a few senders can post them. In the
middle of the delivery three fresh leads of another journey are posted. Printed are how long it took from the first
webhook to the last lead's call, how many leads went in a call, the most calls in any five minutes, and how long each
fresh lead took from its webhook to its call. Exit code 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from bridge.demo.stage import stage

if TYPE_CHECKING:
    from bridge.demo.stage import Stage

SENDERS: Final = 8
LIMIT_SECONDS: Final = 300
FRESH_EVERY_SECONDS: Final = 6
MAPPING: Final = """\
preset: json
verify: none
consent: {{not_asked: a benchmark}}
lead:
  Lead Email: {{answer: email}}
actions:
  - trigger: {{journey: {journey}, list: Newsletter}}
"""


@dataclass
class Run:
    """What was posted and when (seconds since the epoch), by address."""

    posted: dict[str, float] = field(default_factory=dict)
    refused: int = 0


def main() -> None:
    """Read the options, run, print, and report by the exit code whether the targets were met."""
    parser = argparse.ArgumentParser(description="Deliver a backlog within Zoho's limits.")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database; SQLite without")
    parser.add_argument("--leads", type=int, default=18_000)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="leadbridge-") as folder:
        for hook, journey in (("backlog", "Welcome"), ("fresh", "Reminder")):
            (Path(folder) / f"{hook}.yaml").write_text(MAPPING.format(journey=journey), encoding="utf-8")
        settings = {"LEADBRIDGE_MAPPINGS": folder, "LEADBRIDGE_LOG_LEVEL": "warning"}
        if options.database:
            settings["LEADBRIDGE_DATABASE_URL"] = options.database
        with stage(settings=settings) as service:
            good = _run(service, options.leads, "PostgreSQL" if options.database else "SQLite")
    raise SystemExit(0 if good else 1)


def _run(service: Stage, count: int, database: str) -> bool:
    leads = [f"lead{number}@example.com" for number in range(count)]
    fresh = [f"fresh{number}@example.com" for number in range(3)]
    _join(service, [*leads, *fresh])
    run = Run()
    started = time.time()
    _post_all(service, "backlog", leads, run)
    posting = time.time() - started
    _wait(service, count // 2, started + LIMIT_SECONDS)
    for lead in fresh:
        _post(_connection(service), "fresh", lead, run)
        time.sleep(FRESH_EVERY_SECONDS)
    state = _wait(service, count + len(fresh), started + LIMIT_SECONDS + 60)
    return _print(state, run, database, started=started, posting=posting, fresh=fresh, count=count)


def _join(service: Stage, addresses: list[str]) -> None:
    body = orjson.dumps({"list": "Newsletter", "addresses": addresses})
    headers = {"Content-Type": "application/json"}
    url = f"{service.sandbox_url}/_sandbox/members"
    answer = service.http.send("POST", url, body=body, headers=headers, deadline_seconds=30)
    assert answer.status == 200, answer.body


def _post_all(service: Stage, hook: str, leads: list[str], run: Run) -> None:
    waiting = iter(leads)
    lock = threading.Lock()

    def send() -> None:
        connection = _connection(service)
        while True:
            with lock:
                some = list(itertools.islice(waiting, 20))
            if not some:
                return
            for lead in some:
                _post(connection, hook, lead, run)

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def _connection(service: Stage) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(service.hooks_url).netloc, timeout=30)


def _post(connection: http.client.HTTPConnection, hook: str, lead: str, run: Run) -> None:
    run.posted[lead] = time.time()
    body = orjson.dumps({"email": lead})
    connection.request("POST", f"/hooks/{hook}", body=body, headers={"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    run.refused += answer.status != 202


def _wait(service: Stage, expected: int, until: float) -> dict[str, Any]:
    while True:
        state = service.zoho()
        if sum(len(entered) for entered in state["journeys"].values()) >= expected or time.time() > until:
            return state
        time.sleep(2)


def _print(
    state: dict[str, Any], run: Run, database: str, *, started: float, posting: float, fresh: list[str], count: int
) -> bool:
    calls = [call for call in state["calls"] if call["api"] == "trigger"]
    reached = {lead: _seconds(call["at"]) for call in reversed(calls) for lead in call["leads"]}
    backlog = [call for call in calls if not set(call["leads"]) & set(fresh)]
    took = max((reached[lead] - started for lead in reached if lead not in fresh), default=0.0)
    fill = sum(len(call["leads"]) for call in backlog) / max(1, len(backlog))
    waits = [reached[lead] - run.posted[lead] for lead in fresh if lead in reached]
    delivered = sum(len(entered) for entered in state["journeys"].values())
    most = state["max_in_window"]["trigger"]
    print(f"{database}: {count} webhooks in {posting:.0f} s ({run.refused} not accepted)")
    print(f"  delivered {delivered} of {count + len(fresh)}, the backlog within {took:.0f} s (target {LIMIT_SECONDS})")
    print(f"  {len(backlog)} calls, {fill:.1f} leads each (target 190), locks {state['lockouts']}")
    print(f"  at most {most} calls in any window (target 95)")
    print(f"  fresh leads reached Zoho after {', '.join(f'{wait:.2f} s' for wait in waits)} (target 2)")
    whole = delivered == count + len(fresh) and not state["lockouts"]
    return whole and took <= LIMIT_SECONDS and fill >= 190 and most <= 95 and max(waits, default=99.0) <= 2


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


if __name__ == "__main__":
    main()
