"""Moving up to PostgreSQL, and copies: everything arrives, limits hold, and nothing runs on what was left."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from bridge.errors import OutboxError, OutboxMovedError, OutboxUnavailableError
from bridge.model import EventState
from bridge.outbox import open_outbox
from bridge.outbox.acts import waiting_jobs
from bridge.outbox.counters import totals
from bridge.outbox.inbox import record
from bridge.outbox.lifecycle import backup, backups, mark_restored, move, remember_backup, settle_restored
from bridge.outbox.operator import find_events
from bridge.outbox.queue import hold_lane, ledger
from bridge.outbox.registry import heartbeat, identity, store_token, token
from tests.builders import OutboxDriver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox import Outbox
    from tests.conftest import StillClock

LIMITS = {("default", "trigger"): (100, 300_000), ("default", "subscribe"): (500, 300_000)}


@pytest.fixture
def outbox_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def target(postgres_url: str, clock: StillClock) -> Iterator[Outbox]:
    opened = open_outbox(postgres_url, clock=clock)
    yield opened
    opened.close()


def _fill(driver: OutboxDriver) -> None:
    driver.send("done@example.com")
    driver.finish(driver.claimed(driver.lane()))
    driver.send("waits@example.com")
    driver.send("in-flight@example.com", driver.subscribe)
    driver.claimed(driver.lane(driver.subscribe))
    record(
        driver.outbox, driver.request(driver.event(state=EventState.REFUSED, notes=b"\x00\xff{}"), body=b"\x00\x01\xff")
    )
    hold_lane(driver.outbox, driver.lane(), reason="the journey is inactive", probe_at=driver.outbox.now() + 1_000)
    store_token(driver.outbox, "default", access="secret", expires_at=driver.outbox.now() + 1_000, generation=0)


def test_everything_arrives_and_the_work_goes_on_there(driver: OutboxDriver, target: Outbox, clock: StillClock) -> None:
    _fill(driver)
    before = find_events(driver.outbox)
    kept_token, kept_totals, key = token(driver.outbox, "default"), totals(driver.outbox), identity(driver.outbox)
    rows = move(driver.outbox, target)
    assert (rows["events"], rows["requests"], rows["deliveries"], rows["calls"]) == (4, 4, 3, 2)
    assert find_events(target) == before
    assert (token(target, "default"), totals(target), identity(target)) == (kept_token, kept_totals, key)
    assert len(ledger(target, "default", "trigger").slots) == 1
    there = OutboxDriver(target)
    assert there.claim(there.lane()) is None  # the lane is still held
    clock.pass_ms(1_000)
    assert there.leads(there.claim(there.lane())) == ["waits@example.com"]
    (new,) = record(target, there.request(there.event(there.delivery(), key="new")))
    assert new.event_id == 5


def test_the_source_is_closed_also_to_who_holds_it_open(outbox_url: str, driver: OutboxDriver, target: Outbox) -> None:
    driver.send()
    move(driver.outbox, target)
    with pytest.raises(OutboxError):
        driver.send("late@example.com")
    with pytest.raises(OutboxError):
        driver.claim(1)
    again = open_outbox(outbox_url)
    for use in (again.check, again.migrate):
        with pytest.raises(OutboxMovedError, match=r"has moved to .*; point LEADBRIDGE_DATABASE_URL there"):
            use()
    again.close()
    assert len(find_events(target)) == 1


def test_a_service_that_runs_is_not_moved(driver: OutboxDriver, target: Outbox) -> None:
    heartbeat(driver.outbox, role="deliverer", host=socket.gethostname(), pid=os.getpid())
    with pytest.raises(OutboxError, match=f"still runs on .*deliverer .*:{os.getpid()}"):
        move(driver.outbox, target)
    driver.send()


def test_a_target_that_holds_something_is_refused_and_the_source_lives_on(driver: OutboxDriver, target: Outbox) -> None:
    target.migrate()
    OutboxDriver(target).send()
    with pytest.raises(OutboxError, match=r"not empty \(.*events"):
        move(driver.outbox, target)
    driver.send()


def test_a_move_that_broke_off_before_the_source_was_closed_is_finished(
    driver: OutboxDriver, target: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(driver)

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sys.modules["bridge.outbox.lifecycle.move"], "_close", break_off)
        with pytest.raises(KeyboardInterrupt):
            move(driver.outbox, target)
    assert len(find_events(target)) == 4
    assert move(driver.outbox, target)["events"] == 4
    with pytest.raises(OutboxError):
        driver.send()


def test_only_a_file_moves_and_only_to_postgres(driver: OutboxDriver, target: Outbox) -> None:
    for source, goal in ((target, driver.outbox), (driver.outbox, driver.outbox)):
        with pytest.raises(OutboxError, match="only a SQLite outbox moves"):
            move(source, goal)


def test_a_copy_is_whole_while_others_write(tmp_path: Path, driver: OutboxDriver) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            driver.send("many@example.com")

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        counts = [backup(driver.outbox, tmp_path / f"copy{number}.db") for number in range(3)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert counts == sorted(counts)
    for number, count in enumerate(counts):
        copy = open_outbox(f"sqlite:///{tmp_path / f'copy{number}.db'}")
        stories = find_events(copy, limit=1_000_000)
        assert sum(len(story.deliveries) for story in stories) == len(stories) == count
        copy.close()


def test_a_backup_is_one_file_that_its_owner_alone_can_read(tmp_path: Path, driver: OutboxDriver) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backup(driver.outbox, folder / "one.db")
    assert [path.name for path in folder.iterdir()] == ["one.db"]
    assert (folder / "one.db").stat().st_mode & 0o777 == 0o600
    with pytest.raises(OutboxError, match="is there already"):
        backup(driver.outbox, folder / "one.db")
    with pytest.raises(OutboxError, match="cannot be made"):
        backup(driver.outbox, folder / "absent" / "one.db")


def test_the_outbox_remembers_its_backups_where_it_moves_to(
    tmp_path: Path, driver: OutboxDriver, target: Outbox
) -> None:
    backup(driver.outbox, tmp_path / "one.db")
    (made,) = backups(driver.outbox)
    assert (made.path, made.is_seen) == (str(tmp_path / "one.db"), True)
    assert backups(open_outbox(f"sqlite:///{tmp_path / 'one.db'}")) == ()
    move(driver.outbox, target)
    assert backups(target) == (made,)
    assert waiting_jobs(target) == ()
    remember_backup(target, "s3://copies/outbox.dump")
    assert [one.path for one in backups(target)] == [str(tmp_path / "one.db"), "s3://copies/outbox.dump"]


def test_after_a_restore_every_window_counts_as_full_once(
    tmp_path: Path, driver: OutboxDriver, clock: StillClock
) -> None:
    driver.send("done@example.com")
    driver.finish(driver.claimed(driver.lane()))
    driver.send("waits@example.com")
    assert backup(driver.outbox, tmp_path / "copy.db") == 1
    assert settle_restored(driver.outbox, LIMITS) is None
    copied_at = clock.now
    clock.pass_ms(3_600_000)
    copy = open_outbox(f"sqlite:///{tmp_path / 'copy.db'}", clock=clock)
    restored = settle_restored(copy, LIMITS)
    assert restored is not None
    assert (restored.open_count, restored.copied_at > copied_at) == (1, True)
    assert settle_restored(copy, LIMITS) is None
    there = OutboxDriver(copy)
    assert there.claim(there.lane()) is None
    clock.pass_ms(299_999)
    assert there.claim(there.lane()) is None
    clock.pass_ms(1)
    assert there.leads(there.claim(there.lane())) == ["waits@example.com"]
    copy.close()


def test_a_server_brought_back_by_its_own_tools_can_be_marked(target: Outbox, tmp_path: Path) -> None:
    target.migrate()
    with pytest.raises(OutboxError, match="use pg_dump"):
        backup(target, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
    mark_restored(target)
    assert settle_restored(target, LIMITS) is not None
    assert len(ledger(target, "default", "trigger").slots) == 100


def test_a_dump_that_was_brought_back_is_noticed(target: Outbox, postgres_url: str, clock: StillClock) -> None:
    target.migrate()
    assert [settle_restored(target, LIMITS) for _ in range(2)] == [None, None]
    with psycopg.connect(postgres_url) as server:
        row = server.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
    assert row is not None
    tools = Path(row[0])
    if not (tools / "pg_dump").exists():
        pytest.skip("PostgreSQL's own tools are not where the server is")
    made = subprocess.run([tools / "pg_dump", "--no-owner", postgres_url], check=True, capture_output=True)
    target.close()
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP SCHEMA public CASCADE")
        server.execute("CREATE SCHEMA public")
    restore = [str(tools / "psql"), "--set=ON_ERROR_STOP=1", "--quiet", postgres_url]
    subprocess.run(restore, input=made.stdout, check=True, capture_output=True)
    brought_back = [open_outbox(postgres_url, clock=clock) for _ in range(2)]
    assert [settle_restored(one, LIMITS) is not None for one in brought_back] == [True, False]
    assert len(ledger(brought_back[0], "default", "trigger").slots) == 100
    for one in brought_back:
        one.close()


def test_who_may_not_comment_on_the_tables_starts_all_the_same(target: Outbox, postgres_url: str) -> None:
    target.migrate()
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("CREATE ROLE guest LOGIN")
        server.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest")
        try:
            guest = open_outbox(f"{postgres_url}{'&' if '?' in postgres_url else '?'}user=guest")
            assert settle_restored(guest, {}) is None
            guest.close()
        finally:
            server.execute("DROP OWNED BY guest")
            server.execute("DROP ROLE guest")


def test_a_copy_that_cannot_be_written_leaves_nothing(driver: OutboxDriver, tmp_path: Path) -> None:
    driver.outbox.close()
    (tmp_path / "outbox.db").unlink()
    with pytest.raises(OutboxUnavailableError):
        backup(driver.outbox, tmp_path / "copy.db")
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]
