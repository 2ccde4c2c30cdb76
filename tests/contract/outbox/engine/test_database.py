"""Opening an outbox: where it is, whether it fits, whether it can be used now."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from bridge.errors import OutboxError, OutboxMovedError, OutboxUnavailableError, OutboxVersionError
from bridge.outbox import open_outbox
from bridge.outbox.engine.database import Outbox
from bridge.outbox.inbox import record
from bridge.outbox.queue import ledger
from bridge.outbox.registry import known_hook, register_hooks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builders import OutboxDriver

MIGRATE = "import sys; from bridge.outbox import open_outbox; print(open_outbox(sys.argv[1]).migrate())"


def test_many_processes_may_migrate_at_once(empty_url: str) -> None:
    command = [sys.executable, "-c", MIGRATE, empty_url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    answers = [process.communicate(timeout=300)[0].strip() for process in running]
    assert sorted(answers) == ["[1]", "[]", "[]", "[]", "[]", "[]"]


def test_an_outbox_that_was_never_migrated_is_refused_with_the_fix(empty_url: str) -> None:
    outbox = open_outbox(empty_url)
    with pytest.raises(OutboxError, match="leadbridge migrate"):
        outbox.check()
    outbox.migrate()
    outbox.check()
    outbox.close()


def test_a_newer_schema_is_refused_unless_it_is_compatible(outbox_url: str, outbox: Outbox) -> None:
    with outbox.write() as transaction:
        transaction.run("applied_version", version=2, compatible_with=1, now=0, digest=b"")
    other = open_outbox(outbox_url)
    other.check()
    with outbox.write() as transaction:
        transaction.run("applied_version", version=3, compatible_with=3, now=0, digest=b"")
    with pytest.raises(OutboxVersionError, match="schema 3"):
        other.check()
    with pytest.raises(OutboxVersionError):
        known_hook(other, "form")
    with pytest.raises(OutboxVersionError):
        other.migrate()
    other.close()


def test_a_moved_outbox_is_refused(outbox_url: str, outbox: Outbox) -> None:
    with outbox.write() as transaction:
        transaction.connection.execute("UPDATE schema_version SET moved_to = 'postgresql://db.example.com/b'")
    with pytest.raises(OutboxMovedError):
        outbox.check()
    with pytest.raises(OutboxMovedError):
        register_hooks(outbox, ["form"])
    other = open_outbox(outbox_url)
    with pytest.raises(OutboxMovedError):
        other.migrate()
    other.close()


def test_the_time_of_the_database_is_used_when_no_clock_is_given(outbox_url: str) -> None:
    outbox = open_outbox(outbox_url)
    outbox.migrate()
    with outbox.write() as transaction:
        first, second = transaction.now(), transaction.now()
    assert first > 1_700_000_000_000
    assert 0 <= second - first < 10_000
    assert outbox.now() >= second
    outbox.close()


def test_a_forked_child_makes_its_own_connections(driver: OutboxDriver) -> None:
    driver.send("ada@example.com")
    late = driver.request(driver.event(driver.delivery("alan@example.com")))
    child = os.fork()
    if child == 0:
        try:
            record(driver.outbox, late)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a child of fork must never return into pytest
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    driver.send("grace@example.com")
    assert len(driver.claimed(driver.lane()).deliveries) == 3


def test_many_threads_share_one_outbox(driver: OutboxDriver) -> None:
    requests = [driver.request(driver.event(driver.delivery(f"lead{number}@example.com"))) for number in range(60)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda request: record(driver.outbox, request), requests))
        list(pool.map(lambda _: ledger(driver.outbox, "default", "trigger"), range(60)))
    assert len(driver.claimed(driver.lane()).deliveries) == 60


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@db.example.com/x", "sqlite://x.db", "sqlite:///", "sqlite:///:memory:", "outbox.db"]
)
def test_other_addresses_are_refused_without_showing_them(url: str) -> None:
    with pytest.raises(OutboxError, match="write sqlite:///") as raised:
        open_outbox(url)
    assert "secret" not in str(raised.value)


def test_a_postgres_address_that_cannot_be_read_is_not_shown() -> None:
    with pytest.raises(OutboxError, match="cannot be read") as raised:
        open_outbox("postgresql://u:secret@db.example.com:port/x?nonsense=1")
    assert "secret" not in str(raised.value)


def test_a_missing_sqlite_file_is_not_silently_made_again(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'absent.db'}")
    with pytest.raises(OutboxUnavailableError, match="leadbridge migrate"):
        outbox.check()
    assert not (tmp_path / "absent.db").exists()


def test_a_new_sqlite_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    outbox.migrate()
    register_hooks(outbox, ["form"])
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    outbox.checkpoint()
    outbox.close()


def test_the_log_is_moved_into_the_file_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox, other = (open_outbox(f"sqlite:///{path}", wait_seconds=0.1) for _ in range(2))
    outbox.migrate()
    outbox.checkpoint()
    size = path.stat().st_size
    register_hooks(outbox, [f"form{number:04}" for number in range(500)])
    assert path.stat().st_size == size
    with other.write(), pytest.raises(OutboxUnavailableError, match="held by another writer"):
        outbox.checkpoint()
    assert path.stat().st_size > size
    outbox.close()
    other.close()


def test_a_sqlite_path_may_hold_any_character(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'a b?c#d%20.db'}")
    outbox.migrate()
    assert (tmp_path / "a b?c#d%20.db").exists()
    outbox.close()


def test_a_full_disk_makes_sqlite_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    outbox.migrate()
    register_hooks(outbox, ["form"])
    with outbox.write() as transaction:
        transaction.connection.execute("PRAGMA max_page_count = 1")  # no page more than there are
    with pytest.raises(OutboxUnavailableError, match="free some space"), outbox.write() as transaction:
        transaction.run_many("add_hook", [{"name": f"{number:0>500}"} for number in range(500)])
    assert known_hook(outbox, "form")
    outbox.close()


def test_a_writer_that_stands_still_makes_sqlite_unavailable_within_the_deadline(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'outbox.db'}"
    holder, other = open_outbox(url), open_outbox(url, wait_seconds=0.05)
    holder.migrate()
    with holder.write(), pytest.raises(OutboxUnavailableError, match="held by another writer"):
        other.check()
    other.check()
    holder.close()
    other.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_text("this is a letter to Ada, not a database" * 100)
    with pytest.raises(OutboxUnavailableError, match="restore a backup"):
        open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}").check()


def test_a_server_that_is_not_there_is_unavailable_without_its_password(tmp_path: Path) -> None:
    outbox = open_outbox(f"postgresql://ada:secret@/x?host={tmp_path}", wait_seconds=1)
    with pytest.raises(OutboxUnavailableError) as raised:
        outbox.check()
    assert "secret" not in str(raised.value)


def test_a_lost_connection_is_unavailable_and_the_next_call_works(postgres_url: str) -> None:
    outbox = open_outbox(postgres_url)
    outbox.migrate()

    def lose_it() -> None:
        with outbox.write() as transaction:
            _end_other_connections(postgres_url)
            transaction.rows("totals")

    with pytest.raises(OutboxUnavailableError):
        lose_it()
    register_hooks(outbox, ["form"])
    _end_other_connections(postgres_url)
    outbox.check()
    outbox.close()


def test_a_lock_that_is_not_given_makes_postgres_unavailable_within_the_deadline(postgres_url: str) -> None:
    outbox = open_outbox(postgres_url, wait_seconds=0.1)
    outbox.migrate()
    with outbox.write() as transaction:
        transaction.run("mark_checked", now=1)
        with pytest.raises(OutboxUnavailableError, match="lock timeout"):
            outbox.check()
    outbox.close()


def test_threads_beyond_the_connections_wait_for_their_turn(postgres_url: str) -> None:
    outbox = open_outbox(postgres_url, wait_seconds=10)
    outbox.migrate()
    barrier = threading.Barrier(8)

    def hold(number: int) -> int:
        with outbox.read() as transaction:
            if number < 8:
                barrier.wait(60)
            return len(transaction.rows("totals"))

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(hold, range(20))) == [0] * 20
    outbox.close()


def test_commits_stay_durable_where_the_server_would_not_insist(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
        )
    outbox = open_outbox(postgres_url)
    outbox.migrate()
    with outbox.read() as transaction:
        assert transaction.connection.execute("SHOW synchronous_commit").fetchone()["synchronous_commit"] == "on"
    outbox.close()


def _end_other_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_using_an_outbox_that_is_not_there_creates_nothing(tmp_path: Path) -> None:
    outbox = open_outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    assert outbox.pending_migrations()
    for use in (outbox.check, outbox.now):
        with pytest.raises(OutboxError, match="leadbridge migrate"):
            use()
    outbox.close()
    assert list(tmp_path.iterdir()) == []
