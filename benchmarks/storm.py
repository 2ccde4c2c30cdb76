"""`python -m benchmarks.storm`: how long one hook's answers take while another hook is stormed.

A steady rate of signed webhooks is posted to one hook by turns alone and next to 32 connections that post to another
hook as fast as they go; all of it once without a limit and once with LEADBRIDGE_HOOK_LIMIT. The medians of the rounds
are shown; their ratio is what counts, and the goal is at most 2 with the limit.
"""

from __future__ import annotations

import argparse
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from benchmarks.databases import KINDS, fresh
from benchmarks.load import drive
from benchmarks.slow import one_round, took
from bridge.demo.stage import stage

if TYPE_CHECKING:
    from benchmarks.soak.client import Answer
    from bridge.demo.stage import Stage

MOST_A_SECOND: Final = 6_000
"""More requests than this a second are not prepared for the storm."""

LEAD_SECONDS: Final = 3.0
"""So long the storm has gone on already when measuring starts."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storm", description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--connections", type=int, default=32, help="how many storm")
    parser.add_argument("--limit", type=int, default=1500, help="LEADBRIDGE_HOOK_LIMIT where there is one")
    parser.add_argument("--rate", type=float, default=20.0, help="webhooks a second of the hook that is not stormed")
    parser.add_argument("--seconds", type=float, default=10.0, help="the length of a round")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of each")
    options = parser.parse_args()
    limits = (0, options.limit)
    alone: dict[int, list[list[Answer]]] = {limit: [] for limit in limits}
    stormed: dict[int, list[list[Answer]]] = {limit: [] for limit in limits}
    with ExitStack() as stack:
        file = Path(stack.enter_context(TemporaryDirectory(prefix="leadbridge-storm-"))) / "answers"
        services = {}
        for limit in limits:
            url = stack.enter_context(fresh(options.database))
            settings = {"LEADBRIDGE_DATABASE_URL": url, "LEADBRIDGE_HOOK_LIMIT": str(limit)}
            services[limit] = stack.enter_context(stage(settings=settings))
        for service in services.values():
            one_round(service, file, options, number=2 * options.rounds)  # what the first request loads, is loaded
        for number in range(options.rounds):
            for limit, service in services.items():
                alone[limit].append(one_round(service, file, options, number=2 * number))
                storm = threading.Thread(target=_storm, args=(service, options, number))
                storm.start()
                time.sleep(LEAD_SECONDS)  # what a limit lets through at once is used up
                stormed[limit].append(one_round(service, file, options, number=2 * number + 1))
                storm.join()
    print(
        f"{options.database}: {options.rate:g} webhooks a second, alone and next to {options.connections} connections"
    )
    for limit in limits:
        _print(limit, alone[limit], stormed[limit])


def _storm(service: Stage, options: argparse.Namespace, number: int) -> None:
    """Post to the website form's hook, every time another person, as fast as the answers come."""
    parts = urlsplit(service.hooks_url)
    host, port = str(parts.hostname), int(parts.port or 0)
    seconds = LEAD_SECONDS + options.seconds + 1.0
    requests = [_request(service, f"storm{number}x{at}") for at in range(int(MOST_A_SECOND * seconds))]
    done = drive(host, port, connections=options.connections, seconds=seconds, requests=requests)
    print(f"  the storm: {done.rate:.0f} answers a second, {done.statuses}")


def _request(service: Stage, name: str) -> bytes:
    token = service.secrets["WEBSITE_FORM_TOKEN"]
    body = urlencode({"email": f"{name}@example.com", "name": "Ada Lovelace", "newsletter": "yes"}).encode()
    head = (
        f"POST /hooks/website-form?token={token} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _print(limit: int, alone: list[list[Answer]], stormed: list[list[Answer]]) -> None:
    print(f"  LEADBRIDGE_HOOK_LIMIT={limit}")
    for part in (0.5, 0.99):
        quiet, loud = (median(took(answers, part) for answers in rounds) for rounds in (alone, stormed))
        ratio = median(took(one, part) / took(other, part) for other, one in zip(alone, stormed, strict=True))
        print(f"    p{part * 100:g}: {quiet:.1f} ms alone, {loud:.1f} ms next to the storm, {ratio:.2f} times")
    every = [one for answers in (*alone, *stormed) for one in answers]
    print(f"    not taken: {sum(not one.is_taken for one in every)} of {len(every)}")


if __name__ == "__main__":
    main()
