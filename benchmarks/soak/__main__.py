"""`python -m benchmarks.soak`: an hour of webhooks, all delivered, while weeks of old ones are purged.

The service takes a steady rate of signed webhooks, each new, whatever its answers take, and delivers them to a sandbox
with limits that let all through. What is two minutes old is made 401 days old and purged, once a minute, as the service
purges. Printed is, for each sixth of the time, how long answers took while a purge ran and while none did, the memory
of every part, the database's size, and how long a look for what is due took. At the end the sandbox is asked: every
webhook that was answered must be delivered. Exit code 1 when one is not.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import orjson

from benchmarks.databases import KINDS, fresh
from benchmarks.soak.client import Answer, address_of, start
from benchmarks.soak.sample import take
from benchmarks.soak.table import PARTS, compared, head, row, sixth
from benchmarks.soak.upkeep import Upkeep
from bridge.demo.stage import stage
from bridge.outbox import open_outbox

if TYPE_CHECKING:
    from benchmarks.soak.sample import Sample
    from benchmarks.soak.table import Sixth
    from bridge.demo.stage import Stage
    from bridge.outbox import Outbox

CALLS: Final = "600"
"""Zoho's limit in five minutes as the sandbox and the service have it here: 600 calls of up to 200 leads."""

SAMPLE_SECONDS: Final = 5.0
DRAIN_SECONDS: Final = 120.0
STATE_SECONDS: Final = 120.0
STATE_BYTES: Final = 1_000_000_000
JOIN: Final = 5_000
MAPPING: Final = """\
preset: typeform
secrets: {signing: TYPEFORM_SECRET}
consent: {answer: May we send you our newsletter?}
lead:
  Lead Email: {answer: Your e-mail address}
actions:
  - trigger: {journey: Welcome, list: Newsletter}
"""


def main() -> None:
    """Read the options, run, print, and report by the exit code whether all arrived."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=60.0, help="webhooks a second")
    options = parser.parse_args()
    with fresh(options.database) as url, TemporaryDirectory(prefix="leadbridge-soak-") as folder:
        (Path(folder) / "typeform.yaml").write_text(MAPPING, encoding="utf-8")
        settings = {
            "LEADBRIDGE_DATABASE_URL": url,
            "LEADBRIDGE_MAPPINGS": folder,
            "LEADBRIDGE_TRIGGER_CALLS": CALLS,
        }
        with (
            stage(sandbox=["--trigger-calls", CALLS], settings=settings) as service,
            closing(open_outbox(url)) as store,
        ):
            _join(service, int(options.rate * options.minutes * 60))
            answers = _soak(service, store, Path(folder) / "answers", options)
            lost = _lost(service, store, answers)
    print(f"{sum(one.is_taken for one in answers):,} taken, {len(lost)} of them not delivered {', '.join(lost[:5])}")
    raise SystemExit(1 if lost else 0)


def _join(service: Stage, count: int) -> None:
    """The people are in the list already."""
    for first in range(0, count, JOIN):
        addresses = [address_of(number) for number in range(first, min(first + JOIN, count))]
        answer = service.http.send(
            "POST",
            f"{service.sandbox_url}/_sandbox/members",
            body=orjson.dumps({"list": "Newsletter", "addresses": addresses}),
            headers={"Content-Type": "application/json"},
            deadline_seconds=30,
        )
        assert answer.status == 200, answer.body


def _soak(service: Stage, store: Outbox, file: Path, options: argparse.Namespace) -> list[Answer]:
    """Post for the whole time; print a row after each sixth."""
    seconds = options.minutes * 60
    upkeep, client = Upkeep(store), start(service, file, rate=options.rate, seconds=seconds)
    upkeep.start()
    started = time.time()
    sixths: list[Sixth] = []
    answers: list[Answer] = []
    print(head(), flush=True)
    try:
        with file.open(encoding="ascii") as lines:
            for number in range(1, PARTS + 1):
                samples = _samples(service, store, started + seconds * number / PARTS)
                if number == PARTS:
                    client.wait()
                new = list(map(Answer.read, lines))
                sixths.append(sixth(new, samples, upkeep.purges))
                answers += new
                print(row(str(number), sixths[-1]), flush=True)
                print(_tables(samples[-1]), file=sys.stderr, flush=True)
    finally:
        client.kill()
        client.wait()
        upkeep.stop()
    print(f"\n{compared(sixths[0], sixths[-1])}")
    return answers


def _samples(service: Stage, store: Outbox, until: float) -> list[Sample]:
    samples = [take(store, service.service_pid)]
    while time.time() < until:
        time.sleep(min(SAMPLE_SECONDS, max(0.0, until - time.time())))
        samples.append(take(store, service.service_pid))
    return samples


def _tables(sample: Sample) -> str:
    """What the database is made of now: sizes in MB, and dead rows."""
    sizes = (f"{name} {size / 1e6:.1f}" for name, size in sample.sizes.items())
    dead = (f"{name} {count}" for name, count in sample.dead.items())
    return f"  MB: {', '.join(sizes)}; dead rows: {', '.join(dead) or '–'}"


def _lost(service: Stage, store: Outbox, answers: list[Answer]) -> list[str]:
    """The addresses that were taken and did not arrive, once nothing is open any more."""
    until = time.time() + DRAIN_SECONDS
    while take(store, service.service_pid).waiting and time.time() < until:
        time.sleep(1)
    state = service.http.send(
        "GET", f"{service.sandbox_url}/_sandbox/state", deadline_seconds=STATE_SECONDS, max_bytes=STATE_BYTES
    )
    arrived = orjson.loads(state.body)["journeys"]["Welcome"]
    return [address_of(one.number) for one in answers if one.is_taken and address_of(one.number) not in arrived]


if __name__ == "__main__":
    main()
