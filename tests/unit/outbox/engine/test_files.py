"""Who owns the files of an outbox, and that nothing is created by those who only look."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxUnavailableError
from bridge.outbox import open_outbox, registry
from bridge.outbox.engine import files

if TYPE_CHECKING:
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
        registry.heartbeat(held_open, role="one", host="h", pid=1, digest="")
        with closing(open_outbox(url)) as again:
            again.migrate()
        assert elsewhere(url) == 1
        registry.heartbeat(held_open, role="two", host="h", pid=2, digest="")
        assert elsewhere(url) == 2
