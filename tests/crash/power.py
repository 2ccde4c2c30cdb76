"""Power failures, simulated: the disk as it would be after one at any instant, and what the product finds on it.

A real service takes webhooks while a library writes down what it does to its files and when it syncs them
(benchmarks/disk). From that, the disk is put together as a power failure would leave it: what was synced, and of the
rest nothing, or torn pieces. Every webhook that was answered by then must be there, with its deliveries, and every
call that Zoho has seen must be counted. SQLite only: a PostgreSQL server's log is the server's own matter.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.disk import build, watched
from bridge.errors import LeadbridgeError
from bridge.model import DeliveryState
from bridge.outbox import open_outbox
from bridge.outbox.operator import find_events
from tests.crash import image
from tests.crash.installation import DELIVERIES, LIMITS, key_of, make_service, post, start_sandbox, webhook
from tests.crash.trace import Kind, Operation, read_traces
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.http import Http
    from tests.e2e.conftest import Sandbox, Service

OUTBOX = "outbox.db"
LYING_NS = 300_000_000
"""How far the disk of the counter-check is behind what it says: losses must be found on it."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long webhooks are posted, by how many clients, and how many instants are looked at."""

    seconds: float
    instants: int
    seed: int
    clients: int = 4


@dataclass(kw_only=True)
class Report:
    """What was found. `wrong` names an image and what is missing or broken on it."""

    answered: int = 0
    operations: int = 0
    images: int = 0
    wrong_images: int = 0
    wrong: list[str] = field(default_factory=list)
    lying_images: int = 0
    lying_images_with_losses: int = 0
    went_on: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, and losses would have been seen."""
        return not self.wrong and self.lying_images_with_losses > 0 and self.went_on


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What the world outside knows: when each webhook was answered and each call seen, and what the disk was given."""

    answers: Mapping[str, int]
    calls: Sequence[int]
    operations: Sequence[Operation]

    def answered_by(self, instant: int) -> set[str]:
        return {key for key, at in self.answers.items() if at <= instant}

    def calls_by(self, instant: int) -> int:
        return sum(at <= instant for at in self.calls)


def run(plan: Plan, folder: Path, http_: Http) -> Report:
    """One run of the service, all its instants, and the diagnosis. Raises NoCompilerError."""
    folder = folder.resolve()
    library = build(folder)
    for name in ("seen", "sandbox", "traces"):
        (folder / name).mkdir()
    sandbox = start_sandbox(folder, http_)
    try:
        seen = _watch(plan, folder, library, sandbox, http_)
        report = Report(answered=len(seen.answers), operations=len(seen.operations))
        chance = random.Random(plan.seed)
        _examine_all(_instants(seen, plan.instants, chance), seen, chance, report)
        _count_losses_of_a_lying_disk(_instants(seen, max(10, plan.instants // 10), chance), seen, report)
        report.went_on = _goes_on(folder, seen, sandbox, http_, chance)
        return report
    finally:
        sandbox.processes.destroy()


def _watch(plan: Plan, folder: Path, library: Path, sandbox: Sandbox, http_: Http) -> _Seen:
    """Run the service under load; it ends as abruptly as by a power failure."""
    files, traces = folder / "watched" / OUTBOX, folder / "traces"
    service = make_service(files.parent, f"sqlite:///{files}", folder, sandbox, http_)
    service.settings |= watched(library, files, traces)
    offset = time.time_ns() - time.monotonic_ns()
    try:
        service.start("serve")
        answers = _post_for_a_while(plan, service)
    finally:
        for processes in service.started:
            processes.destroy()
    calls = [call for call in sandbox.state()["calls"] if call["api"] in LIMITS]
    times = [round(datetime.fromisoformat(call["at"]).timestamp() * 1000) * 1_000_000 - offset for call in calls]
    return _Seen(answers=answers, calls=times, operations=read_traces(traces))


def _post_for_a_while(plan: Plan, service: Service) -> dict[str, int]:
    """New webhooks, one after the other by each client; when each was answered, in ns of the monotonic clock."""
    answers: dict[str, int] = {}
    end = time.monotonic() + plan.seconds

    def client(number: int) -> None:
        version = 0
        while time.monotonic() < end:
            version += 1
            address = f"client{number}.{version}@example.com"
            if post(service, webhook(address, version))[0] == 202:
                answers[key_of(address, version)] = time.monotonic_ns()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(plan.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _instants(seen: _Seen, count: int, chance: random.Random) -> list[int]:
    """Instants in their order: by chance any, one just after an answer, or one in the midst of an operation.

    Of the operations, those of each kind on each file have the same chance, though there are forty times as many writes
    to the log as there are of checkpoints.
    """
    times = sorted(seen.answers.values())
    during: dict[tuple[str, Kind], list[Operation]] = defaultdict(list)
    for one in seen.operations:
        if times[0] <= one.started <= times[-1]:
            during[one.path, one.kind].append(one)
    kinds = list(during.values())

    def instant() -> int:
        match chance.randrange(3):
            case 0:
                return chance.randrange(times[0], times[-1])
            case 1:
                return chance.choice(times) + 1
            case _:
                one = chance.choice(chance.choice(kinds))
                return chance.randrange(one.started, one.ended + 1)

    return sorted(instant() for _ in range(count))


def _images(instants: Sequence[int], operations: Sequence[Operation]) -> Iterator[tuple[int, image.Disk]]:
    disk = image.Disk(operations)
    for instant in instants:
        disk.pass_to(instant)
        yield instant, disk


def _examine_all(instants: Sequence[int], seen: _Seen, chance: random.Random, report: Report) -> None:
    for number, (instant, disk) in enumerate(_images(instants, seen.operations)):
        for kind, files in (("synced", disk.synced(instant)), ("torn", disk.torn(instant, chance))):
            with _written(files) as url:
                found = _examine(url, seen.answered_by(instant), seen.calls_by(instant))
            report.images += 1
            report.wrong_images += bool(found)
            report.wrong += [f"instant {number} ({instant}), {kind}: {what}" for what in found]


def _count_losses_of_a_lying_disk(instants: Sequence[int], seen: _Seen, report: Report) -> None:
    for instant, disk in _images(instants, image.lying(seen.operations, LYING_NS)):
        report.lying_images += 1
        with _written(disk.synced(instant)) as url:
            report.lying_images_with_losses += bool(_examine(url, seen.answered_by(instant), seen.calls_by(instant)))


@contextmanager
def _written(files: Mapping[str, bytes]) -> Iterator[str]:
    """A disk's files in a folder of their own; the outbox's URL there."""
    with TemporaryDirectory(prefix="leadbridge-power-") as folder:
        _write(files, Path(folder))
        yield f"sqlite:///{folder}/{OUTBOX}"


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for path, content in files.items():
        (folder / Path(path).name).write_bytes(content)


def _examine(url: str, answered: set[str], calls: int) -> list[str]:
    """What is missing or broken in an outbox where these webhooks were answered and so many calls were seen."""
    store = open_outbox(url)
    try:
        with store.read() as transaction:
            results = [row[0] for row in transaction.connection.execute("PRAGMA integrity_check")]
            counted = transaction.connection.execute("SELECT count(*) FROM calls WHERE leads > 0").fetchone()[0]
        deliveries = {story.key: len(story.deliveries) for story in find_events(store, limit=1_000_000)}
    except LeadbridgeError as error:
        return [str(error)]
    finally:
        store.close()
    found = [f"integrity: {result}" for result in results if result != "ok"]
    found += [f"{key} is lost" for key in sorted(answered - deliveries.keys())]
    found += [f"{key} has {count} deliveries" for key, count in deliveries.items() if count != DELIVERIES]
    return found if counted >= calls else [*found, f"{calls} calls were seen and {counted} are counted"]


def _goes_on(folder: Path, seen: _Seen, sandbox: Sandbox, http_: Http, chance: random.Random) -> bool:
    """Whether the service, started on what a power failure left, delivers what was answered, and a fresh webhook."""
    last = max(seen.answers.values()) + 1
    ((_, disk),) = _images([last], seen.operations)
    home = folder / "after"
    service = make_service(home, f"sqlite:///{home / OUTBOX}", folder, sandbox, http_)
    _write(disk.torn(last, chance), home)
    try:
        service.start("serve")
        assert post(service, webhook("fresh@example.com", 1))[0] == 202
        wait_until(lambda: _all_delivered(service, len(seen.answers) + 1))
    except AssertionError as error:
        print(f"the service did not go on: {error}")
        return False
    finally:
        for processes in service.started:
            processes.destroy()
    return True


def _all_delivered(service: Service, at_least: int) -> bool:
    stories = service.stories(limit=1_000_000)
    states = {one.state for story in stories for one in story.deliveries}
    return len(stories) >= at_least and states == {DeliveryState.DELIVERED}
