"""`migrate`, `backup` and `move` as they are typed."""

from __future__ import annotations

import importlib
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import leadbridge
from bridge.cli.maintenance.move import without_password
from bridge.errors import OutboxError
from bridge.outbox import open_outbox
from bridge.outbox.engine.files import DiskSpace
from bridge.outbox.lifecycle import backups

backup = importlib.import_module("bridge.outbox.lifecycle.backup")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = f"sqlite:///{tmp_path / 'outbox.db'}"
    monkeypatch.setenv("LEADBRIDGE_DATABASE_URL", address)
    return address


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(leadbridge, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_plan_makes_nothing_and_migrate_says_what_it_did(url: str, tmp_path: Path) -> None:
    assert _run("migrate", "--plan") == "to be applied: 0001_tables\n"
    assert list(tmp_path.iterdir()) == []
    assert _run("migrate") == "applied: 0001_tables\n"
    assert "is up to date" in _run("migrate", "--plan")
    assert "is up to date" in _run("migrate")


def test_a_backup_says_what_may_be_sent_twice(url: str, tmp_path: Path) -> None:
    _run("migrate")
    output = _run("backup", str(tmp_path / "copy.db"))
    assert "0 open deliveries" in output
    assert "sent again even where they were sent since" in output
    assert (tmp_path / "copy.db").exists()


def test_a_backup_that_would_fill_its_disk_is_refused(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run("migrate")
    monkeypatch.setattr(backup, "disk_space", lambda _: DiskSpace(total=9_000_000, free=10_000))
    with (
        closing(open_outbox(url)) as store,
        pytest.raises(OutboxError, match=r"needs \d MB, and its disk has 0 MB free"),
    ):
        backup.backup(store, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy*"))


def test_a_backup_from_a_full_disk_says_how_it_is_noted_later(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OutboxError("database or disk is full")

    _run("migrate")
    monkeypatch.setattr(backup, "remember_backup", refuse)
    with closing(open_outbox(url)) as store, pytest.raises(OutboxError, match=r"leadbridge backup --note \S+/copy\.db"):
        backup.backup(store, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "/", "no-such-folder/.."])
def test_a_folder_is_no_file_for_a_backup(name: str, url: str) -> None:
    _run("migrate")
    with closing(open_outbox(url)) as store, pytest.raises(OutboxError, match=r"is there already|cannot be made"):
        backup.backup(store, Path(name))


def test_a_backup_by_another_tool_is_noted(url: str, tmp_path: Path) -> None:
    _run("migrate")
    assert "noted" in _run("backup", "--note", "s3://copies/outbox.dump")
    store = open_outbox(url)
    assert [one.path for one in backups(store)] == ["s3://copies/outbox.dump"]
    store.close()
    assert not (tmp_path / "s3:").exists()


def test_a_restored_outbox_is_marked_by_command(url: str) -> None:
    _run("migrate")
    assert "no call from before can count" in _run("migrate", "--restored")
    store = open_outbox(url)
    with store.read() as transaction:
        assert transaction.needed_row("copied_at")["copied_at"] is not None
    store.close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://app@db.example.com/lb", "postgresql://app@db.example.com/lb"),
        ("postgresql://app:s3c:r3t@db.example.com/lb", "postgresql://app:PASSWORD@db.example.com/lb"),
        ("postgresql://db.example.com/lb?user=app&password=s3cr3t", "postgresql://db.example.com/lb?user=app&password=PASSWORD"),
    ],
)  # fmt: skip
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == (shown, url != shown)


def test_a_move_reports_what_arrived(url: str, postgres_url: str) -> None:
    _run("migrate")
    output = _run("move", "--to", postgres_url)
    assert "about  1" in output
    assert f"LEADBRIDGE_DATABASE_URL={postgres_url}\n" in output
    with pytest.raises(OutboxError, match="has moved to"):
        _run("migrate")
