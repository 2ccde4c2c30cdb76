"""What people ask for by its marks is found, on both databases, however it lies among the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge.model import DeadReason, DeliveryState, EventState, Kind, Priority, Target
from bridge.outbox.counters import note_totals, totals_by_hour
from bridge.outbox.inbox import add_rejections, record, rejections
from bridge.outbox.operator import Chosen, Selector, chosen, leads_like, near_spellings, newest, search

if TYPE_CHECKING:
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock


def leads(driver: OutboxDriver, limit: int = 50, **marks: object) -> list[str]:
    return [one.lead for one in newest(driver.outbox, Selector(**marks), limit=limit).found]  # type: ignore[arg-type] # by name


def test_the_newest_come_first_and_only_so_many(driver: OutboxDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LEAST_CHUNK", 3)
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


def test_a_list_or_a_journey_chooses_by_its_name_and_by_its_key(driver: OutboxDriver) -> None:
    driver.send("ada@example.com", target=Target(api="subscribe", list_name="Newsletter"))
    driver.send("grace@example.com", target=Target(api="subscribe", list_name="Newsletter", topics="7"))
    driver.send("alan@example.com", target=driver.trigger)
    assert leads(driver, target="Newsletter") == ["grace@example.com", "ada@example.com"]
    assert leads(driver, target="welcome") == ["alan@example.com"]
    assert leads(driver, target="Newsletter", api="trigger") == leads(driver, target="none") == []


MARKS: tuple[dict[str, Any], ...] = (
    {},
    {"hook": "form"},
    {"lead": "lead3@example.com"},
    {"target": "welcome"},
    {"event_state": EventState.REFUSED},
    *({"delivery_state": state} for state in DeliveryState),
    *({"delivery_state": state, "hook": "form", "target": "welcome"} for state in DeliveryState),
    {"delivery_state": DeliveryState.PENDING, "api": "trigger", "reason": "none"},
)


@pytest.mark.parametrize("marks", MARKS, ids=str)
def test_pages_one_after_the_other_give_what_one_page_gives(
    driver: OutboxDriver, monkeypatch: pytest.MonkeyPatch, marks: dict[str, Any]
) -> None:
    monkeypatch.setattr(search, "LEAST_CHUNK", 2)
    for number in range(9):
        driver.send(f"lead{number % 5}@example.com", target=driver.subscribe if number % 3 else driver.trigger)
        record(driver.outbox, driver.request(driver.event(state=EventState.REFUSED), hook="shop"))
    claim = driver.claimed(driver.lane(driver.trigger), batch=2)
    driver.finish(claim, DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    driver.finish(driver.claimed(driver.lane(driver.subscribe), batch=2))
    driver.claimed(driver.lane(driver.subscribe), batch=1)
    selector = Selector(**marks)
    everything = newest(driver.outbox, selector, limit=1000)
    assert everything.before is None
    found: list[Chosen] = []
    page = newest(driver.outbox, selector, limit=2)
    found += page.found
    while page.before is not None:
        driver.send("late@example.com")
        page = newest(driver.outbox, selector, limit=2, before=page.before)
        found += page.found
    assert tuple(found) == everything.found


def test_a_page_ends_where_its_budget_does_and_says_how_far_it_looked(
    driver: OutboxDriver, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LEAST_CHUNK", 2)
    times = []
    for number in range(6):
        times.append(clock.now)
        driver.send(f"lead{number}@example.com")
        clock.pass_ms(1000)
    page = newest(driver.outbox, Selector(kind=Kind.TEST), limit=1, budget=4)
    assert (page.found, page.before, page.searched_to) == ((), 3, times[2])
    rest = newest(driver.outbox, Selector(kind=Kind.TEST), limit=1, budget=4, before=page.before)
    assert (rest.found, rest.before, rest.searched_to) == ((), None, times[0])


def test_only_what_may_fit_is_looked_at(driver: OutboxDriver) -> None:
    for number in range(5):
        driver.send(f"lead{number}@example.com")
    record(driver.outbox, driver.request(driver.event(state=EventState.REFUSED), hook="shop"))
    expected: list[tuple[dict[str, Any], list[tuple[int, ...]]]] = [
        ({"event_state": EventState.REFUSED}, [(6,)]),
        ({"hook": "shop"}, [(6,)]),
        ({"delivery_state": DeliveryState.DEAD}, []),
        ({"lead": "lead1@example.com"}, [(2,)]),
    ]
    for marks, looked_at in expected:
        assert [ids for ids, _ in chosen(driver.outbox, Selector(**marks))] == looked_at


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


def test_leads_are_found_by_how_they_start(driver: OutboxDriver) -> None:
    for lead in ("ada@example.com", "adam@example.com", "ada+x@example.com", "ad_a@example.com", "grace@example.com"):
        driver.send(lead)
        driver.send(lead)
    found = leads_like(driver.outbox, " ADA")
    assert set(found) == {"ada@example.com", "adam@example.com", "ada+x@example.com"}
    assert len(leads_like(driver.outbox, "a", limit=2)) == 2
    assert leads_like(driver.outbox, "zuse") == leads_like(driver.outbox, "%") == ()
