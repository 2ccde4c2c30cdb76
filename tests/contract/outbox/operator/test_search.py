"""What people ask for by its marks is found, on both databases, however it lies among the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.model import DeadReason, DeliveryState, EventState, Kind, Priority
from bridge.outbox.counters import note_totals, totals_by_hour
from bridge.outbox.inbox import add_rejections, record, rejections
from bridge.outbox.operator import Selector, chosen, near_spellings, newest, search

if TYPE_CHECKING:
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock


def leads(driver: OutboxDriver, limit: int = 50, **marks: object) -> list[str]:
    return [one.lead for one in newest(driver.outbox, Selector(**marks), limit=limit)]  # type: ignore[arg-type] # by name


def test_the_newest_come_first_and_only_so_many(driver: OutboxDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEP", 3)
    for number in range(10):
        driver.send(f"lead{number}@example.com")
    assert leads(driver, 4) == [f"lead{number}@example.com" for number in (9, 8, 7, 6)]


def test_every_mark_chooses(driver: OutboxDriver) -> None:
    driver.send("ada@example.com", target=driver.subscribe)
    refused = driver.event(state=EventState.REFUSED, reason="bad_address", lead="alan@example.com", kind=Kind.UPDATE)
    record(driver.outbox, driver.request(refused, hook="shop"))
    driver.send("grace@example.com", priority=Priority.BULK)
    driver.finish(
        driver.claimed(driver.lane(driver.subscribe), batch=1), DeliveryState.DEAD, reason=DeadReason.PERMANENT
    )
    assert leads(driver, hook="shop") == leads(driver, kind=Kind.UPDATE) == ["alan@example.com"]
    assert leads(driver, event_state=EventState.REFUSED) == leads(driver, reason="bad_address") == ["alan@example.com"]
    assert leads(driver, delivery_state=DeliveryState.DEAD) == leads(driver, reason="permanent") == ["ada@example.com"]
    assert leads(driver, priority=Priority.BULK) == leads(driver, api="trigger") == ["grace@example.com"]
    assert leads(driver, lane_id=driver.lane()) == leads(driver, lead="grace@example.com") == ["grace@example.com"]
    assert leads(driver, event_id=2) == ["alan@example.com"]
    assert leads(driver, delivery_id=1) == ["ada@example.com"]
    assert leads(driver, delivery_id=99) == leads(driver, lead="nobody@example.com") == leads(driver, hook="none") == []


def test_times_bound_what_is_chosen(driver: OutboxDriver, clock: StillClock) -> None:
    times = []
    for number in range(5):
        driver.send(f"lead{number}@example.com")
        times.append(clock.now)
        clock.pass_ms(600_000)
    assert leads(driver, since=times[2], until=times[4]) == ["lead3@example.com", "lead2@example.com"]
    assert leads(driver, since=times[4] + 1) == []


def test_work_over_all_that_fit_goes_on_where_it_ended(driver: OutboxDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEP", 2)
    for number in range(5):
        driver.send(f"lead{number}@example.com")
    pages = list(chosen(driver.outbox, Selector()))
    assert [(up_to, len(rows)) for up_to, rows in pages] == [(2, 2), (4, 2), (5, 1)]
    rest = list(chosen(driver.outbox, Selector(), after=4))
    assert [row.lead for _, rows in rest for row in rows] == ["lead4@example.com"]


def test_near_spellings_are_offered(driver: OutboxDriver) -> None:
    for lead in ("ada@example.com", "adam@example.net", "grace@example.com"):
        driver.send(lead)
    assert near_spellings(driver.outbox, "adq@example.com")[0] == "ada@example.com"
    assert near_spellings(driver.outbox, "ada@exmaple.com")[0] == "ada@example.com"
    assert near_spellings(driver.outbox, "zed@example.org") == ()


def test_rejected_requests_are_counted_since_a_time(driver: OutboxDriver, clock: StillClock) -> None:
    add_rejections(driver.outbox, {("form", "signature"): 3, ("", "unknown_hook"): 7}, at=clock.now)
    later = clock.pass_ms(120_000)
    add_rejections(driver.outbox, {("form", "signature"): 2}, at=later)
    add_rejections(driver.outbox, {("form", "signature"): 1}, at=later)
    everything = {(one.hook, one.why): one.count for one in rejections(driver.outbox, since=0)}
    assert everything == {("form", "signature"): 6, ("", "unknown_hook"): 7}
    (lately,) = rejections(driver.outbox, since=later - 1, hook="form")
    assert (lately.count, lately.last_at) == (3, later)


def test_totals_are_kept_once_an_hour(driver: OutboxDriver, clock: StillClock) -> None:
    start = clock.now
    driver.send()
    assert note_totals(driver.outbox)
    driver.send("alan@example.com")
    assert not note_totals(driver.outbox)
    clock.pass_ms(3_600_000)
    assert note_totals(driver.outbox)
    (marks,) = totals_by_hour(driver.outbox, "events", since=start).values()
    assert [mark.value for mark in marks] == [1, 2]
