"""A sender that repeats itself: thousands of subscribes of one lead, and what they cost and delay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.model import DeliveryState, EventState, Priority, Target
from bridge.outbox import open_outbox
from bridge.outbox.engine import sqlite_connection
from bridge.outbox.inbox import record
from bridge.outbox.lifecycle import forget_event
from bridge.outbox.operator import cancel, find_events, store_replay
from bridge.outbox.queue import deferral, lanes, settle_unchanged
from bridge.outbox.registry.targets import ORDERS
from tests.builders import OutboxDriver

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import StillClock

FEW, MANY = 20, 3_000
DAY_MS = 86_400_000


def fill(driver: OutboxDriver, count: int, lead: str = "ada@example.com", target: Target | None = None) -> None:
    """So many events of a lead, each a subscribe with fields of its own and a trigger that waits for it."""
    for start in range(0, count, 500):
        events = [
            driver.event(
                driver.delivery(lead, target or driver.subscribe, body=b'{"n":%d}' % number),
                driver.delivery(lead, action_no=2, waits_for=1),
                key=f"{lead}-{number:06}",
                lead=lead,
            )
            for number in range(start, min(count, start + 500))
        ]
        record(driver.outbox, driver.request(*events))


def subscribe_lanes(driver: OutboxDriver, api: str = "subscribe") -> int:
    """Look as the deliverer does; how many subscribes are due in the one lane."""
    found = lanes(driver.outbox, "default", api, cap=24)
    return sum(found[0].due.values()) if found else 0


class Steps:
    """Counts the steps of SQLite's virtual machine, those of every connection."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        prepare = sqlite_connection._prepare

        def prepare_and_count(connection: sqlite3.Connection) -> None:
            prepare(connection)
            connection.set_progress_handler(self._tick, 1)

        monkeypatch.setattr(sqlite_connection, "_prepare", prepare_and_count)

    def _tick(self) -> int:
        self.count += 1
        return 0

    def of(self, act: Callable[[], object]) -> int:
        before = self.count
        act()
        return self.count - before


def steps_with(count: int, folder: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What each step costs with so many of one lead, after a first look and a first call."""
    steps = Steps(monkeypatch)
    outbox = open_outbox(f"sqlite:///{folder}/{count}.db", clock=clock)
    outbox.migrate()
    driver = OutboxDriver(outbox)
    fill(driver, count)
    subscribe_lanes(driver)
    driver.finish(driver.claimed(lane := driver.lane(driver.subscribe), batch=1, fits=lambda _: 1))
    found = {
        "look": steps.of(lambda: subscribe_lanes(driver)),
        "settle": steps.of(lambda: settle_unchanged(outbox, lane, within_ms=DAY_MS)),
    }
    claims = []
    found["claim"] = steps.of(lambda: claims.append(driver.claimed(lane, batch=1, fits=lambda _: 1)))
    found["look while it is in flight"] = steps.of(lambda: subscribe_lanes(driver))
    found["finish"] = steps.of(lambda: driver.finish(claims[0]))
    outbox.close()
    return found


def test_no_step_costs_more_with_thousands_of_one_lead(
    tmp_path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = steps_with(FEW + 2, tmp_path, clock, monkeypatch)
    many = steps_with(MANY, tmp_path, clock, monkeypatch)
    assert {step: (few[step], many[step]) for step in few if many[step] > 1.5 * few[step]} == {}


def steps_to_settle(count: int, folder: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> float:
    """What settling one of so many alike costs, the last ones, after the first was accepted."""
    steps = Steps(monkeypatch)
    outbox = open_outbox(f"sqlite:///{folder}/alike-{count}.db", clock=clock)
    outbox.migrate()
    driver = OutboxDriver(outbox)
    alike = [driver.event(driver.delivery(target=driver.subscribe)) for _ in range(count)]
    record(outbox, driver.request(*alike))
    subscribe_lanes(driver)
    driver.finish(driver.claimed(lane := driver.lane(driver.subscribe), batch=1, fits=lambda _: 1))
    each = 0.0
    while True:
        before = steps.count
        settled = settle_unchanged(outbox, lane, within_ms=DAY_MS)
        if not settled:
            break
        each = (steps.count - before) / len(settled)
        clock.pass_ms(1)
    outbox.close()
    return each


def test_settling_thousands_alike_costs_each_the_same(
    tmp_path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (steps_to_settle(count, tmp_path, clock, monkeypatch) for count in (51, 1_501))
    assert 0 < many <= 1.5 * few


def test_another_lead_behind_thousands_of_one_goes_at_once(driver: OutboxDriver) -> None:
    fill(driver, 700)
    fill(driver, 1, "alan@example.com")
    assert subscribe_lanes(driver) == 2
    claim = driver.claimed(driver.lane(driver.subscribe), batch=2)
    assert set(driver.leads(claim)) == {"ada@example.com", "alan@example.com"}


@pytest.mark.parametrize(
    "target",
    [Target(api=api, tag="VIP" if api.endswith("tag") else "", list_name="Newsletter") for api in ORDERS],
    ids=lambda target: target.api,
)
def test_deferred_deliveries_follow_each_other_in_order_without_a_pause(
    driver: OutboxDriver, clock: StillClock, target: Target
) -> None:
    fill(driver, 130, target=target)
    assert subscribe_lanes(driver, target.api) == 1
    lane, sent = driver.lane(target), []
    while claim := driver.claim(lane, batch=1, budget=200):
        sent += [one.id for one in claim.deliveries]
        assert subscribe_lanes(driver, target.api) == 0
        clock.pass_ms(10)
        driver.finish(claim)
    assert sent == sorted(sent)
    assert len(sent) == 130


def test_deferred_tags_follow_the_list_before_them(driver: OutboxDriver) -> None:
    driver.send("ada@example.com", target=driver.subscribe)
    fill(driver, 130, target=Target(api="tag", tag="VIP"))
    assert subscribe_lanes(driver, "tag") == 0
    driver.finish(driver.claimed(driver.lane(driver.subscribe)))
    assert subscribe_lanes(driver, "tag") == 1


def test_the_next_one_follows_one_that_a_person_cancelled(driver: OutboxDriver) -> None:
    fill(driver, 130)
    subscribe_lanes(driver)
    first = find_events(driver.outbox, lead="ada@example.com", limit=200)[-1].deliveries[0]
    assert cancel(driver.outbox, [first.delivery_id]) == 1
    assert subscribe_lanes(driver) == 1


def test_the_next_one_follows_one_that_a_replay_took_back(driver: OutboxDriver) -> None:
    fill(driver, 130)
    subscribe_lanes(driver)
    first = find_events(driver.outbox, lead="ada@example.com", limit=200)[-1]
    assert store_replay(driver.outbox, first.event_id, driver.event(state=EventState.IGNORED), mapping_set_id=None)
    assert subscribe_lanes(driver) == 1


def test_those_whose_turn_nobody_called_come_by_themselves(driver: OutboxDriver, clock: StillClock) -> None:
    fill(driver, 130)
    subscribe_lanes(driver)
    first = find_events(driver.outbox, lead="ada@example.com", limit=200)[-1]
    forget_event(driver.outbox, first.event_id, found=lambda _: False)
    assert subscribe_lanes(driver) == 0
    clock.pass_ms(deferral.DEFER_MS)
    assert subscribe_lanes(driver) == 1


def test_those_that_a_retry_keeps_back_keep_their_time(driver: OutboxDriver, clock: StillClock) -> None:
    fill(driver, 130)
    subscribe_lanes(driver)
    lane = driver.lane(driver.subscribe)
    at = clock.now + 60_000
    driver.finish(driver.claimed(lane, batch=1), DeliveryState.PENDING, available_at=at)
    assert driver.claim(lane) is None
    clock.pass_ms(60_000)
    assert subscribe_lanes(driver) == 1
    assert len(driver.claimed(lane, batch=1).deliveries) == 20


def test_many_leads_are_not_deferred(driver: OutboxDriver) -> None:
    driver.outbox.migrate()
    for number in range(130):
        driver.send(f"lead{number}@example.com", target=driver.subscribe)
    (seen,) = lanes(driver.outbox, "default", "subscribe", cap=400)
    assert seen.due == {Priority.LIVE: 130}
    assert deferral.defer(driver.outbox, seen.lane_id, Priority.LIVE) == 0


def test_every_look_at_deliveries_goes_by_an_index(driver: OutboxDriver) -> None:
    queries = (
        "open_lanes",
        "followers",
        "due",
        "due_of_cohort",
        "neighbours",
        "unchanged",
        "claimed_by_call",
        "taken",
        "expired",
    )
    names = dict.fromkeys(("lane_id", "priority", "now", "front", "batch", "cap", "many", "cohort", "call_id"), 1)
    more = {"account_id": 1, "lead": "ada@example.com", "id": 1, "limit": 20, "delivery_id": 1, "since": 0}
    more |= {"account": "default", "api": "subscribe"}
    fill(driver, 500)
    others = [driver.event(driver.delivery(f"lead{number}@example.com", driver.subscribe)) for number in range(3_000)]
    for start in range(0, len(others), 500):
        record(driver.outbox, driver.request(*others[start : start + 500]))
    with driver.outbox.write() as transaction:
        transaction.connection.execute("ANALYZE")
    with driver.outbox.read() as transaction:
        for query in queries:
            text = transaction._queries[query]
            plan = _plan(transaction.connection, transaction.dialect, text, {**names, **more})
            assert not [line for line in plan if _reads_all(line, plan)], query


def _plan(connection: object, dialect: str, query: str, parameters: dict[str, object]) -> list[str]:
    execute = connection.execute  # type: ignore[attr-defined] # either driver's connection
    if dialect == "sqlite":
        return [row["detail"] for row in execute(f"EXPLAIN QUERY PLAN {query}", parameters)]
    return [row["QUERY PLAN"] for row in execute(f"EXPLAIN {query}", parameters)]


def _reads_all(line: str, plan: list[str]) -> bool:
    """Whether a step of a plan reads all deliveries. SQLite names a table by its alias, and subqueries as well."""
    inner = {other.split()[1] for other in plan if other.startswith(("CO-ROUTINE", "MATERIALIZE"))}
    tables = {"deliveries", "d", "e", "a", "b"} - inner
    return "Seq Scan on deliveries" in line or (
        line.startswith("SCAN") and line.split()[1] in tables and "USING" not in line
    )


def test_triggers_of_one_lead_do_not_stand_before_those_of_others(driver: OutboxDriver, clock: StillClock) -> None:
    repeats = [driver.event(driver.delivery("ada@example.com")) for _ in range(450)]
    record(driver.outbox, driver.request(*repeats))
    clock.pass_ms(1)
    driver.send("alan@example.com")
    lane = driver.lane()
    first = driver.claimed(lane)
    assert driver.leads(first) == ["ada@example.com", "alan@example.com"]
    driver.finish(first)
    clock.pass_ms(deferral.SPACING_MS)
    assert driver.leads(driver.claim(lane)) == ["ada@example.com"], "the repeats come in their time"


def test_the_repeats_of_several_leads_share_their_calls(driver: OutboxDriver, clock: StillClock) -> None:
    leads = ["ada@example.com", "alan@example.com", "grace@example.com"]
    record(driver.outbox, driver.request(*[driver.event(driver.delivery(lead)) for _ in range(5) for lead in leads]))
    lane, calls = driver.lane(), []
    for _ in range(5):
        calls.append(driver.claimed(lane, batch=4))
        driver.finish(calls[-1])
        clock.pass_ms(deferral.SPACING_MS)
    assert [sorted(driver.leads(call)) for call in calls] == [leads] * 5


def test_every_repeat_goes_in_the_end(driver: OutboxDriver, clock: StillClock) -> None:
    record(driver.outbox, driver.request(*[driver.event(driver.delivery("ada@example.com")) for _ in range(12)]))
    lane, gone = driver.lane(), 0
    for _ in range(30):
        clock.pass_ms(deferral.SPACING_MS)
        claim = driver.claim(lane, batch=3)
        gone += driver.finish(claim) if claim else 0
    assert gone == 12
