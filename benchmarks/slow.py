"""`python -m benchmarks.slow`: how long answers take while other clients send a byte a second.

A steady rate of signed webhooks is posted by turns alone and next to the slow clients. Half of these drip the head of a
request, half its body; the service hangs up on each after some time, and it comes back at once. The medians of
the rounds are shown; their ratio is what counts, and the goal is below 2.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from benchmarks.databases import KINDS, fresh
from benchmarks.soak.client import Answer, start
from benchmarks.soak.table import part_of
from bridge.demo.stage import stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.demo.stage import Stage

BETWEEN_BYTES_SECONDS: Final = 1.0
BACK_SECONDS: Final = 0.2
HEAD: Final = b"POST /hooks/typeform HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
WITH_BODY: Final = HEAD + b"Content-Length: 1000\r\n\r\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.slow", description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--clients", type=int, default=64, help="how many drip")
    parser.add_argument("--rate", type=float, default=60.0, help="webhooks a second of the others")
    parser.add_argument("--seconds", type=float, default=20.0, help="the length of a round")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of each")
    options = parser.parse_args()
    quiet: list[list[Answer]] = []
    dripping: list[list[Answer]] = []
    with (
        fresh(options.database) as url,
        TemporaryDirectory(prefix="leadbridge-slow-") as folder,
        stage(settings={"LEADBRIDGE_DATABASE_URL": url}) as service,
    ):
        file = Path(folder) / "answers"
        for _ in range(options.rounds):
            quiet.append(one_round(service, file, options, number=len(quiet) + len(dripping)))
            with _slow_clients(service, options.clients):
                dripping.append(one_round(service, file, options, number=len(quiet) + len(dripping)))
    _print(options, quiet, dripping)


def one_round(service: Stage, file: Path, options: argparse.Namespace, *, number: int) -> list[Answer]:
    """Post at `options.rate` for `options.seconds`; `number` is the round's, so that each webhook is new."""
    first = int(number * options.rate * options.seconds)
    start(service, file, rate=options.rate, seconds=options.seconds, first=first).wait()
    return list(map(Answer.read, file.read_text(encoding="ascii").splitlines()))


def _print(options: argparse.Namespace, quiet: list[list[Answer]], dripping: list[list[Answer]]) -> None:
    print(f"{options.database}: {options.rate:g} webhooks a second, alone and next to {options.clients} slow clients")
    for part in (0.5, 0.99):
        alone, slow = (median(took(answers, part) for answers in rounds) for rounds in (quiet, dripping))
        print(f"  p{part * 100:g}: {alone:.1f} ms alone, {slow:.1f} ms next to them, {slow / alone:.2f} times")
    every = [one for answers in (*quiet, *dripping) for one in answers]
    print(f"  not taken: {sum(not one.is_taken for one in every)} of {len(every)}")


def took(answers: list[Answer], part: float) -> float:
    """How long this part of the answers took at most, in milliseconds."""
    return part_of(sorted(one.took_ms for one in answers), part)


@contextmanager
def _slow_clients(service: Stage, count: int) -> Iterator[None]:
    """So many clients that drip, in a thread of their own."""
    parts = urlsplit(service.hooks_url)
    stop = threading.Event()

    async def drip_all() -> None:
        drips = (_drip(str(parts.hostname), int(parts.port or 0), number % 2 == 0, stop) for number in range(count))
        await asyncio.gather(*drips)

    thread = threading.Thread(target=lambda: asyncio.run(drip_all()))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def _drip(host: str, port: int, sends_body: bool, stop: threading.Event) -> None:
    """One slow client: a byte a second until the service hangs up, then again."""
    while not stop.is_set():
        reader, writer = await asyncio.open_connection(host, port)
        if sends_body:
            writer.write(WITH_BODY)
        for byte in b" " * 1000 if sends_body else HEAD:
            if stop.is_set() or reader.at_eof():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(BETWEEN_BYTES_SECONDS)
        writer.close()
        await asyncio.sleep(BACK_SECONDS)


if __name__ == "__main__":
    main()
