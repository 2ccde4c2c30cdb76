"""What people ask for by its marks is found, on both databases, however it lies among the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.model import DeadReason, DeliveryState, EventState, Kind, Priority
from bridge.outbox.counters import note_totals, totals_by_hour
from bridge.outbox.inbox import add_rejections, record, rejections
from bridge.outbox.operator import Selector, chosen, near_spellings, newest, search

if TYPE_CHECKING:
    from tests.conftest import StillClock
    from tests.contract.outbox.conftest import Desk


def leads(desk: Desk, limit: int = 50, **marks: object) -> list[str]:
    return [one.lead for one in newest(desk.outbox, Selector(**marks), limit=limit)]  # type: ignore[arg-type] # by name


def test_the_newest_come_first_and_only_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEP", 3)
    for number in range(10):
        desk.send(f"lead{number}@example.com")
    assert leads(desk, 4) == [f"lead{number}@example.com" for number in (9, 8, 7, 6)]


def test_every_mark_chooses(desk: Desk) -> None:
    desk.send("ada@example.com", target=desk.subscribe)
    refused = desk.event(state=EventState.REFUSED, reason="bad_address", lead="alan@example.com", kind=Kind.UPDATE)
    record(desk.outbox, desk.request(refused, hook="shop"))
    desk.send("grace@example.com", priority=Priority.BULK)
    desk.finish(desk.claimed(desk.lane(desk.subscribe), batch=1), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    assert leads(desk, hook="shop") == leads(desk, kind=Kind.UPDATE) == ["alan@example.com"]
    assert leads(desk, event_state=EventState.REFUSED) == leads(desk, reason="bad_address") == ["alan@example.com"]
    assert leads(desk, delivery_state=DeliveryState.DEAD) == leads(desk, reason="permanent") == ["ada@example.com"]
    assert leads(desk, priority=Priority.BULK) == leads(desk, api="trigger") == ["grace@example.com"]
    assert leads(desk, lane_id=desk.lane()) == leads(desk, lead="grace@example.com") == ["grace@example.com"]
    assert leads(desk, event_id=2) == ["alan@example.com"]
    assert leads(desk, delivery_id=1) == ["ada@example.com"]
    assert leads(desk, delivery_id=99) == leads(desk, lead="nobody@example.com") == leads(desk, hook="none") == []


def test_times_bound_what_is_chosen(desk: Desk, clock: StillClock) -> None:
    times = []
    for number in range(5):
        desk.send(f"lead{number}@example.com")
        times.append(clock.now)
        clock.pass_ms(600_000)
    assert leads(desk, since=times[2], until=times[4]) == ["lead3@example.com", "lead2@example.com"]
    assert leads(desk, since=times[4] + 1) == []


def test_work_over_all_that_fit_goes_on_where_it_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STEP", 2)
    for number in range(5):
        desk.send(f"lead{number}@example.com")
    pages = list(chosen(desk.outbox, Selector()))
    assert [(up_to, len(rows)) for up_to, rows in pages] == [(2, 2), (4, 2), (5, 1)]
    rest = list(chosen(desk.outbox, Selector(), after=4))
    assert [row.lead for _, rows in rest for row in rows] == ["lead4@example.com"]


def test_near_spellings_are_offered(desk: Desk) -> None:
    for lead in ("ada@example.com", "adam@example.net", "grace@example.com"):
        desk.send(lead)
    assert near_spellings(desk.outbox, "adq@example.com")[0] == "ada@example.com"
    assert near_spellings(desk.outbox, "ada@exmaple.com")[0] == "ada@example.com"
    assert near_spellings(desk.outbox, "zed@example.org") == ()


def test_rejected_requests_are_counted_since_a_time(desk: Desk, clock: StillClock) -> None:
    add_rejections(desk.outbox, {("form", "signature"): 3, ("", "unknown_hook"): 7}, at=clock.now)
    later = clock.pass_ms(120_000)
    add_rejections(desk.outbox, {("form", "signature"): 2}, at=later)
    add_rejections(desk.outbox, {("form", "signature"): 1}, at=later)
    everything = {(one.hook, one.why): one.count for one in rejections(desk.outbox, since=0)}
    assert everything == {("form", "signature"): 6, ("", "unknown_hook"): 7}
    (lately,) = rejections(desk.outbox, since=later - 1, hook="form")
    assert (lately.count, lately.last_at) == (3, later)


def test_totals_are_kept_once_an_hour(desk: Desk, clock: StillClock) -> None:
    start = clock.now
    desk.send()
    assert note_totals(desk.outbox)
    desk.send("alan@example.com")
    assert not note_totals(desk.outbox)
    clock.pass_ms(3_600_000)
    assert note_totals(desk.outbox)
    (marks,) = totals_by_hour(desk.outbox, "events", since=start).values()
    assert [mark.value for mark in marks] == [1, 2]
