"""The disk under an outbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bridge.operations import disk
from bridge.operations.alarms import AlarmInputs, Urgency, alarms
from bridge.operations.disk import Disk, disk_of, file_system_of
from bridge.outbox import open_outbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox import Outbox


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    opened = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    opened.migrate()
    yield opened
    opened.close()


def test_the_longest_mount_tells_the_file_system() -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\nserver:/x /srv/data nfs4 rw 0 0\n/dev/sdb /srv/data/own xfs rw 0 0\n"
    assert file_system_of(Path("/srv/data/leads"), mounts) == "nfs4"
    assert file_system_of(Path("/srv/data/own/leads"), mounts) == "xfs"
    assert file_system_of(Path("/home"), mounts) == "ext4"


def test_an_outbox_tells_what_it_takes_and_what_is_free(store: Outbox) -> None:
    found = disk_of(store)
    assert found is not None
    assert found.folder == Path(store.name).parent
    assert found.taken >= Path(store.name).stat().st_size
    assert found.free > 0


def test_a_postgresql_outbox_has_no_disk_of_ours() -> None:
    store = open_outbox("postgresql://leadbridge@127.0.0.1:1/none")
    assert disk_of(store) is None
    store.close()


@pytest.mark.parametrize("kind", ["tmpfs", "overlay"])
def test_a_file_system_that_does_not_last_is_known(store: Outbox, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = Path(store.name).with_name("mounts")
    mounts.write_text(f"none / {kind} rw 0 0\n")
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    found = disk_of(store)
    assert found is not None
    assert found.is_volatile
    assert not found.is_network


@pytest.mark.parametrize(
    ("free", "urgency"), [(10_000_000, Urgency.ACT_NOW), (500_000_000, Urgency.TODAY), (5_000_000_000, None)]
)
def test_a_disk_that_fills_up_is_an_alarm_before_it_is_full(free: int, urgency: Urgency | None) -> None:
    low = Disk(folder=Path("/data"), file_system="ext4", free=free, taken=1_000_000)
    found = alarms(AlarmInputs(now=1, deliverer_seen_at=1, disk=low))
    assert [(alarm.name, alarm.urgency) for alarm in found] == ([("disk_low", urgency)] if urgency else [])
