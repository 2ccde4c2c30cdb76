"""A withdrawal ends what stands before it and nothing else; what is older than what was sent is overtaken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge.model import DeadReason, DeliveryState, EventState, NewDelivery, Outcome, OutcomeStatus, Priority, Target
from bridge.outbox import operator, precedence
from bridge.outbox.inbox import record
from bridge.outbox.queue import lanes

if TYPE_CHECKING:
    from bridge.model import Claim, NewEvent, Receipt
    from bridge.outbox.operator import DeliveryStory
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

ADA = "ada@example.com"
LIST = Target(api="subscribe", list_name="Newsletter")
OTHER = Target(api="subscribe", list_name="Webinar")
BULK = Target(api="add_leads", list_name="Newsletter")
OFF = Target(api="unsubscribe", list_name="Newsletter")
NEVER = Target(api="do_not_mail")
TAG = Target(api="tag", tag="VIP")
UNTAG = Target(api="untag", tag="VIP")
WELCOME = Target(api="trigger", list_name="Newsletter", journey_name="Welcome")
PENDING, DELIVERED, DEAD = DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.DEAD


def test_a_withdrawal_cancels_all_that_waits_for_its_lead(driver: OutboxDriver) -> None:
    consent = _post(driver, LIST, (WELCOME, 1), TAG, BULK)
    loose, somebody = _post(driver, WELCOME), _post(driver, LIST, lead="bob@example.com")
    elsewhere = _post(driver, Target(account="agency", api="subscribe", list_name="Newsletter"))
    left = _leave(driver, OFF, NEVER)
    assert {one.reason for one in (*_of(driver, consent), *_of(driver, loose))} == {DeadReason.WITHDRAWN}
    assert [_of(driver, one)[0].state for one in (somebody, elsewhere)] == [PENDING, PENDING]
    assert [one.state for one in _of(driver, left)] == [PENDING, PENDING]
    assert operator.status(driver.outbox).dead[("trigger", "withdrawn")] == 2
    assert _claim(driver, OFF) is not None


@pytest.mark.parametrize("target", [LIST, WELCOME, TAG, BULK], ids=lambda target: target.api)
@pytest.mark.parametrize("ends", ["answer", "lease"])
def test_what_is_in_a_call_is_waited_for_and_not_tried_again(
    driver: OutboxDriver, clock: StillClock, target: Target, ends: str
) -> None:
    consent = _post(driver, target)
    claim = driver.claimed(driver.lane(target))
    _leave(driver)
    assert _claim(driver, OFF) is None
    if ends == "answer":
        driver.finish(claim, PENDING, available_at=driver.outbox.now())
    else:
        clock.pass_ms(61_000)
        assert _claim(driver, OFF) is not None
    assert _of(driver, consent)[0].reason is DeadReason.WITHDRAWN


def test_a_later_consent_waits_for_the_withdrawal_and_then_goes(driver: OutboxDriver) -> None:
    _post(driver, LIST)
    _leave(driver)
    again = _post(driver, LIST, OTHER)
    assert _claim(driver, LIST) is None
    driver.finish(driver.claimed(driver.lane(OFF)))
    assert driver.leads(_claim(driver, LIST)) == [ADA]
    assert {one.reason for one in _of(driver, again)} == {None}


@pytest.mark.parametrize("target", [LIST, WELCOME, TAG, BULK], ids=lambda target: target.api)
def test_a_consent_that_was_given_before_and_comes_after_is_ended(driver: OutboxDriver, target: Target) -> None:
    _leave(driver, sent_at=5_000)
    late = _post(driver, target, sent_at=4_000, hook="another")
    if target is not WELCOME:
        driver.finish(driver.claimed(driver.lane(OFF)))
    assert _claim(driver, target) is None
    assert _of(driver, late)[0].reason is DeadReason.WITHDRAWN


def test_a_withdrawal_that_is_older_than_the_consent_of_the_same_sender_is_overtaken(driver: OutboxDriver) -> None:
    consent = _post(driver, LIST, (WELCOME, 1), sent_at=6_000)
    old = _leave(driver, sent_at=5_000)
    assert [one.state for one in _of(driver, consent)] == [PENDING, DeliveryState.BLOCKED]
    assert _claim(driver, OFF) is None
    assert _of(driver, old)[0].reason is DeadReason.OVERTAKEN
    assert driver.leads(_claim(driver, LIST)) == [ADA]


def test_a_withdrawal_from_another_list_than_the_newer_consent_still_goes(driver: OutboxDriver) -> None:
    _post(driver, OTHER, sent_at=6_000)
    _leave(driver, sent_at=5_000)
    assert _claim(driver, OFF) is not None


@pytest.mark.parametrize(
    ("newer", "older", "ends"),
    [
        (LIST, LIST, True),
        (OTHER, LIST, False),
        (UNTAG, TAG, True),
        (TAG, TAG, True),
        (TAG, LIST, False),
        (OFF, LIST, True),
        (WELCOME, LIST, False),
    ],
    ids=lambda value: value.api if isinstance(value, Target) else str(value),
)
def test_an_older_state_is_overtaken_by_a_newer_one_of_the_same_target(
    driver: OutboxDriver, newer: Target, older: Target, ends: bool
) -> None:
    _post(driver, newer, sent_at=6_000)
    driver.finish(driver.claimed(driver.lane(newer)))
    late = _post(driver, older, sent_at=5_000)
    assert (_claim(driver, older) is None) == ends
    assert (_of(driver, late)[0].reason is DeadReason.OVERTAKEN) == ends


def test_what_comes_in_its_senders_order_goes_whatever_waits_behind_it(driver: OutboxDriver) -> None:
    first = _post(driver, LIST, (WELCOME, 1), sent_at=5_000)
    _post(driver, LIST, (WELCOME, 1), sent_at=6_000)
    assert len(driver.claimed(driver.lane(LIST)).deliveries) == 2
    assert {one.reason for one in _of(driver, first)} == {None}


def test_the_journey_of_an_overtaken_subscribe_starts_all_the_same(driver: OutboxDriver) -> None:
    _post(driver, LIST, sent_at=6_000)
    driver.finish(driver.claimed(driver.lane(LIST)))
    late = _post(driver, LIST, (WELCOME, 1), sent_at=5_000)
    assert _claim(driver, LIST) is None
    assert [one.reason for one in _of(driver, late)] == [DeadReason.OVERTAKEN, None]
    assert driver.leads(_claim(driver, WELCOME)) == [ADA]


def test_a_late_subscribe_to_another_list_takes_the_newer_values_along(driver: OutboxDriver) -> None:
    newer = b'{"Lead Email":"ada@example.com","City":"Paris","Phone":"1"}'
    _post(driver, LIST, sent_at=6_000, body=newer)
    driver.finish(driver.claimed(driver.lane(LIST)))
    late = _post(driver, OTHER, sent_at=5_000, body=b'{"Lead Email":"ada@example.com","City":"Rome","Company":"A"}')
    merged = {"Lead Email": "ada@example.com", "City": "Paris", "Company": "A"}
    claim = driver.claimed(driver.lane(OTHER))
    assert [orjson.loads(one.body) for one in claim.deliveries] == [merged]
    assert orjson.loads(_of(driver, late)[0].body or b"") == merged, "what is shown is what was sent"


@pytest.mark.parametrize(
    ("older", "newer", "ends"),
    [
        (LIST, LIST, True),
        (LIST, BULK, True),
        (LIST, OFF, True),
        (LIST, OTHER, False),
        (LIST, TAG, False),
        (LIST, WELCOME, False),
        (LIST, Target(account="agency", api="subscribe", list_name="Newsletter"), False),
        (TAG, UNTAG, True),
        (TAG, Target(api="tag", tag="Other"), False),
        (WELCOME, WELCOME, True),
        (WELCOME, LIST, False),
    ],
    ids=lambda value: f"{value.account}-{value.api}-{value.name}" if isinstance(value, Target) else str(value),
)
@pytest.mark.parametrize("state", [PENDING, DELIVERED, DEAD])
@pytest.mark.parametrize("dated", [True, False])
def test_a_replay_is_overtaken_by_newer_events_of_the_same_target_only(
    driver: OutboxDriver, older: Target, newer: Target, state: DeliveryState, *, ends: bool, dated: bool
) -> None:
    first = _post(driver, older, sent_at=5_000 if dated else None)
    driver.finish(driver.claimed(driver.lane(older)))
    later = _post(driver, newer, sent_at=6_000 if dated else None)
    if state is not PENDING:
        driver.finish(driver.claimed(driver.lane(newer)), state, reason=DeadReason.PERMANENT)
    again = _event(driver, older).deliveries[0]
    by = precedence.overtaken_by(driver.outbox, first.event_id, again)
    assert by == (later.event_id if ends and state is not DEAD else None)
    assert precedence.overtaken_by(driver.outbox, later.event_id, _event(driver, newer).deliveries[0]) is None


def test_a_replayed_withdrawal_is_overtaken_by_a_newer_consent_alone(driver: OutboxDriver) -> None:
    left = _leave(driver, OFF, NEVER)
    off, never = _event(driver, OFF, NEVER, withdraws=True).deliveries
    _post(driver, TAG)
    _leave(driver)
    assert [precedence.overtaken_by(driver.outbox, left.event_id, one) for one in (off, never)] == [None, None]
    other = _post(driver, OTHER).event_id
    assert [precedence.overtaken_by(driver.outbox, left.event_id, one) for one in (off, never)] == [None, other]
    back = _post(driver, LIST).event_id
    assert [precedence.overtaken_by(driver.outbox, left.event_id, one) for one in (off, never)] == [back, other]


def test_other_senders_and_undated_events_go_in_the_order_of_receipt(driver: OutboxDriver) -> None:
    _post(driver, LIST, sent_at=6_000)
    _post(driver, LIST, sent_at=5_000, hook="another")
    _post(driver, LIST)
    assert len(driver.claimed(driver.lane(LIST)).deliveries) == 3


def test_no_retry_by_hand_revives_what_a_withdrawal_ended(driver: OutboxDriver) -> None:
    waiting, refused = _post(driver, OTHER), _post(driver, LIST)
    outcome = Outcome(status=OutcomeStatus.REFUSED, result="refused")
    driver.finish(driver.claimed(driver.lane(OTHER)), DEAD, outcome=outcome, reason=DeadReason.PERMANENT)
    driver.finish(driver.claimed(driver.lane(LIST)), DEAD, outcome=outcome, reason=DeadReason.PERMANENT)
    again = _post(driver, LIST)
    _leave(driver)
    ids = [_of(driver, one)[0].delivery_id for one in (waiting, refused, again)]
    assert operator.retry(driver.outbox, ids) == 2, "what a withdrawal ended is not there to be retried"
    driver.finish(driver.claimed(driver.lane(OFF)))
    assert (_claim(driver, OTHER), _claim(driver, LIST)) == (None, None)
    assert {_of(driver, one)[0].reason for one in (waiting, refused, again)} == {DeadReason.WITHDRAWN}


def test_a_replayed_event_knows_the_withdrawal_after_it(driver: OutboxDriver) -> None:
    consent, left = _post(driver, LIST), _leave(driver)
    later = _post(driver, LIST)
    after = [precedence.withdrawal_after(driver.outbox, one.event_id, ADA, "default") for one in (consent, left, later)]
    assert after == [left.event_id, None, None]
    event = _event(driver, LIST)
    assert operator.store_replay(driver.outbox, consent.event_id, event, mapping_set_id=None)
    driver.finish(driver.claimed(driver.lane(OFF)))
    assert driver.leads(_claim(driver, LIST)) == [ADA]
    assert _of(driver, consent)[-1].reason is DeadReason.WITHDRAWN
    assert _of(driver, later)[0].state is DeliveryState.CLAIMED


@pytest.mark.parametrize("becomes", ["a consent", "nothing"])
def test_a_withdrawal_that_a_replay_has_found_to_be_none_ends_nothing_more(driver: OutboxDriver, becomes: str) -> None:
    consent, mistake = _post(driver, LIST), _leave(driver)
    assert _of(driver, consent)[0].reason is DeadReason.WITHDRAWN
    corrected = _event(driver, OTHER)
    if becomes == "nothing":
        corrected = driver.event(lead=ADA, state=EventState.IGNORED, reason="when")
    assert operator.store_replay(driver.outbox, mistake.event_id, corrected, mapping_set_id=None)
    assert precedence.withdrawal_after(driver.outbox, consent.event_id, ADA, "default") is None
    assert operator.store_replay(driver.outbox, consent.event_id, _event(driver, LIST), mapping_set_id=None)
    if becomes == "a consent":
        driver.finish(driver.claimed(driver.lane(OTHER)))
    assert driver.leads(_claim(driver, LIST)) == [ADA]


def test_a_tag_that_waits_for_a_confirmation_holds_no_list(driver: OutboxDriver) -> None:
    _post(driver, TAG)
    claim = driver.claimed(driver.lane(TAG))
    driver.finish(claim, PENDING, available_at=driver.outbox.now() + 1_000_000, priority=Priority.WAITING)
    _post(driver, LIST)
    later = _post(driver, UNTAG)
    assert _claim(driver, UNTAG) is None, "tags of one lead keep their order"
    assert driver.leads(_claim(driver, LIST)) == [ADA]
    assert _of(driver, later)[0].state is PENDING


def test_a_tag_waits_for_the_list_before_it(driver: OutboxDriver) -> None:
    _post(driver, LIST)
    _post(driver, TAG)
    assert _claim(driver, TAG) is None
    driver.finish(driver.claimed(driver.lane(LIST)))
    assert _claim(driver, TAG) is not None


def test_withdrawals_share_no_call_and_are_never_taken_for_done(driver: OutboxDriver) -> None:
    _leave(driver)
    _leave(driver)
    claim = driver.claimed(driver.lane(OFF))
    assert len(claim.deliveries) == 1
    assert claim.deliveries[0].withdraws
    driver.finish(claim)
    assert _claim(driver, OFF) is not None


def test_a_withdrawal_word_for_word_as_before_is_another_one_once_the_lead_came_back(driver: OutboxDriver) -> None:
    first = _leave(driver, key="left", inputs=b"same")
    assert _leave(driver, key="left", inputs=b"same").duplicate
    _post(driver, LIST)
    again = _leave(driver, key="left", inputs=b"same")
    assert (again.duplicate, again.event_id != first.event_id) == (False, True)


def test_a_withdrawal_that_is_not_through_is_reported(driver: OutboxDriver, clock: StillClock) -> None:
    _leave(driver)
    since = driver.outbox.now()
    clock.pass_ms(1_000)
    assert precedence.stuck_withdrawals(driver.outbox, before=since) == {}
    assert precedence.stuck_withdrawals(driver.outbox, before=driver.outbox.now()) == {(OFF.api, ""): (1, since)}
    driver.finish(driver.claimed(driver.lane(OFF)))
    assert precedence.stuck_withdrawals(driver.outbox, before=driver.outbox.now()) == {}


def _claim(driver: OutboxDriver, target: Target) -> Claim | None:
    """A claim of the target's lane, None also where nothing of it is due."""
    found = lanes(driver.outbox, target.account, target.api, cap=400)
    ids = [lane.lane_id for lane in found if lane.target == target]
    return driver.claim(ids[0]) if ids else None


def _event(driver: OutboxDriver, *targets: Target | tuple[Target, int], lead: str = ADA, **changes: Any) -> NewEvent:
    parts = [one if isinstance(one, tuple) else (one, None) for one in targets]
    withdraws, body = changes.pop("withdraws", False), changes.pop("body", b"{}")
    deliveries = [
        NewDelivery(
            action_no=number,
            target=target,
            lead=lead,
            body=body,
            waits_for=waits_for,
            withdraws=withdraws,
        )
        for number, (target, waits_for) in enumerate(parts, 1)
    ]
    return driver.event(*deliveries, lead=lead, state=EventState.ACCEPTED, **changes)


def _post(
    driver: OutboxDriver, *targets: Target | tuple[Target, int], hook: str = "form", lead: str = ADA, **changes: Any
) -> Receipt:
    event = _event(driver, *targets, lead=lead, **changes)
    return record(driver.outbox, driver.request(event, hook=hook))[0]


def _leave(driver: OutboxDriver, *targets: Target, **changes: Any) -> Receipt:
    return _post(driver, *(targets or (OFF,)), withdraws=True, **changes)


def _of(driver: OutboxDriver, receipt: Receipt) -> tuple[DeliveryStory, ...]:
    return operator.find_events(driver.outbox, event_id=receipt.event_id)[0].deliveries
