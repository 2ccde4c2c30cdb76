"""What a disk holds after a power failure, by operations made by hand; `make crash` looks at a real service's."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bridge.outbox.operator import find_events
from tests.builders import HookDriver
from tests.crash.image import PAGE, SECTOR, Disk, lying
from tests.crash.installation import DELIVERIES, MAPPING, SECRET, signature, webhook
from tests.crash.trace import Kind, Operation, read_traces

if TYPE_CHECKING:
    from bridge.outbox import Outbox

FILE = "/data/outbox.db"
OLD, NEW = b"o", b"n"


def operation(kind: Kind, started: int, *, ended: int = 0, offset: int = 0, data: bytes = b"") -> Operation:
    return Operation(kind=kind, path=FILE, started=started, ended=ended or started + 1, offset=offset, data=data)


def written(started: int, data: bytes, *, offset: int = 0, ended: int = 0) -> Operation:
    return operation(Kind.WRITTEN, started, ended=ended, offset=offset, data=data)


def synced(started: int, *, ended: int = 0) -> Operation:
    return operation(Kind.SYNCED, started, ended=ended)


def folder_synced(started: int) -> Operation:
    return operation(Kind.FOLDER_SYNCED, started)


def content(instant: int, *operations: Operation) -> bytes | None:
    """What is certain to be in the file then."""
    disk = Disk(operations)
    disk.pass_to(instant)
    return disk.synced(instant).get(FILE)


def test_only_what_was_synced_is_certain() -> None:
    operations = (written(10, OLD), folder_synced(12), synced(14, ended=20), written(30, NEW))
    assert content(19, *operations) == b""
    assert content(20, *operations) == OLD
    assert content(99, *operations) == OLD


def test_a_sync_does_not_cover_what_is_written_while_it_runs() -> None:
    operations = (written(10, OLD), folder_synced(12), synced(20, ended=30), written(19, NEW, ended=21))
    assert content(99, *sorted(operations, key=lambda one: one.started)) == OLD


def test_a_sync_that_a_second_one_overtakes_covers_no_more_than_it_saw() -> None:
    operations = (
        written(10, OLD),
        folder_synced(12),
        synced(20, ended=60),
        written(30, NEW),
        synced(40, ended=50),
    )
    assert content(45, *operations) == b""
    assert content(55, *operations) == NEW
    assert content(65, *operations) == NEW


def test_a_new_file_is_there_when_its_folder_was_synced_after_it_was_made() -> None:
    assert content(99, folder_synced(5), written(10, OLD), synced(20)) is None
    assert content(99, written(10, OLD), synced(20), folder_synced(30)) == OLD


def test_a_deleted_file_is_gone_and_one_made_again_is_new() -> None:
    gone = (written(10, OLD), synced(12), folder_synced(14), operation(Kind.UNLINKED, 20))
    assert content(99, *gone) is None
    assert content(99, *gone, written(30, NEW), synced(40), folder_synced(42)) == NEW


def test_a_file_can_be_cut_and_made_longer() -> None:
    start = (written(10, b"abcdef"), folder_synced(12))
    assert content(99, *start, operation(Kind.CUT, 20, offset=2), synced(30)) == b"ab"
    assert content(99, *start, operation(Kind.CUT, 20, offset=8), synced(30)) == b"abcdef\0\0"
    assert content(99, *start, written(20, b"z", offset=8), synced(30)) == b"abcdef\0\0z"
    assert content(99, *start, written(20, b"XY", offset=1), synced(30)) == b"aXYdef"


def test_of_what_no_sync_covers_any_sectors_may_be_left_and_no_parts_of_sectors() -> None:
    size = 3 * PAGE
    operations = (written(10, OLD * size), folder_synced(12), synced(14), written(20, NEW * size))
    disk = Disk(operations)
    disk.pass_to(30)
    seen = set()
    for seed in range(40):
        torn = disk.torn(30, random.Random(seed))[FILE]
        sectors = [torn[at : at + SECTOR] for at in range(0, size, SECTOR)]
        assert set(sectors) <= {OLD * SECTOR, NEW * SECTOR}
        seen.add(len(set(sectors)))
    assert seen == {1, 2}
    assert disk.synced(30)[FILE] == OLD * size


def test_what_is_synced_is_never_torn() -> None:
    disk = Disk((written(10, NEW * PAGE), folder_synced(12), synced(14)))
    disk.pass_to(30)
    assert all(disk.torn(30, random.Random(seed))[FILE] == NEW * PAGE for seed in range(20))


def test_a_lying_disk_has_what_it_synced_only_later() -> None:
    operations = lying((written(10, OLD), folder_synced(12), synced(14, ended=20)), lag_ns=100)
    assert content(119, *operations) == b""
    assert content(120, *operations) == OLD


def test_the_traces_of_all_processes_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    def record(started: int, kind: Kind, data: bytes = b"") -> bytes:
        path = FILE.encode()
        return struct.pack("=QQQQII", started, started + 1, 7, len(data), len(path), kind) + path + data

    (tmp_path / "1").write_bytes(record(10, Kind.WRITTEN, b"first") + record(30, Kind.SYNCED))
    (tmp_path / "2").write_bytes(record(20, Kind.WRITTEN, b"second"))
    found = read_traces(tmp_path)
    assert [one.started for one in found] == [10, 20, 30]
    assert found[1] == Operation(kind=Kind.WRITTEN, path=FILE, started=20, ended=21, offset=7, data=b"second")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_webhook_makes_as_many_deliveries_as_are_looked_for(outbox: Outbox, version: int) -> None:
    body = webhook("ada@example.com", version)
    driver = HookDriver(outbox, MAPPING, name="typeform", secret=SECRET)
    driver.receive(body, {"typeform-signature": signature(body)})
    (story,) = find_events(outbox)
    assert len(story.deliveries) == DELIVERIES
