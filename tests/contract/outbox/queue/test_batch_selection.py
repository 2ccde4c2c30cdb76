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
    from tests.conftest import StillClock
    from tests.contract.outbox.conftest import Desk

DAY = 86_400_000
NOTHING_SAID = Outcome(verdict=OutcomeStatus.UNSENT, result="no_connection")
OTHER = Target(api="subscribe", list_key="other")


def test_a_call_takes_what_fits_and_the_rest_waits_untouched(desk: Desk) -> None:
    for name in ("a", "b", "c"):
        desk.send(f"{name}@example.com")
    lane = desk.lane()
    first = desk.claimed(lane, fits=lambda deliveries: len(deliveries) - 1)
    assert desk.leads(first) == ["a@example.com", "b@example.com"]
    second = desk.claimed(lane)
    assert (desk.leads(second), second.deliveries[0].first_try_at) == (["c@example.com"], second.started_at)


def test_neighbouring_subscribes_of_one_lead_go_in_one_call(desk: Desk) -> None:
    for number in range(3):
        desk.send(target=desk.subscribe, body=b'{"n":%d}' % number)
    desk.send("alan@example.com", target=desk.subscribe)
    lane = desk.lane(desk.subscribe)
    assert [one.body for one in desk.claimed(lane, batch=1).deliveries] == [b'{"n":0}', b'{"n":1}', b'{"n":2}']
    assert desk.leads(desk.claim(lane, batch=1)) == ["alan@example.com"]


def test_a_subscribe_to_another_list_in_between_keeps_neighbours_apart(desk: Desk) -> None:
    desk.send(target=desk.subscribe)
    desk.send(target=OTHER)
    desk.send(target=desk.subscribe)
    assert len(desk.claimed(desk.lane(desk.subscribe)).deliveries) == 1


def test_what_waits_for_a_person_in_doubt_is_not_merged_with_what_does_not(desk: Desk) -> None:
    desk.send(target=desk.subscribe)
    desk.send(target=desk.subscribe, on_doubt=OnDoubt.HOLD)
    assert len(desk.claimed(desk.lane(desk.subscribe)).deliveries) == 1


def test_a_subscribe_equal_to_the_last_accepted_one_is_done_without_a_call(desk: Desk) -> None:
    _accept(desk, desk.subscribe, b'{"a":1}')
    event = desk.event(desk.delivery(target=desk.subscribe, body=b'{"a":1}'), desk.delivery(action_no=2, waits_for=1))
    (receipt,) = record(desk.outbox, desk.request(event))
    lane = desk.lane(desk.subscribe)
    (settled,) = settle_unchanged(desk.outbox, lane, within_ms=DAY)
    assert (settled.event_id, settled.lead) == (receipt.event_id, "ada@example.com")
    assert desk.claim(lane) is None
    (story,) = find_events(desk.outbox, event_id=receipt.event_id)
    assert [(one.state, one.code) for one in story.deliveries] == [
        (DeliveryState.DELIVERED, "unchanged"),
        (DeliveryState.PENDING, ""),
    ]


def test_other_fields_another_list_in_between_or_a_day_later_are_sent(desk: Desk, clock: StillClock) -> None:
    _accept(desk, desk.subscribe, b'{"a":1}')
    assert _is_settled(desk, desk.subscribe, b'{"a":2}') is False
    _accept(desk, desk.subscribe, b'{"a":1}')
    _accept(desk, OTHER, b'{"a":1}')
    assert _is_settled(desk, desk.subscribe, b'{"a":1}') is False
    _accept(desk, desk.subscribe, b'{"a":1}')
    clock.pass_ms(DAY)
    assert _is_settled(desk, desk.subscribe, b'{"a":1}') is False


def test_what_was_settled_without_a_call_does_not_make_the_day_longer(desk: Desk, clock: StillClock) -> None:
    _accept(desk, desk.subscribe, b"{}")
    clock.pass_ms(DAY * 2 // 3)
    assert _is_settled(desk, desk.subscribe, b"{}")
    clock.pass_ms(DAY * 2 // 3)
    assert _is_settled(desk, desk.subscribe, b"{}") is False


def test_a_half_knows_the_code_with_which_the_other_was_refused(desk: Desk) -> None:
    first = _first_half(desk)
    assert first.suspect_code == ""
    _refuse(desk, first, "9999")
    second = desk.claimed(desk.lane())
    assert (_cohorts(second), second.suspect_code) == ({21}, "9999")


def test_a_lead_that_got_through_since_clears_the_lane(desk: Desk) -> None:
    _refuse(desk, _first_half(desk), "9999")
    other = desk.claimed(desk.lane())
    desk.send("z@example.com")
    got_through = desk.claimed(desk.lane())
    assert desk.leads(got_through) == ["z@example.com"]
    desk.finish(got_through)
    desk.finish(other, DeliveryState.PENDING, counts=False, cohort=21, outcome=NOTHING_SAID)
    assert desk.claimed(desk.lane()).suspect_code == ""


def test_a_half_without_an_answer_tells_nothing(desk: Desk) -> None:
    first = _first_half(desk)
    desk.finish(first, DeliveryState.PENDING, counts=False, cohort=20, answered=False)
    again = desk.claimed(desk.lane())
    assert again.suspect_code == ""


def test_the_probe_of_a_held_lane_knows_for_which_code_it_is_held(desk: Desk, clock: StillClock) -> None:
    desk.send()
    lane = desk.lane()
    hold = SideEffect(hold_reason="the journey is inactive", probe_at=clock.now + 300_000)
    _finish(desk, desk.claimed(lane), Effect.HOLD, "9006", hold)
    clock.pass_ms(300_000)
    assert desk.claimed(lane).suspect_code == "9006"


def _accept(desk: Desk, target: Target, body: bytes) -> None:
    desk.send(target=target, body=body)
    desk.finish(desk.claimed(desk.lane(target)))


def _is_settled(desk: Desk, target: Target, body: bytes) -> bool:
    """Whether a new delivery is settled without a call; one that is not is sent and accepted."""
    desk.send(target=target, body=body)
    lane = desk.lane(target)
    settled = bool(settle_unchanged(desk.outbox, lane, within_ms=DAY))
    if not settled:
        desk.finish(desk.claimed(lane))
    return settled


def _first_half(desk: Desk) -> Claim:
    """A call of four leads is poisoned and split into the cohorts 20 and 21; the claim of the first."""
    for name in ("a", "b", "c", "d"):
        desk.send(f"{name}@example.com")
    whole = desk.claimed(desk.lane())
    outcome = Outcome(verdict=OutcomeStatus.UNSENT, result="split", code="9999")
    moves = [
        Transition(
            delivery_id=one.id, state=DeliveryState.PENDING, outcome=outcome, counts=False, cohort=20 + (place > 1)
        )
        for place, one in enumerate(whole.deliveries)
    ]
    reading = Response(effect=Effect.SPLIT, outcomes=(outcome,) * 4, http_status=200, code="9999")
    finish(
        desk.outbox,
        call_id=whole.call_id,
        reading=reading,
        moves=moves,
        side_effect=SideEffect(),
        window_ms=desk.window_ms,
    )
    first = desk.claimed(desk.lane())
    assert _cohorts(first) == {20}
    return first


def _cohorts(claim: Claim) -> set[int | None]:
    return {one.cohort for one in claim.deliveries}


def _refuse(desk: Desk, claim: Claim, code: str) -> None:
    _finish(desk, claim, Effect.SPLIT, code, SideEffect(), state=DeliveryState.DEAD)


def _finish(
    desk: Desk,
    claim: Claim,
    effect: Effect,
    code: str,
    side_effect: SideEffect,
    *,
    state: DeliveryState = DeliveryState.PENDING,
) -> None:
    outcome = Outcome(verdict=OutcomeStatus.UNSENT, result="r", code=code)
    moves = [Transition(delivery_id=one.id, state=state, outcome=outcome, counts=False) for one in claim.deliveries]
    reading = Response(effect=effect, outcomes=tuple(outcome for _ in moves), http_status=200, code=code)
    finish(
        desk.outbox,
        call_id=claim.call_id,
        reading=reading,
        moves=moves,
        side_effect=side_effect,
        window_ms=desk.window_ms,
    )
