"""Who owns the files of an outbox, and that nothing is created by those who only look."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from bridge.cli.main import leadbridge
from bridge.errors import OutboxUnavailableError
from bridge.operations import acts
from bridge.outbox import open_outbox, registry
from bridge.outbox.engine import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


OPENED_AND_CLOSED = """
import sys
from bridge.outbox import open_outbox, registry
store = open_outbox(sys.argv[1])
print(len(registry.processes(store)))
store.close()
"""


def test_what_is_created_belongs_to_the_owner_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 10001, 10002)
    with closing(open_outbox(f"sqlite:///{folder / 'outbox.db'}")) as outbox:
        outbox.migrate()
        outbox.wait_for_notification(0)
        outbox.check()
        found = {path.name: path.stat() for path in folder.iterdir()}
    assert {"outbox.db", "outbox.db-wal", "outbox.db.lock", "outbox.db.notify"} <= set(found)
    owner = folder.stat()
    assert {(one.st_uid, one.st_gid) for one in found.values()} == {(owner.st_uid, owner.st_gid)}
    assert {stat.S_IMODE(one.st_mode) for one in found.values()} == {0o600}


def test_a_file_that_is_there_is_opened_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"content")
    path.chmod(0o640)
    files.create_private(path)
    os.close(files.open_private(path))
    assert path.read_bytes() == b"content"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("use", ["check", "now", "truncate_log", "checkpoint"])
def test_whoever_uses_an_outbox_that_is_not_there_creates_nothing(tmp_path: Path, use: str) -> None:
    path = tmp_path / "outbox.db"
    with (
        closing(open_outbox(f"sqlite:///{path}")) as outbox,
        pytest.raises(OutboxUnavailableError, match=r"LEADBRIDGE_DATABASE_URL.*`leadbridge migrate`") as refused,
    ):
        getattr(outbox, use)()
    assert str(path) in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def elsewhere(url: str) -> int:
    """How many processes another process sees in the outbox, which it opens and closes."""
    command = [sys.executable, "-c", OPENED_AND_CLOSED, url]
    return int(subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout)


def test_what_is_written_after_another_migration_reaches_other_processes(tmp_path: Path) -> None:
    """As the deliverer starts: its upkeep holds the outbox open already, and then it is migrated once more."""
    url = f"sqlite:///{tmp_path / 'outbox.db'}"
    with closing(open_outbox(url)) as held_open:
        held_open.migrate()
        registry.heartbeat(held_open, role="one", host="h", pid=1)
        with closing(open_outbox(url)) as again:
            again.migrate()
        assert elsewhere(url) == 1
        registry.heartbeat(held_open, role="two", host="h", pid=2)
        assert elsewhere(url) == 2


@pytest.mark.parametrize("index", ["none", "old", "zeros", "cut", "garbage", "of another log"])
def test_an_index_left_by_a_power_failure_is_rebuilt_from_the_log(tmp_path: Path, index: str) -> None:
    """SQLite never syncs the -shm: after a power failure it is in any state, next to a log with what was answered."""
    left = tmp_path / "left"
    left.mkdir()
    with closing(open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")) as outbox:
        outbox.migrate()
        outbox.truncate_log()
        registry.heartbeat(outbox, role="one", host="h", pid=1)
        indexes = {"none": b"", "old": (tmp_path / "outbox.db-shm").read_bytes()}
        for pid in range(2, 40):
            registry.heartbeat(outbox, role="more", host="h", pid=pid)
        for name in ("outbox.db", "outbox.db-wal"):
            (left / name).write_bytes((tmp_path / name).read_bytes())
        whole = (tmp_path / "outbox.db-shm").read_bytes()
        outbox.truncate_log()
        registry.heartbeat(outbox, role="later", host="h", pid=1)
        indexes["of another log"] = (tmp_path / "outbox.db-shm").read_bytes()
    indexes |= {"zeros": bytes(len(whole)), "cut": whole[:100], "garbage": bytes(range(256)) * 128}
    (left / "outbox.db-shm").write_bytes(indexes[index])
    with closing(open_outbox(f"sqlite:///{left / 'outbox.db'}")) as found:
        assert len(registry.processes(found)) == 39
        registry.heartbeat(found, role="after", host="h", pid=1)
        assert elsewhere(f"sqlite:///{left / 'outbox.db'}") == 40


MB = 1_000_000


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """Makes the disk of all files look as large and as free as is said: a full one cannot be produced everywhere."""

    def looks(total: int, free: int) -> None:
        monkeypatch.setattr(files, "disk_space", lambda _: files.DiskSpace(total=total, free=free))

    return looks


def test_room_is_held_back_while_there_is_plenty_and_given_back_on_a_full_disk(
    tmp_path: Path, disk: Callable[[int, int], None]
) -> None:
    reserve = tmp_path / "outbox.db.reserve"
    with closing(open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")) as outbox:
        disk(1_000 * MB, 100 * MB)
        outbox.hold_reserve()
        assert not reserve.exists(), "there is not plenty"
        disk(100_000 * MB, 1_000 * MB)
        outbox.hold_reserve()
        outbox.hold_reserve()
        assert reserve.stat().st_size == files.RESERVE_BYTES
        assert reserve.stat().st_blocks * 512 >= files.RESERVE_BYTES, "it takes room, and is not a file of holes"
        assert stat.S_IMODE(reserve.stat().st_mode) == 0o600
        assert outbox.release_reserve() == 0
        assert reserve.exists()
        disk(100_000 * MB, 0)
        assert outbox.release_reserve() == files.RESERVE_BYTES
        assert outbox.release_reserve() == 0
        outbox.hold_reserve()
        assert not reserve.exists()


def test_the_reserve_of_a_small_disk_is_small(tmp_path: Path, disk: Callable[[int, int], None]) -> None:
    disk(100 * MB, 90 * MB)
    files.hold_reserve(tmp_path / "outbox.db")
    assert (tmp_path / "outbox.db.reserve").stat().st_size == 10 * MB


@pytest.mark.parametrize("command", [("purge", "--yes"), ("forget", "ada@example.com", "--yes")])
def test_commands_that_make_room_use_the_reserve(
    tmp_path: Path, disk: Callable[[int, int], None], command: tuple[str, ...]
) -> None:
    url = f"sqlite:///{tmp_path / 'outbox.db'}"
    with closing(open_outbox(url)) as outbox:
        outbox.migrate()
        disk(100 * MB, 90 * MB)
        outbox.hold_reserve()
        disk(100 * MB, 0)
        done = CliRunner().invoke(leadbridge, command, env={"LEADBRIDGE_DATABASE_URL": url})
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "outbox.db.reserve").exists()


@pytest.mark.parametrize("act", acts.ACTS)
def test_jobs_that_make_room_use_the_reserve_from_their_first_row_on(
    tmp_path: Path, disk: Callable[[int, int], None], act: str
) -> None:
    """Whoever starts or resumes them: a command or the console."""
    reserve, actor = tmp_path / "outbox.db.reserve", acts.shell_actor()
    chosen = acts.Choice(act=act, subject="all", ids=(1,), left_out={})
    with closing(open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")) as outbox:
        outbox.migrate()
        job = acts.start(outbox, chosen, actor=actor)
        acts.stop(outbox, job.job_id, actor=actor)
        for resumes in (False, True):
            disk(100 * MB, 90 * MB)
            outbox.hold_reserve()
            disk(100 * MB, 0)
            if resumes:
                acts.resume(outbox, job.job_id, actor=actor)
            else:
                acts.start(outbox, chosen, actor=actor)
            assert reserve.exists() == (act != "forget")
