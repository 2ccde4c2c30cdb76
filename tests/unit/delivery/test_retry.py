from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.delivery import lock_and_breaker, retry
from bridge.model import (
    ClaimedDelivery,
    DeadReason,
    DeliveryState,
    Effect,
    Lane,
    Ledger,
    OnDoubt,
    Outcome,
    OutcomeStatus,
    Priority,
    Response,
    Target,
    Transition,
)

WINDOW_MS = 300_000
LOCK_MS = 1_800_000
HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_800_000_000_123

DELIVERY = ClaimedDelivery(
    id=7,
    event_id=1,
    lead="ada@example.com",
    body=b"{}",
    priority=Priority.BULK,
    on_doubt=OnDoubt.RESEND,
    attempts=0,
    ignored_count=0,
    cohort=99,
    received_at=NOW,
    first_try_at=NOW,
)
LEDGER = Ledger(account="default", api="trigger", now=NOW, slots=())
HELD = Lane(
    lane_id=1,
    target=Target(api="trigger"),
    due={},
    oldest_at=None,
    next_at=None,
    held_reason="the journey is inactive",
    held_since=NOW - HOUR // 4,
    probe_at=NOW,
)


def _apply(
    status: OutcomeStatus,
    delivery: ClaimedDelivery = DELIVERY,
    *,
    effect: Effect = Effect.NONE,
    call_id: int = 12,
    position: int = 0,
    size: int = 1,
    now: int = NOW,
    http_status: int | None = None,
    ledger: Ledger = LEDGER,
) -> Transition:
    outcome = Outcome(status=status, result="result", code="9", message="words")
    deliveries = [replace(delivery, id=delivery.id if n == position else 1_000 + n) for n in range(size)]
    response = Response(effect=effect, outcomes=(outcome,) * size, code="9", http_status=http_status)
    transitions = retry.transitions(response, deliveries, ledger, call_id=call_id, now=now, window_ms=WINDOW_MS)
    assert [transition.delivery_id for transition in transitions] == [one.id for one in deliveries]
    return transitions[position]


def _response(effect: Effect, *statuses: OutcomeStatus, retry_after_ms: int | None = None) -> Response:
    outcomes = tuple(Outcome(status=status, result="r", code="9") for status in statuses)
    return Response(effect=effect, outcomes=outcomes, code="9", message="words", retry_after_ms=retry_after_ms)


def test_a_delivered_lead_is_done() -> None:
    transition = _apply(OutcomeStatus.DELIVERED)
    assert (transition.state, transition.counts, transition.available_at, transition.reason) == (
        DeliveryState.DELIVERED,
        True,
        None,
        None,
    )
    assert (transition.delivery_id, transition.outcome.message) == (7, "words")


def test_a_refused_lead_is_given_up_for_good() -> None:
    transition = _apply(OutcomeStatus.REFUSED)
    assert (transition.state, transition.reason) == (DeliveryState.DEAD, DeadReason.PERMANENT)


def test_failures_are_tried_again_later_and_later_up_to_hourly() -> None:
    delays = [_apply(OutcomeStatus.RETRY, replace(DELIVERY, attempts=n), call_id=0).available_at for n in range(11)]
    seconds = [(at - NOW) // 1000 for at in delays if at is not None]
    assert seconds == [10, 30, 60, 120, 300, 600, 1800, 3600, 3600, 3600, 3600]


def test_a_failure_keeps_its_class_and_its_cohort_and_counts() -> None:
    transition = _apply(OutcomeStatus.RETRY)
    assert (transition.state, transition.priority, transition.cohort, transition.counts) == (
        DeliveryState.PENDING,
        Priority.BULK,
        99,
        True,
    )


@given(attempts=st.integers(0, 100), call_id=st.integers(0, 2**62), size=st.integers(2, 200), data=st.data())
def test_a_batch_stays_a_batch(attempts: int, call_id: int, size: int, data: st.DataObject) -> None:
    first, second = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    transitions = [
        _apply(
            OutcomeStatus.RETRY,
            replace(DELIVERY, id=position, attempts=attempts),
            call_id=call_id,
            position=position,
            size=size,
        )
        for position in (first, second)
    ]
    assert transitions[0].available_at == transitions[1].available_at
    delay = retry.DELAYS_MS[min(attempts, 7)]
    assert transitions[0].available_at is not None
    assert NOW + delay <= transitions[0].available_at <= NOW + delay * 1.2


def test_two_calls_that_fail_together_do_not_come_back_together() -> None:
    assert len({_apply(OutcomeStatus.RETRY, call_id=call_id).available_at for call_id in range(20)}) == 20


@pytest.mark.parametrize(
    ("attempts", "ignored", "age", "dead"),
    [
        (8, 0, 72 * HOUR, True),
        (8, 0, 72 * HOUR - 1, False),
        (7, 0, 100 * HOUR, False),
        (10, 3, 100 * HOUR, False),
        (11, 3, 100 * HOUR, True),
    ],
    ids=["over", "not yet", "held for long", "ignored for long", "ignored and failed"],
)
def test_a_lead_that_fails_for_72_hours_is_given_up(attempts: int, ignored: int, age: int, dead: bool) -> None:
    delivery = replace(DELIVERY, attempts=attempts, ignored_count=ignored, first_try_at=NOW - age)
    transition = _apply(OutcomeStatus.RETRY, delivery)
    assert (transition.reason is DeadReason.EXHAUSTED) is dead


def test_a_call_in_doubt_is_sent_again_or_left_to_a_person() -> None:
    again = _apply(OutcomeStatus.DOUBT, effect=Effect.OUTAGE)
    questions = _apply(OutcomeStatus.DOUBT, replace(DELIVERY, on_doubt=OnDoubt.HOLD), effect=Effect.OUTAGE)
    assert (again.state, again.counts) == (DeliveryState.PENDING, True)
    assert (questions.state, questions.reason) == (DeliveryState.DEAD, DeadReason.DOUBT)


def test_an_ignored_lead_waits_on_the_grid_until_the_week_is_over() -> None:
    now, waits = 0, []
    delivery = replace(DELIVERY, received_at=0, first_try_at=0)
    while (transition := _apply(OutcomeStatus.IGNORED, delivery, now=now)).available_at is not None:
        assert (transition.state, transition.priority, transition.counts, transition.cohort) == (
            DeliveryState.PENDING,
            Priority.WAITING,
            True,
            None,
        )
        waits.append((transition.available_at - now) // 60_000)
        now = transition.available_at
        delivery = replace(delivery, ignored_count=delivery.ignored_count + 1)
    assert waits == [5, 60, 360, 1440, 1440, 1440, 1440, 1440, 1440, 1440]
    assert (transition.state, transition.reason) == (DeliveryState.DEAD, DeadReason.UNCONFIRMED)


@given(now=st.integers(0, 2**45), ignored=st.integers(0, 9))
def test_ignored_leads_come_due_at_whole_windows(now: int, ignored: int) -> None:
    at = _apply(OutcomeStatus.IGNORED, replace(DELIVERY, ignored_count=ignored), now=now).available_at
    steps = retry.IGNORED_WINDOWS[ignored]
    assert at is not None
    assert at % WINDOW_MS == 0
    assert steps * WINDOW_MS <= at - now < (steps + 1) * WINDOW_MS


@pytest.mark.parametrize("effect", [Effect.LOCK, Effect.HOLD, Effect.TOKEN, Effect.NONE])
@pytest.mark.parametrize("age", [0, 30 * DAY])
def test_waiting_for_something_else_is_no_attempt_and_kills_nobody(effect: Effect, age: int) -> None:
    delivery = replace(DELIVERY, attempts=50, first_try_at=NOW - age)
    transition = _apply(OutcomeStatus.UNSENT, delivery, effect=effect)
    assert (transition.state, transition.counts, transition.available_at, transition.cohort) == (
        DeliveryState.PENDING,
        False,
        NOW,
        99,
    )


def test_after_an_outage_a_lead_steps_back_by_its_age_so_that_others_are_the_next_probe() -> None:
    def delay(age: int) -> int:
        at = _apply(OutcomeStatus.UNSENT, replace(DELIVERY, first_try_at=NOW - age), effect=Effect.OUTAGE).available_at
        assert at is not None
        return at - NOW

    assert [delay(0), delay(40_000), delay(DAY), delay(-5)] == [0, 10_000, 300_000, 0]


@pytest.mark.parametrize("size", [2, 3, 200])
def test_a_poisoned_call_is_halved(size: int) -> None:
    transitions = [_apply(OutcomeStatus.UNSENT, effect=Effect.SPLIT, position=n, size=size) for n in range(size)]
    cohorts = [transition.cohort for transition in transitions]
    assert cohorts == [24] * (size - size // 2) + [25] * (size // 2)
    assert all((transition.counts, transition.available_at) == (False, NOW) for transition in transitions)


def test_a_single_lead_cannot_be_halved_and_is_given_up() -> None:
    assert _apply(OutcomeStatus.UNSENT, effect=Effect.SPLIT).reason is DeadReason.PERMANENT


@given(size=st.integers(1, 200), data=st.data())
def test_one_culprit_is_found_in_few_calls_and_alone(size: int, data: st.DataObject) -> None:
    culprit = data.draw(st.integers(0, size - 1))
    batches, calls, dead = [list(range(size))], 0, []
    while batches:
        batch = batches.pop()
        calls += 1
        if culprit not in batch:
            continue
        halves: dict[int | None, list[int]] = {}
        deliveries = [replace(DELIVERY, id=lead) for lead in batch]
        poisoned = _response(Effect.SPLIT, *(OutcomeStatus.UNSENT for _ in batch))
        transitions = retry.transitions(poisoned, deliveries, LEDGER, call_id=calls, now=NOW, window_ms=WINDOW_MS)
        for lead, transition in zip(batch, transitions, strict=True):
            if transition.state is DeliveryState.DEAD:
                dead.append(lead)
            else:
                halves.setdefault(transition.cohort, []).append(lead)
        batches += halves.values()
    assert dead == [culprit]
    assert calls <= 1 + 2 * (size - 1).bit_length()


@given(
    status=st.sampled_from(OutcomeStatus),
    effect=st.sampled_from(Effect),
    attempts=st.integers(0, 1000),
    ignored=st.integers(0, 30),
    age=st.integers(0, 100 * DAY),
    on_doubt=st.sampled_from(OnDoubt),
    size=st.integers(1, 200),
)
def test_every_lead_has_a_next_time_or_a_reason(
    status: OutcomeStatus, effect: Effect, attempts: int, ignored: int, age: int, on_doubt: OnDoubt, size: int
) -> None:
    delivery = replace(DELIVERY, attempts=attempts, ignored_count=ignored, first_try_at=NOW - age, on_doubt=on_doubt)
    transition = _apply(status, delivery, effect=effect, size=size)
    match transition.state:
        case DeliveryState.PENDING:
            assert transition.available_at is not None
            assert transition.available_at >= NOW
            assert transition.reason is None
        case DeliveryState.DEAD:
            assert transition.reason is not None
        case _:
            assert (transition.state, status) == (DeliveryState.DELIVERED, OutcomeStatus.DELIVERED)


def test_two_halves_that_fail_alike_hold_the_lane() -> None:
    poisoned = _response(Effect.SPLIT, OutcomeStatus.UNSENT, OutcomeStatus.UNSENT)
    assert _judged(poisoned, "9").effect is Effect.HOLD
    assert _judged(poisoned, "9").message == "words"
    assert _judged(poisoned, "8") == poisoned
    assert _judged(poisoned, "") == poisoned
    assert _judged(replace(poisoned, code=""), "") == replace(poisoned, code="")
    assert _judged(_response(Effect.NONE, OutcomeStatus.RETRY), "9").effect is Effect.NONE


def test_one_lead_that_poisons_its_own_merged_call_never_holds_the_lane() -> None:
    poisoned = _response(Effect.SPLIT, OutcomeStatus.UNSENT, OutcomeStatus.UNSENT)
    assert _judged(poisoned, "9", leads=("ada@example.com", "ada@example.com")) == poisoned


def test_the_probe_of_a_held_lane_is_halved_so_that_two_culprits_cannot_hold_it_for_ever() -> None:
    poisoned = _response(Effect.SPLIT, OutcomeStatus.UNSENT, OutcomeStatus.UNSENT)
    assert _judged(poisoned, "9", held=True) == poisoned
    after = lock_and_breaker.side_effect(poisoned, LEDGER, HELD, now=NOW, lock_ms=LOCK_MS, budget=95)
    assert (after.hold_reason, after.release_lane) == ("the journey is inactive", False)


def test_a_lead_refused_for_what_the_lane_is_held_for_stays_and_lets_another_be_the_next_probe() -> None:
    refused = _judged(_response(Effect.NONE, OutcomeStatus.REFUSED), "9", held=True)
    assert (refused.effect, refused.outcomes[0].result) == (Effect.HOLD, "suspected")
    deliveries = [replace(DELIVERY, first_try_at=NOW - HOUR)]
    (transition,) = retry.transitions(refused, deliveries, LEDGER, call_id=1, now=NOW, window_ms=WINDOW_MS)
    assert (transition.state, transition.counts, transition.available_at) == (
        DeliveryState.PENDING,
        False,
        NOW + 300_000,
    )
    assert _judged(_response(Effect.NONE, OutcomeStatus.REFUSED), "8", held=True).effect is Effect.NONE


def test_leads_with_which_the_api_fails_while_it_takes_others_are_halved_at_the_third_time() -> None:
    def transition(
        outages: int, *, size: int = 4, http_status: int | None = 502, ledger: Ledger = LEDGER
    ) -> Transition:
        delivery = replace(DELIVERY, outages=outages)
        return _apply(
            OutcomeStatus.UNSENT, delivery, effect=Effect.OUTAGE, http_status=http_status, size=size, ledger=ledger
        )

    assert [transition(0).outage, transition(1).outage, transition(2).outage] == [True, True, False]
    assert [transition(1).cohort, transition(2).cohort] == [99, 24]
    alone = transition(2, size=1)
    assert (alone.counts, alone.outcome.status, alone.state) == (True, OutcomeStatus.RETRY, DeliveryState.PENDING)
    for innocent in (transition(2, http_status=None), transition(2, ledger=replace(LEDGER, breaker_failures=1))):
        assert (innocent.outage, innocent.counts, innocent.cohort) == (False, False, 99)


def _judged(
    response: Response,
    suspect_code: str,
    *,
    held: bool = False,
    leads: tuple[str, ...] = ("ada@example.com", "alan@example.com"),
) -> Response:
    deliveries = [replace(DELIVERY, lead=lead) for lead, _ in zip(leads, response.outcomes, strict=False)]
    return retry.judged(response, deliveries, held=held, suspect_code=suspect_code)


def test_a_withdrawal_is_tried_for_ever() -> None:
    old = replace(DELIVERY, attempts=500, first_try_at=NOW - 90 * DAY)
    assert _apply(OutcomeStatus.RETRY, old).reason is DeadReason.EXHAUSTED
    again = _apply(OutcomeStatus.RETRY, replace(old, withdraws=True))
    assert again.state is DeliveryState.PENDING
    assert again.available_at is not None
    assert again.available_at <= NOW + 2 * HOUR
