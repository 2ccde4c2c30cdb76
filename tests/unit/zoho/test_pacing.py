from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model import Lane, Ledger, Priority, Slot, Target
from bridge.zoho.pacing import COMPANY_MS, DUE_CAP_CALLS, Decision, Go, Wait, pace

WINDOW_MS = 300_000
NOW = 1_000_000_000
LIVE, BULK = Priority.LIVE, Priority.BULK


def _lane(lane_id: int = 1, due: int = 1, *, next_at: int | None = None, oldest_at: int = NOW - 10) -> Lane:
    return Lane(
        lane_id=lane_id,
        target=Target(api="trigger"),
        due={LIVE: due},
        oldest_at=oldest_at if due else None,
        next_at=next_at,
    )


def _used(lane_id: int | None, *ages_ms: int, answered: bool = True) -> tuple[Slot, ...]:
    return tuple(
        Slot(started_at=NOW - age, answered_at=NOW - age + 300 if answered else None, lane_id=lane_id)
        for age in ages_ms
    )


def _ledger(slots: tuple[Slot, ...] = (), now: int = NOW) -> Ledger:
    return Ledger(account="default", api="trigger", now=now, slots=slots)


def _decide(
    ledger: Ledger,
    *lanes: Lane,
    budget: int = 95,
    batch: int = 200,
    in_flight: int = 0,
    now: int | None = None,
    due_cap_calls: int = DUE_CAP_CALLS,
) -> Decision:
    return pace(
        ledger,
        lanes,
        budget=budget,
        batch=batch,
        window_ms=WINDOW_MS,
        now=ledger.now if now is None else now,
        in_flight=in_flight,
        due_cap_calls=due_cap_calls,
    )


def test_a_lone_lead_goes_at_once() -> None:
    assert _decide(_ledger(), _lane()) == Go(lane_id=1)


def test_without_work_there_is_nothing_to_wait_for_but_the_next_lead() -> None:
    assert _decide(_ledger()) == Wait(until=None)
    assert _decide(_ledger(), _lane(due=0, next_at=NOW + 5), _lane(2, due=0, next_at=NOW + 9)) == Wait(until=NOW + 5)


def test_four_calls_in_flight_are_enough() -> None:
    assert _decide(_ledger(), _lane(), in_flight=3) == Go(lane_id=1)
    assert _decide(_ledger(), _lane(), in_flight=4) == Wait(until=None)


def test_a_full_window_waits_for_the_first_slot_to_come_back() -> None:
    slots = _used(2, *range(1_000, 96_000, 1_000))
    assert len(slots) == 95
    assert _decide(_ledger(slots), _lane()) == Wait(until=NOW - 95_000 + 300 + WINDOW_MS)


def test_a_lock_a_breaker_and_a_probe_in_flight_stop_every_lane() -> None:
    ledger = _ledger()
    assert _decide(replace(ledger, locked_until=NOW + 7), _lane()) == Wait(until=NOW + 7)
    assert _decide(replace(ledger, breaker_until=NOW + 8, locked_until=NOW + 7), _lane()) == Wait(until=NOW + 8)
    assert _decide(replace(ledger, probing=True), _lane()) == Wait(until=None)
    assert _decide(replace(ledger, breaker_until=NOW, locked_until=NOW - 1), _lane()) == Go(lane_id=1)


def test_a_held_lane_waits_for_its_probe_and_then_makes_one_call() -> None:
    held = replace(_lane(), held_reason="inactive", held_since=NOW - 9, probe_at=NOW + 50)
    assert _decide(_ledger(), held) == Wait(until=NOW + 50)
    due = replace(held, probe_at=NOW)
    assert _decide(_ledger(), due) == Go(lane_id=1)
    assert _decide(_ledger(_used(1, 100, answered=False)), due, in_flight=1) == Wait(until=None)
    assert _decide(_ledger(), replace(held, probe_at=None)) == Wait(until=None)


def test_a_held_lane_takes_no_turn_from_the_others() -> None:
    slots = _used(1, *range(0, 60_000, 1_000))
    alone = _decide(_ledger(slots), _lane())
    held = replace(_lane(2), held_reason="inactive", held_since=NOW, probe_at=NOW + 999_999)
    assert isinstance(alone, Wait)
    assert _decide(_ledger(slots), _lane(), held) == alone


def test_the_lane_that_has_waited_longest_goes() -> None:
    assert _decide(_ledger(), _lane(1, oldest_at=NOW - 5), _lane(2, oldest_at=NOW - 6)) == Go(lane_id=2)


def test_a_lane_that_called_just_now_waits_its_turn_and_a_quiet_one_passes() -> None:
    slots = _used(1, *range(0, 30_000, 1_000))
    assert isinstance(_decide(_ledger(slots), _lane(1)), Wait)
    assert _decide(_ledger(slots), _lane(1, oldest_at=0), _lane(2)) == Go(lane_id=2)


def test_the_pace_is_the_even_spacing_that_never_runs_into_the_limit() -> None:
    # 51 slots used by this lane, all back after 200 s: 42.5 of the 44 free ones must do until then.
    slots = tuple(Slot(started_at=NOW - 100_300, answered_at=NOW - 100_000, lane_id=1) for _ in range(50))
    slots += _used(1, 0)
    decision = _decide(_ledger(slots), _lane(1))
    # The wait shrinks as time passes: t = (200 s - t) / 42.5.
    assert decision == Wait(until=NOW + 4_598)


def test_the_last_slots_are_for_lanes_below_their_share() -> None:
    slots = _used(1, *range(100_000, 193_000, 1_000))
    assert len(slots) == 93
    busy, quiet = _lane(1, oldest_at=0), _lane(2, oldest_at=NOW - COMPANY_MS)
    assert isinstance(_decide(_ledger(slots), busy), Wait)
    assert _decide(_ledger(slots), busy, quiet) == Go(lane_id=2)


def test_full_calls_go_at_once_while_they_need_little_of_what_is_free() -> None:
    slots = _used(1, *range(0, 40_000, 1_000))
    assert _decide(_ledger(slots), _lane(1, due=200)) == Go(lane_id=1)
    assert isinstance(_decide(_ledger(slots), _lane(1, due=199)), Wait)
    assert isinstance(_decide(_ledger(slots), _lane(1, due=1), batch=1), Wait)


def test_a_count_at_its_cap_may_be_an_import_of_any_size() -> None:
    slots = _used(1, *range(0, 4_000, 1_000))
    assert _decide(_ledger(slots), _lane(1, due=4_000)) == Go(lane_id=1)
    assert isinstance(_decide(_ledger(slots), _lane(1, due=4_000), due_cap_calls=20), Wait)


def test_all_classes_count_as_due() -> None:
    slots = _used(1, *range(0, 40_000, 1_000))
    mixed = replace(_lane(1), due={LIVE: 100, BULK: 100})
    assert _decide(_ledger(slots), mixed) == Go(lane_id=1)


def test_a_lane_of_live_leads_goes_before_one_that_has_only_others() -> None:
    old_import = replace(_lane(1, oldest_at=0), due={Priority.WAITING: 3, BULK: 300})
    slots = _used(1, 60_000)
    assert _decide(_ledger(slots), old_import) == Go(lane_id=1)
    assert _decide(_ledger(slots), old_import, _lane(2)) == Go(lane_id=2)


def test_an_import_leaves_the_slots_that_live_leads_are_expected_to_want() -> None:
    # Ten live lanes made 70 calls, the import 10; all come back in 100 s, for which live lanes want about 23 more.
    slots = tuple(
        Slot(started_at=NOW - 200_000, answered_at=NOW - 200_000, lane_id=lane_id % 10 + 2) for lane_id in range(70)
    )
    slots += tuple(Slot(started_at=NOW - 200_000, answered_at=NOW - 200_000, lane_id=1) for _ in range(10))
    endless = {BULK: DUE_CAP_CALLS * 200}
    assert isinstance(_decide(_ledger(slots), replace(_lane(1, oldest_at=0), due=endless)), Wait)
    assert _decide(_ledger(slots), replace(_lane(1, oldest_at=0), due={LIVE: 1, **endless})) == Go(lane_id=1)
    assert _decide(_ledger(slots), replace(_lane(1, oldest_at=0), due={BULK: 199})) == Go(lane_id=1)


def test_an_import_that_made_no_call_in_the_whole_window_takes_its_turn_among_live_lanes() -> None:
    slots = tuple(slot for lane_id in range(2, 12) for slot in _used(lane_id, *range(150_000, 159_000, 1_000)))
    starved = replace(_lane(1, oldest_at=NOW - 400_000), due={BULK: DUE_CAP_CALLS * 200})
    assert _decide(_ledger(slots), starved, _lane(2)) == Go(lane_id=1)


def test_a_window_that_shows_slots_unused_allows_a_longer_burst() -> None:
    burst = _used(1, 4_000, 3_000, 2_000, 1_000)
    assert isinstance(_decide(_ledger(burst), _lane(1)), Wait)
    assert _decide(_ledger(_used(2, 290_000) + burst), _lane(1)) == Go(lane_id=1)


def test_a_lead_waits_a_few_seconds_for_company_where_slots_are_scarce() -> None:
    # 85 calls were made and none comes back within 100 s: 8.5 slots must do, 11.8 s apart: 5.4 s beyond two even ones.
    slots = tuple(Slot(started_at=NOW - 200_000, answered_at=NOW - 200_000, lane_id=1 + n % 5) for n in range(85))
    assert _decide(_ledger(slots), _lane(2, oldest_at=NOW)) == Wait(until=NOW + 4_876)
    assert _decide(_ledger(slots), _lane(2, oldest_at=NOW - COMPANY_MS)) == Go(lane_id=2)


@pytest.mark.parametrize(("own", "waits"), [(0, False), (5, False), (6, True)])
def test_a_lane_that_hardly_calls_next_to_a_huge_one_waits_for_no_company(own: int, waits: bool) -> None:
    # The huge lane made 79 or more of 85 calls: ten times two calls more than the other's own are below that up to 5.
    slots = tuple(
        Slot(started_at=NOW - 200_000, answered_at=NOW - 200_000, lane_id=2 if n < own else 1) for n in range(85)
    )
    decision = _decide(_ledger(slots), _lane(2, oldest_at=NOW))
    assert isinstance(decision, Wait) is waits


@pytest.mark.parametrize(("own", "waits"), [(5, False), (6, True)])
def test_a_lane_that_hardly_calls_next_to_a_huge_one_waits_for_no_turn(own: int, waits: bool) -> None:
    slots = _used(1, *range(200_000, 200_079)) + _used(2, *range(1, own + 1))
    decision = _decide(_ledger(slots), _lane(2, oldest_at=NOW - COMPANY_MS))
    assert isinstance(decision, Wait) is waits


def test_a_bulk_lane_takes_its_turn_however_few_its_calls() -> None:
    slots = _used(1, *range(200_000, 200_079)) + _used(2, 1, 2)
    bulk = replace(_lane(2, oldest_at=NOW - COMPANY_MS), due={BULK: 1})
    assert isinstance(_decide(_ledger(slots), bulk), Wait)


def test_a_lane_nearly_as_busy_as_the_busiest_waits_its_whole_turn() -> None:
    own = _used(1, *range(1_000, 42_000, 1_000))
    others = (_used(2, *range(100_000, 141_000, 1_000)), _used(None, *range(141_000, 144_000, 1_000)))
    lane = _lane(1, oldest_at=NOW - COMPANY_MS)
    next_to_an_equal = _decide(_ledger(sum(others, own)), lane)
    next_to_a_busier_one = _decide(_ledger(own + _used(2, *range(100_000, 144_000, 1_000))), lane)
    assert isinstance(next_to_an_equal, Wait)
    assert next_to_a_busier_one == next_to_an_equal


def test_an_import_goes_on_while_a_slot_counts_that_should_be_back() -> None:
    slots = _used(2, WINDOW_MS + 5_000, 100_000) + _used(1, 50_000)
    imported = replace(_lane(1, oldest_at=0), due={BULK: DUE_CAP_CALLS * 200})
    assert _decide(_ledger(slots), imported) == Go(lane_id=1)


@st.composite
def _situations(draw: st.DrawFn) -> tuple[Ledger, tuple[Lane, ...], int, int]:
    budget = draw(st.integers(1, 20))
    batch = draw(st.sampled_from([1, 5]))
    starts = draw(st.lists(st.integers(0, WINDOW_MS), max_size=budget + 3))
    slots = tuple(
        Slot(
            started_at=NOW - age,
            answered_at=draw(st.sampled_from([None, NOW - age, NOW - age // 2])),
            lane_id=draw(st.sampled_from([None, 1, 2, 3])),
        )
        for age in starts
    )
    lanes = tuple(
        Lane(
            lane_id=lane_id,
            target=Target(api="trigger"),
            due={LIVE: draw(st.integers(0, 2 * batch)), BULK: draw(st.integers(0, 2 * batch))},
            oldest_at=NOW - draw(st.integers(0, 1_000_000)),
            next_at=draw(st.none() | st.integers(NOW - 5, NOW + 100_000)),
            held_reason=draw(st.sampled_from(["", "", "inactive"])),
            probe_at=draw(st.none() | st.integers(NOW - 5, NOW + 100_000)),
        )
        for lane_id in draw(st.lists(st.integers(1, 4), unique=True))
    )
    return _ledger(slots), lanes, budget, batch


@given(_situations())
def test_never_more_calls_than_the_budget_and_never_a_wait_for_the_past(
    situation: tuple[Ledger, tuple[Lane, ...], int, int],
) -> None:
    ledger, lanes, budget, batch = situation
    decision = _decide(ledger, *lanes, budget=budget, batch=batch)
    match decision:
        case Go(lane_id=lane_id):
            assert len(ledger.slots) < budget
            lane = next(lane for lane in lanes if lane.lane_id == lane_id)
            assert sum(lane.due.values()) > 0
            assert not lane.held_reason or (lane.probe_at or NOW + 1) <= NOW
        case Wait(until=until):
            assert until is None or until > NOW


@given(_situations())
def test_the_time_to_wait_is_the_first_at_which_the_answer_changes(
    situation: tuple[Ledger, tuple[Lane, ...], int, int],
) -> None:
    ledger, lanes, budget, batch = situation
    decision = _decide(ledger, *lanes, budget=budget, batch=batch)
    if not isinstance(decision, Wait) or decision.until is None:
        return
    for at in {NOW + 1, (NOW + decision.until) // 2, decision.until - 1}:
        if NOW < at < decision.until:
            assert isinstance(_decide(ledger, *lanes, budget=budget, batch=batch, now=at), Wait)
