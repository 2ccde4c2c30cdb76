"""The ledger: the budget holds in every sliding window, whoever makes the calls and whatever dies."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from bridge.model import DeliveryState, Effect, Priority, Response, SideEffect, Target
from bridge.outbox import open_outbox
from bridge.outbox.counters import totals
from bridge.outbox.inbox import record
from bridge.outbox.queue import claim, count_call, finish, ledger
from bridge.outbox.registry import api_id

if TYPE_CHECKING:
    from bridge.model import Claim
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

TIMES: dict[str, Any] = {"window_ms": 300_000, "send_ms": 10_000, "call_ms": 30_000, "lease_ms": 60_000}

CLAIM_UNTIL_REFUSED = """
import sys
from bridge.outbox import open_outbox
from bridge.outbox.queue import claim
outbox = open_outbox(sys.argv[1], clock=lambda: int(sys.argv[3]))
made = 0
while claim(outbox, lane_id=int(sys.argv[2]), batch=1, budget=20, window_ms=300_000, send_ms=10_000,
            call_ms=30_000, lease_ms=60_000, deliverer="p"):
    made += 1
print(made)
"""


def fill(driver: OutboxDriver, count: int) -> int:
    """Record deliveries of so many leads; their lane."""
    events = [driver.event(driver.delivery(f"lead{number}@example.com")) for number in range(count)]
    record(driver.outbox, driver.request(*events))
    return driver.lane()


def test_an_unanswered_call_counts_until_its_deadline_and_the_window(driver: OutboxDriver, clock: StillClock) -> None:
    lane = fill(driver, 3)
    assert driver.claim(lane, batch=1, budget=1) is not None
    clock.pass_ms(30_000 + 300_000 - 1)
    assert driver.claim(lane, batch=1, budget=1) is None
    clock.pass_ms(1)
    assert driver.claim(lane, batch=1, budget=1) is not None


def test_an_answered_call_counts_until_its_answer_and_the_window(driver: OutboxDriver, clock: StillClock) -> None:
    lane = fill(driver, 3)
    call = driver.claimed(lane, batch=1, budget=1)
    clock.pass_ms(400)
    driver.finish(call)
    clock.pass_ms(300_000 - 1)
    assert driver.claim(lane, batch=1, budget=1) is None
    clock.pass_ms(1)
    assert driver.claim(lane, batch=1, budget=1) is not None


def test_a_call_that_ended_without_an_answer_counts_as_if_it_went_on(driver: OutboxDriver, clock: StillClock) -> None:
    lane = fill(driver, 2)
    call = driver.claimed(lane, batch=1, budget=1)
    driver.finish(call, DeliveryState.PENDING, answered=False)
    (slot,) = ledger(driver.outbox, "default", "trigger").slots
    assert slot.answered_at is None
    clock.pass_ms(30_000 + 300_000 - 1)
    assert driver.claim(lane, batch=1, budget=1) is None
    clock.pass_ms(1)
    assert driver.claim(lane, batch=1, budget=1) is not None


def test_a_late_answer_does_not_make_a_call_count_longer(driver: OutboxDriver, clock: StillClock) -> None:
    lane = fill(driver, 2)
    call = driver.claimed(lane, batch=1, budget=1)
    clock.pass_ms(50_000)
    driver.finish(call)
    clock.pass_ms(330_000 - 50_000)
    assert driver.claim(lane, batch=1, budget=1) is not None


def test_the_ledger_shows_the_calls_that_count(driver: OutboxDriver, clock: StillClock) -> None:
    lane = fill(driver, 2)
    first = driver.claimed(lane, batch=1)
    clock.pass_ms(100)
    driver.finish(first)
    driver.claimed(lane, batch=1)
    seen = ledger(driver.outbox, "default", "trigger")
    assert [(slot.started_at, slot.answered_at, slot.lane_id) for slot in seen.slots] == [
        (first.started_at, clock.now, lane),
        (clock.now, None, lane),
    ]
    assert seen.now == clock.now


def test_the_ledger_shows_which_calls_carried_no_live_lead(driver: OutboxDriver) -> None:
    for number, priorities in enumerate(
        [(Priority.LIVE,), (Priority.BULK, Priority.LIVE), (Priority.BULK, Priority.WAITING), (Priority.WAITING,)]
    ):
        for place, priority in enumerate(priorities):
            driver.send(f"lead{number}-{place}@example.com", priority=priority)
        assert len(driver.claimed(driver.lane(), batch=len(priorities)).deliveries) == len(priorities)
    assert count(driver, "trigger", budget=95) is not None
    slots = ledger(driver.outbox, "default", "trigger").slots
    assert [slot.is_bulk for slot in slots] == [False, False, True, True, False]


def test_only_the_leads_that_a_call_has_room_for_make_it_live_or_bulk(driver: OutboxDriver) -> None:
    driver.send("bulk@example.com", priority=Priority.BULK)
    driver.send("live@example.com")
    for _ in range(2):
        driver.claimed(driver.lane(), fits=lambda _: 1)
    assert [slot.is_bulk for slot in ledger(driver.outbox, "default", "trigger").slots] == [False, True]


def test_apis_and_accounts_have_their_own_budgets(driver: OutboxDriver) -> None:
    for account in ("default", "agency"):
        for api in ("subscribe", "trigger"):
            made = [count(driver, api, account=account, budget=1) for _ in range(2)]
            assert [call is not None for call in made] == [True, False]


def test_a_call_without_leads_is_counted_like_any_other(driver: OutboxDriver, clock: StillClock) -> None:
    api_id(driver.outbox, "default", "lists")
    call_id = count(driver, "lists", budget=1)
    assert call_id is not None
    assert count(driver, "lists", budget=1) is None
    response = Response(effect=Effect.NONE, outcomes=(), http_status=200)
    locked = SideEffect(locked_until=clock.now + 400_000)
    assert (
        finish(driver.outbox, call_id=call_id, response=response, transitions=(), side_effect=locked, window_ms=300_000)
        == 0
    )
    clock.pass_ms(300_000)
    assert count(driver, "lists", budget=1) is None, "locked"
    clock.pass_ms(100_000)
    assert count(driver, "lists", budget=1) is not None


def test_eight_deliverers_never_exceed_one_budget(outbox_url: str, driver: OutboxDriver, clock: StillClock) -> None:
    """Each works in a lane of its own, so that nothing but the ledger is between them."""
    targets = [Target(api="trigger", journey_key=f"j{number}") for number in range(8)]
    events = [driver.event(driver.delivery(f"l{lead}@example.com", target)) for target in targets for lead in range(30)]
    record(driver.outbox, driver.request(*events))
    lane_ids = [driver.lane(target) for target in targets]
    boxes = [open_outbox(outbox_url, clock=clock) for _ in range(8)]
    together = threading.Barrier(8)

    def deliver(number: int) -> int:
        together.wait(60)
        made = 0
        while claim(boxes[number], lane_id=lane_ids[number], batch=1, budget=30, deliverer=f"d{number}", **TIMES):
            made += 1
        return made

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(deliver, range(8)))
    for box in boxes:
        box.close()
    assert sum(made) == 30
    assert len(ledger(driver.outbox, "default", "trigger").slots) == 30


def test_calls_without_leads_never_exceed_the_budget_either(
    outbox_url: str, driver: OutboxDriver, clock: StillClock
) -> None:
    api_id(driver.outbox, "default", "lists")
    drivers = [type(driver)(open_outbox(outbox_url, clock=clock)) for _ in range(8)]
    together = threading.Barrier(8)

    def deliver(one: OutboxDriver) -> int:
        together.wait(60)
        made = 0
        while count(one, "lists", budget=30):
            made += 1
        return made

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(deliver, drivers))
    for one in drivers:
        one.outbox.close()
    assert sum(made) == 30


def test_no_delivery_is_claimed_by_two(outbox_url: str, driver: OutboxDriver, clock: StillClock) -> None:
    lane = fill(driver, 60)
    boxes = [open_outbox(outbox_url, clock=clock) for _ in range(8)]

    def deliver(number: int) -> list[int]:
        taken: list[int] = []
        found: Claim | None
        while found := claim(boxes[number], lane_id=lane, batch=3, budget=95, deliverer=f"d{number}", **TIMES):
            taken += [one.id for one in found.deliveries]
            driver.finish(found)
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [one for some in pool.map(deliver, range(8)) for one in some]
    for box in boxes:
        box.close()
    assert len(taken) == len(set(taken)) == 60
    delivered = ("deliveries", (("api", "trigger"), ("reason", ""), ("state", "delivered")))
    assert totals(driver.outbox)[delivered] == 60


def test_eight_processes_never_exceed_one_budget(outbox_url: str, driver: OutboxDriver, clock: StillClock) -> None:
    targets = [Target(api="trigger", journey_key=f"j{number}") for number in range(8)]
    events = [driver.event(driver.delivery(f"l{lead}@example.com", target)) for target in targets for lead in range(20)]
    record(driver.outbox, driver.request(*events))
    command = [sys.executable, "-c", CLAIM_UNTIL_REFUSED, outbox_url]
    running = [
        subprocess.Popen([*command, str(driver.lane(target)), str(clock.now)], stdout=subprocess.PIPE, text=True)
        for target in targets
    ]
    assert sum(int(process.communicate(timeout=300)[0]) for process in running) == 20


@pytest.mark.parametrize("seed", range(3))
def test_no_window_ever_holds_more_calls_than_the_budget(driver: OutboxDriver, clock: StillClock, seed: int) -> None:
    """Calls of random lengths, some never answered: every window of 300 s sees at most the budget's starts."""
    lane = fill(driver, 80)
    starts: list[int] = []
    random = (seed * 7919 + step * 104_729 for step in range(10_000))
    in_flight: list[Claim] = []
    while len(starts) < 30:
        clock.pass_ms(next(random) % 9_000)
        made = driver.claim(lane, batch=1, budget=5)
        if made:
            starts.append(made.started_at)
            in_flight.append(made)
        if in_flight and next(random) % 3:
            driver.finish(in_flight.pop(0), answered=bool(next(random) % 4))
    assert all(sum(start <= other < start + 300_000 for other in starts) <= 5 for start in starts)


def count(driver: OutboxDriver, api: str, *, budget: int, account: str = "default") -> int | None:
    return count_call(
        driver.outbox, account=account, api=api, budget=budget, window_ms=300_000, call_ms=30_000, deliverer="d1"
    )


def test_a_lock_teaches_a_budget_that_grows_by_a_call_a_day(driver: OutboxDriver, clock: StillClock) -> None:
    _lock(driver, learned_budget=2)
    clock.pass_ms(1_000)
    assert ledger(driver.outbox, "default", "trigger").learned_budget == 2
    allowed = []
    for _ in range(3):
        clock.pass_ms(86_400_000)
        allowed.append(sum(_claims(driver) for _ in range(9)))
        clock.pass_ms(driver.window_ms + 60_000)
    assert allowed == [3, 4, 5]


def test_the_answers_that_come_after_the_lock_teach_nothing_more(driver: OutboxDriver, clock: StillClock) -> None:
    first, second = (_claimed(driver, name) for name in ("ada", "alan"))
    for claimed, learned in ((first, 50), (second, 25)):
        lock = SideEffect(locked_until=clock.now + 1_000, learned_budget=learned)
        driver.finish(claimed, DeliveryState.PENDING, lock)
    assert ledger(driver.outbox, "default", "trigger").learned_budget == 50


def _lock(driver: OutboxDriver, *, learned_budget: int) -> None:
    lock = SideEffect(locked_until=driver.outbox.now() + 1_000, learned_budget=learned_budget)
    driver.finish(_claimed(driver, "ada"), DeliveryState.DEAD, lock)


def _claimed(driver: OutboxDriver, name: str) -> Claim:
    driver.send(f"{name}@example.com")
    return driver.claimed(driver.lane(), batch=1)


def _claims(driver: OutboxDriver) -> bool:
    """Whether one more call may be made."""
    driver.send(f"{uuid4().hex}@example.com")
    return driver.claim(driver.lane(), batch=1) is not None
