"""Receiving: durable once, whole or not at all, each event once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxError
from bridge.model import DeliveryState, EventState, Target
from bridge.outbox import open_outbox
from bridge.outbox.counters import totals
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events, request_of
from bridge.outbox.registry import known_ids

if TYPE_CHECKING:
    from bridge.model import NewEvent, NewRequest
    from bridge.outbox import Outbox
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock


def test_a_request_is_kept_with_all_its_events_and_deliveries(driver: OutboxDriver) -> None:
    two = driver.event(
        driver.delivery(target=driver.subscribe, body=b'{"a":1}'), driver.delivery(action_no=2, waits_for=1)
    )
    receipts = record(driver.outbox, driver.request(driver.event(state=EventState.IGNORED, reason="no_consent"), two))
    assert [(receipt.state, receipt.reason, receipt.duplicate) for receipt in receipts] == [
        (EventState.IGNORED, "no_consent", False),
        (EventState.ACCEPTED, "", False),
    ]
    (story,) = find_events(driver.outbox, event_id=receipts[1].event_id)
    assert [(one.target.api, one.state, one.body) for one in story.deliveries] == [
        ("subscribe", DeliveryState.PENDING, b'{"a":1}'),
        ("trigger", DeliveryState.BLOCKED, b"{}"),
    ]
    assert story.deliveries[1].waits_for == story.deliveries[0].delivery_id


def test_a_duplicate_is_reported_what_became_of_the_first(driver: OutboxDriver) -> None:
    first = record(driver.outbox, driver.request(driver.event(driver.delivery(), key="k")))[0]
    again = record(driver.outbox, driver.request(driver.event(driver.delivery(), key="k"), body=b"again"))[0]
    assert (again.event_id, again.state, again.duplicate) == (first.event_id, EventState.ACCEPTED, True)
    assert len(find_events(driver.outbox)) == 1
    stored = request_of(driver.outbox, first.event_id)
    assert stored is not None
    assert stored.body == b"{}"


def test_the_same_key_of_another_hook_is_another_event(driver: OutboxDriver) -> None:
    first = record(driver.outbox, driver.request(driver.event(key="k")))[0]
    other = record(driver.outbox, driver.request(driver.event(key="k"), hook="shop"))[0]
    assert other.event_id != first.event_id
    assert not other.duplicate


def test_two_events_of_one_request_with_the_same_key_are_one(driver: OutboxDriver) -> None:
    first, second = record(driver.outbox, driver.request(driver.event(key="k"), driver.event(key="k", item=1)))
    assert (second.event_id, second.duplicate) == (first.event_id, True)


def test_a_request_is_kept_when_one_of_its_events_is_new(driver: OutboxDriver) -> None:
    first = record(driver.outbox, driver.request(driver.event(key="k")))[0]
    mixed = record(driver.outbox, driver.request(driver.event(key="new"), driver.event(key="k"), body=b"second"))
    assert [receipt.duplicate for receipt in mixed] == [False, True]
    assert mixed[1].event_id == first.event_id
    stored = request_of(driver.outbox, mixed[0].event_id)
    assert stored is not None
    assert stored.body == b"second"


def test_a_key_is_free_again_when_its_time_is_over(driver: OutboxDriver, clock: StillClock) -> None:
    limited = driver.event(key="k", key_until=clock.now + 1_000)
    first = record(driver.outbox, driver.request(limited))[0]
    clock.pass_ms(999)
    assert record(driver.outbox, driver.request(limited))[0].duplicate
    clock.pass_ms(1)
    later = record(driver.outbox, driver.request(driver.event(key="k", key_until=clock.now + 1_000)))[0]
    assert not later.duplicate
    assert later.event_id != first.event_id
    assert record(driver.outbox, driver.request(limited))[0].event_id == later.event_id


def test_many_at_once_with_the_same_key_make_one_event(
    outbox_url: str, driver: OutboxDriver, clock: StillClock
) -> None:
    requests = [driver.request(driver.event(driver.delivery(), key="same")) for _ in range(24)]
    boxes = [open_outbox(outbox_url, clock=clock) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(record, boxes[index % 4], request) for index, request in enumerate(requests)]
        receipts = [future.result()[0] for future in futures]
    for box in boxes:
        box.close()
    assert len({receipt.event_id for receipt in receipts}) == 1
    assert [receipt.duplicate for receipt in receipts].count(False) == 1
    assert len(find_events(driver.outbox)) == 1


def test_many_at_once_map_a_refused_event_once(outbox_url: str, driver: OutboxDriver, clock: StillClock) -> None:
    record(driver.outbox, driver.request(driver.event(key="same", state=EventState.REFUSED)))
    requests = [driver.request(driver.event(driver.delivery(), key="same")) for _ in range(16)]
    boxes = [open_outbox(outbox_url, clock=clock) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(record, boxes[index % 4], request) for index, request in enumerate(requests)]
        receipts = [future.result()[0] for future in futures]
    for box in boxes:
        box.close()
    assert {receipt.state for receipt in receipts} == {EventState.ACCEPTED}
    assert len({receipt.event_id for receipt in receipts}) == 1
    assert [receipt.update for receipt in receipts].count(True) == 1
    assert [len(story.deliveries) for story in find_events(driver.outbox)] == [1, 0]


def test_requests_that_share_two_keys_crosswise_do_not_wait_for_each_other(
    outbox_url: str, driver: OutboxDriver, clock: StillClock
) -> None:
    boxes = [open_outbox(outbox_url, clock=clock) for _ in range(4)]

    def post(number: int) -> int:
        keys = [f"a{number // 2}", f"b{number // 2}"]
        events = [driver.event(key=key) for key in (keys if number % 2 else reversed(keys))]
        return len(record(boxes[number % 4], driver.request(*events)))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(post, range(40))) == 80
    for box in boxes:
        box.close()
    assert len(find_events(driver.outbox, limit=100)) == 40


def test_a_request_whose_rows_are_refused_fails_alone_among_others(driver: OutboxDriver) -> None:
    twice = driver.request(driver.event(driver.delivery(), driver.delivery()))  # the same action number twice
    requests = [driver.request(driver.event(driver.delivery())) for _ in range(24)]
    requests[4:4] = [twice, twice]

    def post(request: NewRequest) -> bool:
        try:
            return len(record(driver.outbox, request)) == 1
        except OutboxError as error:
            return "refused a row" not in str(error)

    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(post, requests))
    assert kept == [True] * 4 + [False] * 2 + [True] * 20
    assert len(find_events(driver.outbox, limit=100)) == 24


def test_a_delivery_that_waits_for_none_before_it_is_refused(driver: OutboxDriver) -> None:
    with pytest.raises(OutboxError, match="does not come before"):
        record(driver.outbox, driver.request(driver.event(driver.delivery(waits_for=7))))
    assert find_events(driver.outbox) == ()


def test_new_and_known_events_of_many_threads_are_distinguished(driver: OutboxDriver) -> None:
    requests = [
        driver.request(driver.event(key=f"k{number // 3}"), driver.event(key=f"l{number}")) for number in range(60)
    ]
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda request: record(driver.outbox, request), requests))
    assert [one.duplicate for _, one in receipts] == [False] * 60
    assert [one.duplicate for one, _ in receipts].count(False) == 20
    assert len({one.event_id for one, _ in receipts}) == 20
    assert len(find_events(driver.outbox, limit=100)) == 80


def test_a_row_that_no_database_can_hold_fails_alone_among_others(driver: OutboxDriver) -> None:
    requests = [driver.request(driver.event(item=2**70 if number == 5 else 0)) for number in range(24)]

    def post(request: NewRequest) -> bool:
        try:
            return len(record(driver.outbox, request)) == 1
        except OutboxError as error:
            return "refused a row" not in str(error)

    with ThreadPoolExecutor(16) as pool:
        kept = list(pool.map(post, requests))
    assert kept == [number != 5 for number in range(24)]
    assert len(find_events(driver.outbox, limit=100)) == 23


def test_what_is_kept_of_a_request_waits_for_what_stands_in_the_same_event(driver: OutboxDriver) -> None:
    """Ids are given in the database: those of a batch must not be mixed up."""

    def event(number: int) -> NewEvent:
        lead = f"lead{number}@example.com"
        first = driver.delivery(lead, driver.subscribe, body=f"s{number}".encode())
        second = driver.delivery(lead, action_no=2, waits_for=1, body=f"t{number}".encode())
        return driver.event(first, second, key=f"k{99 - number}", lead=lead, item=number)

    requests = [driver.request(event(2 * n), event(2 * n + 1), body=f"r{n}".encode()) for n in range(24)]
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda request: record(driver.outbox, request), requests))
    for number, receipt in enumerate(receipt for some in receipts for receipt in some):
        (story,) = find_events(driver.outbox, event_id=receipt.event_id)
        first, second = story.deliveries
        assert (story.lead, first.body, second.body) == (
            f"lead{number}@example.com",
            f"s{number}".encode(),
            f"t{number}".encode(),
        )
        assert second.waits_for == first.delivery_id
        stored = request_of(driver.outbox, receipt.event_id)
        assert stored is not None
        assert stored.body == f"r{number // 2}".encode()


def test_text_that_a_database_cannot_hold_is_kept_readable(driver: OutboxDriver) -> None:
    odd = driver.event(driver.delivery(target=Target(api="trigger", sources="a\0b")), key="k\0\ud800", reason="r\0")
    receipt = record(driver.outbox, driver.request(odd))[0]
    (story,) = find_events(driver.outbox, event_id=receipt.event_id)
    assert (story.reason, story.deliveries[0].target.sources) == ("r\ufffd", "a\ufffdb")
    assert record(driver.outbox, driver.request(odd))[0].duplicate


def test_deliveries_with_equal_targets_share_a_lane(driver: OutboxDriver) -> None:
    other = Target(api="trigger", journey_key="other")
    for target in (driver.trigger, other, driver.trigger):
        driver.send(target=target)
    lanes = [story.deliveries[0].lane_id for story in find_events(driver.outbox)]
    assert lanes[0] == lanes[2] != lanes[1]


def test_totals_count_what_came_in(driver: OutboxDriver) -> None:
    record(driver.outbox, driver.request(driver.event(key="k"), driver.event(state=EventState.REFUSED)))
    record(driver.outbox, driver.request(driver.event(key="k")))
    counted = {labels: total for (name, labels), total in totals(driver.outbox).items() if name == "events"}
    assert counted == {
        (("hook", "form"), ("state", "accepted")): 1,
        (("hook", "form"), ("state", "duplicate")): 1,
        (("hook", "form"), ("state", "refused")): 1,
    }


def test_an_error_inside_a_transaction_leaves_nothing_behind(outbox: Outbox) -> None:
    def fail_half_way() -> None:
        with outbox.write() as transaction:
            transaction.run("add_hook", name="half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with outbox.read() as transaction:
        assert transaction.row("hook_id", name="half") is None


def test_lanes_that_strangers_invent_fill_no_memory(driver: OutboxDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_ids, "MAX_KNOWN", 10)
    for number in range(30):
        driver.send(target=replace(driver.trigger, sources=f"source {number}"))
    assert len(driver.outbox.known_ids) <= 15


def test_a_long_list_takes_several_transactions_and_is_one_request(driver: OutboxDriver) -> None:
    events = [driver.event(driver.delivery(lead=f"{number}@example.com"), key=f"k{number}") for number in range(1_203)]
    known, news = events[:-1], [driver.event(key=f"new{number}") for number in range(601)]
    receipts = record(driver.outbox, driver.request(*known))
    assert [receipt.duplicate for receipt in receipts] == [False] * 1_202
    stored = {request_of(driver.outbox, receipts[place].event_id) for place in (0, 499, 500, 1_201)}
    assert len(stored) == 1
    again = record(driver.outbox, driver.request(*known[:700], *news, *events))
    assert [receipt.duplicate for receipt in again] == [True] * 700 + [False] * 601 + [True] * 1_202 + [False]
    assert [receipt.event_id for receipt in again[:700]] == [receipt.event_id for receipt in receipts[:700]]
    requests = {request_of(driver.outbox, again[place].event_id) for place in (700, 1_300, -1)}
    assert len(requests) == 1
    assert requests.isdisjoint(stored)


def test_what_is_stored_of_a_list_before_it_fails_is_known_when_it_is_sent_again(driver: OutboxDriver) -> None:
    events = [driver.event(key=f"k{number}") for number in range(700)]
    with pytest.raises(OutboxError):
        record(driver.outbox, driver.request(*events, driver.event(key_until=2**70)))
    receipts = record(driver.outbox, driver.request(*events))
    assert [receipt.duplicate for receipt in receipts] == [True] * 500 + [False] * 200
