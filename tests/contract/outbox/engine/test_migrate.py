"""Migrations: forward over data, planned, by many at once, and never from newer tables."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxVersionError
from bridge.outbox import open_outbox
from bridge.outbox.engine.migrate import FOLDER
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.outbox import Outbox
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

SECOND = """
-- A column, filled from what is there.
ALTER TABLE events ADD COLUMN summary TEXT;
UPDATE events SET summary = kind || ' of ' || COALESCE(lead, 'nobody');
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The scripts of a later version: a second one after the first."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder)
    for dialect in ("sqlite", "postgres"):
        (folder / f"0002_summary.{dialect}.sql").write_text(SECOND)
    return folder


def _summaries(outbox: Outbox) -> list[str]:
    with outbox.read() as transaction:
        return [row["summary"] for row in transaction.connection.execute("SELECT summary FROM events ORDER BY id")]


def test_an_outbox_with_events_is_brought_forward(
    outbox_url: str, driver: OutboxDriver, newer: Path, clock: StillClock
) -> None:
    driver.send("ada@example.com")
    driver.send("grace@example.com", driver.subscribe)
    later = open_outbox(outbox_url, clock=clock, migrations=newer)
    with pytest.raises(OutboxVersionError, match="run `leadbridge migrate`"):
        later.check()
    assert later.pending_migrations() == ["0002_summary"]
    assert later.migrate() == [2]
    assert later.pending_migrations() == []
    assert later.migrate() == []
    assert _summaries(later) == ["submission of ada@example.com", "submission of grace@example.com"]
    record(later, driver.request(driver.event(driver.delivery())))
    assert len(find_events(later)) == 3
    later.close()


def test_the_plan_of_a_new_outbox_names_everything_and_makes_nothing(empty_url: str, newer: Path) -> None:
    outbox = open_outbox(empty_url, migrations=newer)
    assert outbox.pending_migrations() == ["0001_tables", "0002_summary"]
    with pytest.raises(Exception, match="leadbridge migrate"):
        outbox.check()
    assert outbox.migrate() == [1, 2]
    outbox.close()


def test_hosts_that_start_at_once_apply_each_script_once(outbox_url: str, driver: OutboxDriver, newer: Path) -> None:
    driver.send()
    hosts = [open_outbox(outbox_url, migrations=newer, wait_seconds=30) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        applied = list(pool.map(lambda host: host.migrate(), hosts))
    assert sorted(applied) == [[], [], [], [], [], [2]]
    for host in hosts:
        host.close()


def test_older_code_refuses_newer_tables_with_the_fix(outbox_url: str, outbox: Outbox, newer: Path) -> None:
    later = open_outbox(outbox_url, migrations=newer)
    later.migrate()
    later.close()
    older = open_outbox(outbox_url)
    for use in (older.check, older.migrate, older.pending_migrations):
        with pytest.raises(OutboxVersionError, match="schema 2, this code knows 1; upgrade"):
            use()
    older.close()


def test_older_code_goes_on_where_the_script_says_that_it_may(
    outbox_url: str, driver: OutboxDriver, newer: Path
) -> None:
    for path in newer.glob("0002*"):
        path.write_text(f"-- compatible with: 1\n{SECOND}")
    later = open_outbox(outbox_url, migrations=newer)
    later.migrate()
    older = open_outbox(outbox_url)
    record(older, driver.request(driver.event(driver.delivery())))
    assert older.pending_migrations() == []
    assert len(find_events(later)) == 1
    for one in (older, later):
        one.close()


def test_a_script_that_fails_leaves_the_outbox_as_it_was(outbox_url: str, driver: OutboxDriver, newer: Path) -> None:
    driver.send()
    for path in newer.glob("0002*"):
        path.write_text(f"{SECOND}\nUPDATE no_such_table SET x = 1;\n")
    later = open_outbox(outbox_url, migrations=newer)
    with pytest.raises(Exception, match="no_such_table"):
        later.migrate()
    assert later.pending_migrations() == ["0002_summary"]
    later.close()
    driver.outbox.check()
    driver.send("grace@example.com")
    assert len(find_events(driver.outbox)) == 2


def _edited(newer: Path, addition: str) -> Path:
    for path in newer.glob("0001_*.sql"):
        path.write_text(path.read_text("utf-8") + addition)
    return newer


def test_tables_made_by_another_text_of_a_script_are_refused(outbox_url: str, outbox: Outbox, newer: Path) -> None:
    edited = open_outbox(outbox_url, migrations=_edited(newer, "CREATE TABLE more (id BIGINT);\n"))
    for use in (edited.check, edited.migrate, edited.pending_migrations):
        with pytest.raises(OutboxVersionError, match=r"another text of the script 0001_tables .* new outbox"):
            use()
    edited.close()


def test_a_comment_changes_no_script(outbox_url: str, outbox: Outbox, newer: Path) -> None:
    edited = open_outbox(outbox_url, migrations=_edited(newer, "\n-- Only prose.\n"))
    assert edited.pending_migrations() == ["0002_summary"]
    edited.close()


def test_tables_of_a_build_without_digests_are_refused(outbox_url: str, outbox: Outbox) -> None:
    with outbox.write() as transaction:
        transaction.connection.execute("ALTER TABLE schema_version DROP COLUMN digest")
    earlier = open_outbox(outbox_url)
    with pytest.raises(OutboxVersionError, match="another text of the script 0001_tables"):
        earlier.check()
    earlier.close()
