"""What is purged when, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

from bridge.model import DAY_MS, EventState, Kind, NewEvent, NewRequest
from bridge.operations.retention import OBSERVATION_DAYS, Purged, Retention, purge_all
from bridge.outbox import Outbox, open_outbox
from bridge.outbox.counters import note_totals
from bridge.outbox.inbox import add_rejections, drifts, note_drift, record, rejections
from bridge.outbox.operator import find_events, request_of
from tests.builders import OutboxDriver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import StillClock


@pytest.fixture
def store(sqlite_url: str, clock: StillClock) -> Iterator[Outbox]:
    opened = open_outbox(sqlite_url, clock=clock)
    yield opened
    opened.close()
    structlog.reset_defaults()


def ignored(store: Outbox, key: str, body: bytes = b"{}") -> int:
    event = NewEvent(item=0, kind=Kind.SUBMISSION, state=EventState.IGNORED, key=key, reason="no_consent")
    request = NewRequest(
        hook="form",
        received_at=store.now(),
        body=body,
        content_type="",
        meta=b"{}",
        mapping_set_id=None,
        events=(event,),
    )
    return record(store, request)[0].event_id


def body(store: Outbox, event_id: int) -> bytes | None:
    found = request_of(store, event_id)
    return found.body if found else None


def test_bodies_go_first_and_events_long_after(store: Outbox, clock: StillClock) -> None:
    retention = Retention(store, keep_bodies_days=30, keep_events_days=400)
    event_id = ignored(store, "one")
    while retention.step(clock.now):
        pass
    assert body(store, event_id) == b"{}"
    clock.pass_ms(31 * DAY_MS)
    while retention.step(clock.now):
        pass
    assert body(store, event_id) is None
    assert ignored(store, "one") == event_id, "its key is kept, so a repeat is known"
    clock.pass_ms(400 * DAY_MS)
    while retention.step(clock.now):
        pass
    assert find_events(store, event_id=event_id) == ()


def test_a_round_rests_before_the_next(store: Outbox, clock: StillClock) -> None:
    retention = Retention(store, keep_bodies_days=1, keep_events_days=30)
    while retention.step(clock.now):
        pass
    event_id = ignored(store, "one")
    clock.pass_ms(2 * DAY_MS)
    fresh = Retention(store, keep_bodies_days=1, keep_events_days=30)
    while fresh.step(clock.now):
        pass
    late = ignored(store, "two")
    assert not fresh.step(clock.now)
    assert body(store, event_id) is None
    assert body(store, late) == b"{}"


def test_keys_are_kept_for_thirty_days_whatever_the_setting(store: Outbox, clock: StillClock) -> None:
    retention = Retention(store, keep_bodies_days=1, keep_events_days=2)
    event_id = ignored(store, "one")
    clock.pass_ms(29 * DAY_MS)
    while retention.step(clock.now):
        pass
    assert ignored(store, "one") == event_id


def test_the_file_gives_space_back(store: Outbox, clock: StillClock, tmp_path: Path) -> None:
    for number in range(200):
        ignored(store, str(number), body=b"x" * 20_000)
    store.truncate_log()
    before = (tmp_path / "outbox.db").stat().st_size
    clock.pass_ms(DAY_MS)
    assert purge_all(store, bodies_before=clock.now, events_before=0) == Purged(bodies=200)
    store.truncate_log()
    assert (tmp_path / "outbox.db").stat().st_size < before - 3_500_000, "all of it, if in several steps"


def test_rejections_and_form_changes_go_after_fifteen_days(store: Outbox, clock: StillClock) -> None:
    retention = Retention(store, keep_bodies_days=30, keep_events_days=400)
    add_rejections(store, {("form", "signature"): 2}, at=clock.now)
    note_drift(store, "form", "Phone", place="form.yaml:3", closest="", mapping_set_id=None)
    for days, left in ((OBSERVATION_DAYS - 1, 1), (2, 0)):
        clock.pass_ms(days * DAY_MS)
        while retention.step(clock.now):
            pass
        assert len(rejections(store, since=0)) == len(drifts(store)) == left


def test_everything_that_operations_promises_to_purge_is_purged(store: Outbox, clock: StillClock) -> None:
    """The rows of the table of docs/operations.md: after the longest of its times, nothing of them is left."""
    driver = OutboxDriver(store)
    driver.send()
    claim = driver.claimed(driver.lane())
    driver.finish(claim)
    add_rejections(store, {("form", "signature"): 2}, at=clock.now)
    note_drift(store, "form", "Phone", place="form.yaml:3", closest="", mapping_set_id=None)
    note_totals(store)
    tables = ("requests", "events", "deliveries", "payloads", "attempts", "calls", "rejections", "drifts")
    assert all(_count(store, table) for table in (*tables, "totals_by_hour"))
    before = _oldest_total(store)
    clock.pass_ms(402 * DAY_MS)
    retention = Retention(store, keep_bodies_days=30, keep_events_days=400)
    while retention.step(clock.now):
        pass
    note_totals(store)
    assert {table: _count(store, table) for table in tables} == dict.fromkeys(tables, 0)
    assert _oldest_total(store) > before


def _count(store: Outbox, table: str) -> int:
    with store.read() as transaction:
        return int(transaction.connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608


def _oldest_total(store: Outbox) -> int:
    with store.read() as transaction:
        return int(transaction.connection.execute("SELECT MIN(hour) FROM totals_by_hour").fetchone()[0])
