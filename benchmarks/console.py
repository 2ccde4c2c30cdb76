"""`python -m benchmarks.console`: the console's pages over a million deliveries, and receiving while they are clicked.

Every page of the navigation, the story of a lead and a mapping on its last ten events are asked for by turns, each over
one kept connection as a browser does. The time is that to the whole answer, the goal for its median 100 ms; next to it
stands the processor time that the console took, which other work on the machine does not change. Then signed webhooks
are posted at a steady rate, by turns alone and while two people click through the pages, twice a second each.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import threading
import time
from collections import defaultdict
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from benchmarks.databases import KINDS, fresh
from benchmarks.scale import fill
from benchmarks.slow import one_round, took
from bridge.authoring.shipped_examples import EXAMPLES
from bridge.console.pages import PAGES
from bridge.demo.stage import CONSOLE_USER, stage
from bridge.outbox import open_outbox

if TYPE_CHECKING:
    from benchmarks.soak.client import Answer
    from bridge.demo.stage import Stage

CLICKERS: Final = 2
CLICK_EVERY_SECONDS: Final = 0.5
FORM: Final = """\
preset: json
verify: none
consent: {not_asked: a benchmark}
lead:
  Lead Email: {answer: email}
actions:
  - subscribe: {list: Newsletter}
"""


class Visitor:
    """A browser that is signed in: one connection, one cookie."""

    def __init__(self, demo: Stage) -> None:
        parts = urlsplit(demo.console_url)
        self._connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=120)
        form = urlencode({"name": CONSOLE_USER, "password": demo.console_password})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        self._connection.request("POST", "/login", form, headers)
        answer = self._connection.getresponse()
        answer.read()
        self._headers = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}

    def milliseconds(self, path: str) -> float:
        """How long a page takes; it must be there."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 200, f"{path}: {answer.status}"
        return (time.perf_counter() - started) * 1000


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--events", type=int, default=500_000, help="each has two deliveries")
    parser.add_argument("--times", type=int, default=41, help="how often each page is asked for")
    parser.add_argument("--rate", type=float, default=20.0, help="webhooks a second")
    parser.add_argument("--seconds", type=float, default=10.0, help="the length of a round of webhooks")
    parser.add_argument("--rounds", type=int, default=4, help="rounds of each")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="leadbridge-console-")))
        shutil.copytree(EXAMPLES, folder / "mappings")
        (folder / "mappings" / "form.yaml").write_text(FORM, encoding="utf-8")
        url = stack.enter_context(fresh(options.database))
        with closing(open_outbox(url)) as outbox:
            outbox.migrate()
            fill(outbox, options.events)
        settings = {"LEADBRIDGE_DATABASE_URL": url, "LEADBRIDGE_MAPPINGS": str(folder / "mappings")}
        demo = stack.enter_context(stage(settings=settings))
        paths = [*(f"/{page.name}" for page in PAGES), f"/leads/evt_{options.events // 2}", "/trying/form"]
        _print_pages(options, demo, paths)
        _print_receiving(options, demo, paths, folder / "answers")


def _print_pages(options: argparse.Namespace, demo: Stage, paths: list[str]) -> None:
    visitor, times, cpu = Visitor(demo), defaultdict(list), dict.fromkeys(paths, 0.0)
    for _ in range(options.times):
        for path in paths:
            before = _processor_ms()
            times[path].append(visitor.milliseconds(path))
            cpu[path] += _processor_ms() - before
    print(f"{options.database}, {2 * options.events:,} deliveries, each page {options.times} times, in ms:")
    for path, took_ms in times.items():
        of_processor = cpu[path] / options.times
        print(f"  {path:24} median {median(took_ms):7.1f}, slowest {max(took_ms):7.1f}, processor {of_processor:6.1f}")


def _processor_ms() -> float:
    """What the consoles of this machine have taken of its processors; the kernel counts hundredths of seconds."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"\0part\0console\0" in (process / "cmdline").read_bytes():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def _print_receiving(options: argparse.Namespace, demo: Stage, paths: list[str], file: Path) -> None:
    one_round(demo, file, options, number=2 * options.rounds)  # what the first request loads, is loaded
    alone: list[list[Answer]] = []
    clicked: list[list[Answer]] = []
    for number in range(options.rounds):
        alone.append(one_round(demo, file, options, number=2 * number))
        stop = threading.Event()
        clickers = [threading.Thread(target=_click, args=(demo, paths, stop)) for _ in range(CLICKERS)]
        for one in clickers:
            one.start()
        clicked.append(one_round(demo, file, options, number=2 * number + 1))
        stop.set()
        for one in clickers:
            one.join()
    print(f"  {options.rate:g} webhooks a second, alone and next to {CLICKERS} who click twice a second")
    for part in (0.5, 0.99):
        quiet, busy = (median(took(answers, part) for answers in rounds) for rounds in (alone, clicked))
        print(f"    p{part * 100:g}: {quiet:.1f} ms alone, {busy:.1f} ms next to them, {busy / quiet:.2f} times")


def _click(demo: Stage, paths: list[str], stop: threading.Event) -> None:
    visitor = Visitor(demo)
    while not stop.is_set():
        for path in paths:
            visitor.milliseconds(path)
            if stop.wait(CLICK_EVERY_SECONDS):
                return


if __name__ == "__main__":
    main()
