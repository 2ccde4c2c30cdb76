"""What goes into one call: by size, merged, unchanged, and what the halves of a poisoned call tell of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import (
    DeliveryState,
    Effect,
    OnDoubt,
    Outcome,
    OutcomeStatus,
    Response,
    SideEffect,
    Target,
    Transition,
)
from bridge.outbox.inbox import record
from bridge.outbox.operator import find_events
from bridge.outbox.queue import finish, settle_unchanged

if TYPE_CHECKING:
    from bridge.model import Claim
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

DAY = 86_400_000
NOTHING_SAID = Outcome(status=OutcomeStatus.UNSENT, result="no_connection")
OTHER = Target(api="subscribe", list_key="other")


def test_a_call_takes_what_fits_and_the_rest_waits_untouched(driver: OutboxDriver) -> None:
    for name in ("a", "b", "c"):
        driver.send(f"{name}@example.com")
    lane = driver.lane()
    first = driver.claimed(lane, fits=lambda deliveries: len(deliveries) - 1)
    assert driver.leads(first) == ["a@example.com", "b@example.com"]
    second = driver.claimed(lane)
    assert (driver.leads(second), second.deliveries[0].first_try_at) == (["c@example.com"], second.started_at)


def test_neighbouring_subscribes_of_one_lead_go_in_one_call(driver: OutboxDriver) -> None:
    for number in range(3):
        driver.send(target=driver.subscribe, body=b'{"n":%d}' % number)
    driver.send("alan@example.com", target=driver.subscribe)
    lane = driver.lane(driver.subscribe)
    assert [one.body for one in driver.claimed(lane, batch=1).deliveries] == [b'{"n":0}', b'{"n":1}', b'{"n":2}']
    assert driver.leads(driver.claim(lane, batch=1)) == ["alan@example.com"]


def test_a_subscribe_to_another_list_in_between_keeps_neighbours_apart(driver: OutboxDriver) -> None:
    driver.send(target=driver.subscribe)
    driver.send(target=OTHER)
    driver.send(target=driver.subscribe)
    assert len(driver.claimed(driver.lane(driver.subscribe)).deliveries) == 1


def test_what_waits_for_a_person_in_doubt_is_not_merged_with_what_does_not(driver: OutboxDriver) -> None:
    driver.send(target=driver.subscribe)
    driver.send(target=driver.subscribe, on_doubt=OnDoubt.HOLD)
    assert len(driver.claimed(driver.lane(driver.subscribe)).deliveries) == 1


def test_a_subscribe_equal_to_the_last_accepted_one_is_done_without_a_call(driver: OutboxDriver) -> None:
    _accept(driver, driver.subscribe, b'{"a":1}')
    event = driver.event(
        driver.delivery(target=driver.subscribe, body=b'{"a":1}'), driver.delivery(action_no=2, waits_for=1)
    )
    (receipt,) = record(driver.outbox, driver.request(event))
    lane = driver.lane(driver.subscribe)
    (settled,) = settle_unchanged(driver.outbox, lane, within_ms=DAY)
    assert (settled.event_id, settled.lead) == (receipt.event_id, "ada@example.com")
    assert driver.claim(lane) is None
    (story,) = find_events(driver.outbox, event_id=receipt.event_id)
    assert [(one.state, one.code) for one in story.deliveries] == [
        (DeliveryState.DELIVERED, "unchanged"),
        (DeliveryState.PENDING, ""),
    ]


def test_other_fields_another_list_in_between_or_a_day_later_are_sent(driver: OutboxDriver, clock: StillClock) -> None:
    _accept(driver, driver.subscribe, b'{"a":1}')
    assert _is_settled(driver, driver.subscribe, b'{"a":2}') is False
    _accept(driver, driver.subscribe, b'{"a":1}')
    _accept(driver, OTHER, b'{"a":1}')
    assert _is_settled(driver, driver.subscribe, b'{"a":1}') is False
    _accept(driver, driver.subscribe, b'{"a":1}')
    clock.pass_ms(DAY)
    assert _is_settled(driver, driver.subscribe, b'{"a":1}') is False


def test_what_was_settled_without_a_call_does_not_make_the_day_longer(driver: OutboxDriver, clock: StillClock) -> None:
    _accept(driver, driver.subscribe, b"{}")
    clock.pass_ms(DAY * 2 // 3)
    assert _is_settled(driver, driver.subscribe, b"{}")
    clock.pass_ms(DAY * 2 // 3)
    assert _is_settled(driver, driver.subscribe, b"{}") is False


def test_a_half_knows_the_code_with_which_the_other_was_refused(driver: OutboxDriver) -> None:
    first = _first_half(driver)
    assert first.suspect_code == ""
    _refuse(driver, first, "9999")
    second = driver.claimed(driver.lane())
    assert (_cohorts(second), second.suspect_code) == ({21}, "9999")


def test_a_lead_that_got_through_since_clears_the_lane(driver: OutboxDriver) -> None:
    _refuse(driver, _first_half(driver), "9999")
    other = driver.claimed(driver.lane())
    driver.send("z@example.com")
    got_through = driver.claimed(driver.lane())
    assert driver.leads(got_through) == ["z@example.com"]
    driver.finish(got_through)
    driver.finish(other, DeliveryState.PENDING, counts=False, cohort=21, outcome=NOTHING_SAID)
    assert driver.claimed(driver.lane()).suspect_code == ""


def test_a_half_without_an_answer_reports_nothing(driver: OutboxDriver) -> None:
    first = _first_half(driver)
    driver.finish(first, DeliveryState.PENDING, counts=False, cohort=20, answered=False)
    again = driver.claimed(driver.lane())
    assert again.suspect_code == ""


def test_the_probe_of_a_held_lane_knows_for_which_code_it_is_held(driver: OutboxDriver, clock: StillClock) -> None:
    driver.send()
    lane = driver.lane()
    hold = SideEffect(hold_reason="the journey is inactive", probe_at=clock.now + 300_000)
    _finish(driver, driver.claimed(lane), Effect.HOLD, "9006", hold)
    clock.pass_ms(300_000)
    assert driver.claimed(lane).suspect_code == "9006"


def _accept(driver: OutboxDriver, target: Target, body: bytes) -> None:
    driver.send(target=target, body=body)
    driver.finish(driver.claimed(driver.lane(target)))


def _is_settled(driver: OutboxDriver, target: Target, body: bytes) -> bool:
    """Whether a new delivery is settled without a call; one that is not is sent and accepted."""
    driver.send(target=target, body=body)
    lane = driver.lane(target)
    settled = bool(settle_unchanged(driver.outbox, lane, within_ms=DAY))
    if not settled:
        driver.finish(driver.claimed(lane))
    return settled


def _first_half(driver: OutboxDriver) -> Claim:
    """A call of four leads is poisoned and split into the cohorts 20 and 21; the claim of the first."""
    for name in ("a", "b", "c", "d"):
        driver.send(f"{name}@example.com")
    whole = driver.claimed(driver.lane())
    outcome = Outcome(status=OutcomeStatus.UNSENT, result="split", code="9999")
    transitions = [
        Transition(
            delivery_id=one.id, state=DeliveryState.PENDING, outcome=outcome, counts=False, cohort=20 + (place > 1)
        )
        for place, one in enumerate(whole.deliveries)
    ]
    response = Response(effect=Effect.SPLIT, outcomes=(outcome,) * 4, http_status=200, code="9999")
    finish(
        driver.outbox,
        call_id=whole.call_id,
        response=response,
        transitions=transitions,
        side_effect=SideEffect(),
        window_ms=driver.window_ms,
    )
    first = driver.claimed(driver.lane())
    assert _cohorts(first) == {20}
    return first


def _cohorts(claim: Claim) -> set[int | None]:
    return {one.cohort for one in claim.deliveries}


def _refuse(driver: OutboxDriver, claim: Claim, code: str) -> None:
    _finish(driver, claim, Effect.SPLIT, code, SideEffect(), state=DeliveryState.DEAD)


def _finish(
    driver: OutboxDriver,
    claim: Claim,
    effect: Effect,
    code: str,
    side_effect: SideEffect,
    *,
    state: DeliveryState = DeliveryState.PENDING,
) -> None:
    outcome = Outcome(status=OutcomeStatus.UNSENT, result="r", code=code)
    transitions = [
        Transition(delivery_id=one.id, state=state, outcome=outcome, counts=False) for one in claim.deliveries
    ]
    response = Response(effect=effect, outcomes=tuple(outcome for _ in transitions), http_status=200, code=code)
    finish(
        driver.outbox,
        call_id=claim.call_id,
        response=response,
        transitions=transitions,
        side_effect=side_effect,
        window_ms=driver.window_ms,
    )
