"""The one rule for a second event of a known key, over both databases: repeated, changed, lesser or overtaken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from bridge.model import EventState, Target
from bridge.outbox import open_outbox
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events, store_replay

if TYPE_CHECKING:
    from bridge.model import NewEvent, Receipt
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

ADA, GRACE = "ada@example.com", "grace@example.com"
STATES = {"a": EventState.ACCEPTED, "i": EventState.IGNORED, "r": EventState.REFUSED, "f": EventState.FETCHING}


def _event(driver: OutboxDriver, state: str, content: str, lead: str = ADA, **changes: Any) -> NewEvent:
    """An event of one key in a state; its content counts as what was read and, where accepted, as what is delivered."""
    deliveries = [driver.delivery(lead, driver.subscribe, body=content.encode())] if state == "a" else []
    outcome = f"{lead} {content}".encode() if state == "a" else b""
    inputs = changes.pop("inputs", content.encode())
    return driver.event(
        *deliveries, key="k", state=STATES[state], lead=lead, inputs=inputs, outcome=outcome, **changes
    )  # fmt: skip


def _post(driver: OutboxDriver, *events: NewEvent) -> list[Receipt]:
    return [record(driver.outbox, driver.request(event))[0] for event in events]


def _said(receipts: list[Receipt]) -> str:
    return " ".join("dup" if one.duplicate else "update" if one.update else "new" for one in receipts)


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ("a1 a1", "new dup"),
        ("a1 a2 a2", "new update dup"),
        ("a1 a2 a1", "new update update"),  # a change back is a change: without times the order of receipt counts
        ("i1 a1 a1", "new update dup"),
        ("i1 a2 i1 a2", "new update dup dup"),
        ("i1 i2 i2", "new update dup"),
        ("i1 r2 r2 a2", "new update dup update"),
        ("r1 r2 r2 r3", "new update dup update"),
        ("r1 a1 r1 a1", "new update dup dup"),
        ("r1 i2 a3", "new update update"),
        ("a1 i2 i2 a1", "new update dup dup"),
        ("a1 r2 a1 a2", "new update dup update"),
        ("f1 f1 f2", "new dup update"),
        ("a1 f1 f2", "new dup update"),
    ],
)
def test_what_a_second_event_of_a_key_is(driver: OutboxDriver, posted: str, said: str) -> None:
    receipts = _post(driver, *[_event(driver, one[0], one[1]) for one in posted.split()])
    assert _said(receipts) == said
    accepted = [one for one in find_events(driver.outbox) if one.state is EventState.ACCEPTED]
    assert all(len(one.deliveries) == 1 for one in accepted)


def test_only_the_newest_of_refused_corrections_waits_for_a_person(driver: OutboxDriver) -> None:
    _post(driver, _event(driver, "r", "1"), _event(driver, "r", "2"), _event(driver, "r", "3"))
    refused = [one for one in find_events(driver.outbox) if one.state is EventState.REFUSED]
    assert [one.event_id for one in refused] == [max(one.event_id for one in find_events(driver.outbox))]
    assert {one.reason for one in find_events(driver.outbox) if one.state is EventState.IGNORED} == {"replaced"}


def _withdrawal(driver: OutboxDriver, lead: str = ADA) -> NewEvent:
    leave = driver.delivery(lead, Target(api="unsubscribe", list_key="newsletter"), withdraws=True)
    return driver.event(leave, lead=lead, inputs=b"left", outcome=b"left")


def test_a_consent_repeated_after_a_withdrawal_waits_for_a_person_where_no_id_says_what_it_is(
    driver: OutboxDriver, clock: StillClock
) -> None:
    def consent() -> NewEvent:
        return _event(driver, "a", "1", key_until=clock.now + 1_000)

    first, _, undecided, again = _post(driver, consent(), _withdrawal(driver), consent(), consent())
    assert (undecided.state, undecided.reason, undecided.duplicate) == (EventState.REFUSED, "may_have_returned", False)
    assert (again.event_id, again.duplicate) == (undecided.event_id, True)
    (story,) = find_events(driver.outbox, event_id=undecided.event_id)
    assert not story.deliveries
    assert b"leadbridge replay EVENT --again" in story.notes
    assert store_replay(driver.outbox, undecided.event_id, consent(), mapping_set_id=None)
    assert _post(driver, consent())[0].duplicate, "the person is back"
    _post(driver, _withdrawal(driver))
    assert _post(driver, consent())[0].state is EventState.REFUSED, "the person left once more"
    assert first.state is EventState.ACCEPTED


@pytest.mark.parametrize("key_until", [None, 1_000])
def test_a_repeat_is_a_duplicate_where_the_sender_gives_an_id_or_nobody_of_it_left(
    driver: OutboxDriver, clock: StillClock, key_until: int | None
) -> None:
    until = None if key_until is None else clock.now + key_until
    _post(driver, _event(driver, "a", "1", key_until=until), _withdrawal(driver, GRACE if until else ADA))
    assert _post(driver, _event(driver, "a", "1", key_until=until))[0].duplicate


def test_another_person_under_the_same_key_is_another_lead_and_each_repeat_a_duplicate(driver: OutboxDriver) -> None:
    ada, grace = _event(driver, "a", "1"), _event(driver, "a", "2", GRACE)
    assert _said(_post(driver, ada, grace, ada, grace)) == "new update dup dup"
    assert len(find_events(driver.outbox, lead=ADA)) == len(find_events(driver.outbox, lead=GRACE)) == 1


def test_a_person_of_a_lesser_event_is_found_by_address(driver: OutboxDriver) -> None:
    _post(driver, _event(driver, "a", "1"), _event(driver, "i", "2", GRACE, reason="no_consent"))
    (story,) = find_events(driver.outbox, lead=GRACE)
    assert (story.state, story.reason) == (EventState.IGNORED, "no_consent")


def test_a_repeat_is_counted_on_its_event(driver: OutboxDriver, clock: StillClock) -> None:
    first = _event(driver, "a", "1")
    _post(driver, first)
    clock.pass_ms(5_000)
    _post(driver, first, first)
    (story,) = find_events(driver.outbox)
    assert (story.seen, story.seen_at) == (3, clock.now)


def test_the_same_outcome_from_other_inputs_is_the_same(driver: OutboxDriver) -> None:
    assert _said(_post(driver, _event(driver, "a", "1"), _event(driver, "a", "1", inputs=b"reordered"))) == "new dup"


def test_the_same_inputs_are_the_same_whatever_the_mapping_makes_of_them_now(driver: OutboxDriver) -> None:
    assert _said(_post(driver, _event(driver, "a", "1"), _event(driver, "a", "2", inputs=b"1"))) == "new dup"


@pytest.mark.parametrize(("state", "stored"), [("a", EventState.ACCEPTED), ("r", EventState.IGNORED)])
def test_an_older_change_is_stored_and_the_newer_one_still_stands_for_the_key(
    driver: OutboxDriver, state: str, stored: EventState
) -> None:
    old, new = _event(driver, state, "1", sent_at=1_000), _event(driver, "a", "2", sent_at=2_000)
    receipts = _post(driver, new, old, old, new)
    assert _said(receipts) == "new update dup dup"
    assert receipts[3].event_id == receipts[0].event_id
    assert (receipts[1].state, receipts[1].reason) == (stored, "" if state == "a" else "overtaken")


def test_an_older_event_for_another_list_is_delivered(driver: OutboxDriver) -> None:
    newer = _event(driver, "a", "2", sent_at=2_000)
    other = driver.event(driver.delivery(), key="k", lead=ADA, inputs=b"1", outcome=b"1", sent_at=1_000)
    assert [one.state for one in _post(driver, newer, other)] == [EventState.ACCEPTED] * 2


def test_a_change_starts_no_journey_again_for_the_same_person(driver: OutboxDriver) -> None:
    def event(company: str, lead: str = ADA) -> NewEvent:
        subscribe = driver.delivery(lead, driver.subscribe, body=company.encode())
        trigger = driver.delivery(lead, driver.trigger, action_no=2, waits_for=1)
        return driver.event(subscribe, trigger, key="k", lead=lead, inputs=company.encode(), outcome=company.encode())

    receipts = _post(driver, event("a"), event("b"), event("c", GRACE))
    stories = [find_events(driver.outbox, event_id=one.event_id)[0] for one in receipts]
    assert [[one.target.api for one in story.deliveries] for story in stories] == [
        ["subscribe", "trigger"],
        ["subscribe"],
        ["subscribe", "trigger"],
    ]


def test_changes_that_come_at_once_are_each_stored_once(
    outbox_url: str, driver: OutboxDriver, clock: StillClock
) -> None:
    requests = [
        driver.request(_event(driver, "a", str(number % 4), f"lead{number % 4}@example.com")) for number in range(32)
    ]
    boxes = [open_outbox(outbox_url, clock=clock) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(record, boxes[index % 4], request) for index, request in enumerate(requests)]
        receipts = [future.result()[0] for future in futures]
    for box in boxes:
        box.close()
    assert [one.duplicate for one in receipts].count(False) == 4
    stories = find_events(driver.outbox, limit=100)
    assert sorted(one.lead for one in stories) == [f"lead{number}@example.com" for number in range(4)]
    assert [len(one.deliveries) for one in stories] == [1] * 4
