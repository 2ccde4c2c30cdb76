from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model import Lane, Ledger, Priority, Slot, Target
from bridge.zoho.pacing import DUE_CAP_LEADS, Decision, Go, Wait, due_cap, pace

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


def _used(lane_id: int | None, *ages_ms: int, answered: bool = True, bulk: bool = False) -> tuple[Slot, ...]:
    return tuple(
        Slot(started_at=NOW - age, answered_at=NOW - age + 300 if answered else None, lane_id=lane_id, is_bulk=bulk)
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
) -> Decision:
    return pace(
        ledger,
        lanes,
        budget=budget,
        batch=batch,
        window_ms=WINDOW_MS,
        now=ledger.now if now is None else now,
        in_flight=in_flight,
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


def test_a_lane_that_called_often_just_now_waits_and_a_quiet_one_passes() -> None:
    slots = _used(1, *range(0, 40_000, 1_000))
    assert isinstance(_decide(_ledger(slots), _lane(1)), Wait)
    assert _decide(_ledger(slots), _lane(1, oldest_at=0), _lane(2)) == Go(lane_id=2)


def test_the_pace_is_the_even_spacing_that_never_runs_into_the_limit() -> None:
    # 71 slots used by this lane; 70 come back in 200 s. The 24 free ones must do until then: t = (200 s - t) / 24.
    slots = tuple(Slot(started_at=NOW - 100_300, answered_at=NOW - 100_000, lane_id=1) for _ in range(70))
    slots += _used(1, 0)
    assert _decide(_ledger(slots), _lane(1)) == Wait(until=NOW + 8_000)


def test_full_calls_leave_the_last_slot_to_small_lanes() -> None:
    slots = (*_used(1, *range(100_000, 191_000, 1_000)), *_used(2, 200_000), *_used(1, 0))
    huge, small = _lane(1, due=200, oldest_at=0), _lane(2)
    assert _decide(_ledger(slots), huge) == Go(lane_id=1)  # two are free
    slots += _used(1, 0)
    assert isinstance(_decide(_ledger(slots), huge), Wait)
    assert _decide(_ledger(slots), huge, small) == Go(lane_id=2)


def test_full_calls_go_at_once() -> None:
    slots = _used(1, *range(0, 40_000, 1_000))
    assert _decide(_ledger(slots), _lane(1, due=200)) == Go(lane_id=1)
    assert isinstance(_decide(_ledger(slots), _lane(1, due=199)), Wait)
    assert _decide(_ledger(slots), _lane(1, due=1), batch=1) == Go(lane_id=1)


def test_a_call_that_fills_quickly_waits_to_be_full_and_a_slow_one_does_not() -> None:
    # Half full after 500 ms, it is full in another 500, less than an even pace (3.2 s). With one lead in 500 ms not.
    slots = _used(1, 500)
    assert isinstance(_decide(_ledger(slots), _lane(1, due=100)), Wait)
    assert _decide(_ledger(slots), _lane(1, due=1)) == Go(lane_id=1)


def test_all_priorities_count_as_due() -> None:
    slots = _used(1, *range(0, 40_000, 1_000))
    mixed = replace(_lane(1), due={LIVE: 100, BULK: 100})
    assert _decide(_ledger(slots), mixed) == Go(lane_id=1)


def test_a_lane_of_live_leads_goes_before_one_that_has_only_others() -> None:
    old_import = replace(_lane(1, oldest_at=0), due={Priority.WAITING: 3, BULK: 300})
    slots = _used(1, 60_000)
    assert _decide(_ledger(slots), old_import) == Go(lane_id=1)
    assert _decide(_ledger(slots), old_import, _lane(2)) == Go(lane_id=2)


def test_a_backlog_that_fits_the_free_slots_goes_at_once_and_a_longer_one_leaves_some_free() -> None:
    # 95 less 85, the next call and 8.55 are some left; with one more slot used there are none.
    slots = _used(1, *range(100_000, 185_000, 1_000), bulk=True)
    endless = replace(_lane(1, oldest_at=0), due={BULK: DUE_CAP_LEADS})
    assert _decide(_ledger(slots), endless) == Go(lane_id=1)
    slots += _used(2, 0)
    assert isinstance(_decide(_ledger(slots), endless), Wait)
    assert _decide(_ledger(slots), replace(endless, due={BULK: 9 * 200})) == Go(lane_id=1)
    assert isinstance(_decide(_ledger(slots), replace(endless, due={BULK: 9 * 200 + 1})), Wait)


def test_leads_that_trickle_in_do_not_go_at_once_because_they_fit() -> None:
    slots = _used(1, *range(100_000, 185_000, 1_000), bulk=True) + _used(2, 0)
    waiting_before = replace(_lane(1, oldest_at=NOW - 100_000), due={BULK: 1})
    assert _decide(_ledger(slots), waiting_before) == Go(lane_id=1)
    assert isinstance(_decide(_ledger(slots), replace(waiting_before, oldest_at=NOW - 99_999)), Wait)


@pytest.mark.parametrize(("live", "waits"), [(62, False), (63, True)])
def test_an_import_leaves_what_live_calls_take_and_a_share_of_the_budget(live: int, waits: bool) -> None:
    # 95 less these, the import's own two, the next call and 8.55 must do for the live ones until theirs come back.
    slots = tuple(Slot(started_at=NOW - 200_000, answered_at=NOW - 200_000, lane_id=2) for _ in range(live))
    endless = replace(_lane(1, oldest_at=0), due={BULK: 80 * 200})
    assert isinstance(_decide(_ledger(slots + _used(1, 0, 0, bulk=True)), endless), Wait) is waits


@pytest.mark.parametrize(("imported", "waits"), [(5, False), (6, True)])
def test_an_import_takes_live_calls_to_go_on_as_fast_as_just_now(imported: int, waits: bool) -> None:
    # 20 calls in a quarter of the window are 60 in the rest of it: 95 less 20, its own, the next one and 8.55.
    slots = tuple(Slot(started_at=NOW, answered_at=NOW, lane_id=2) for _ in range(20))
    endless = replace(_lane(1, oldest_at=0), due={BULK: 80 * 200})
    assert isinstance(_decide(_ledger(slots + _used(1, *[0] * imported, bulk=True)), endless), Wait) is waits


@pytest.mark.parametrize(("imported", "waits"), [(8, False), (9, True)])
def test_the_first_calls_of_many_bulk_lanes_go_like_live_ones_up_to_their_share(imported: int, waits: bool) -> None:
    # 9 % of 95 are 8.55. The window is full of live calls but for a slot, so what counts as bulk waits.
    slots = _used(9, *range(100_000, 100_000 + 94 - imported)) + tuple(
        slot for lane_id in range(20, 20 + imported) for slot in _used(lane_id, 50_000 + lane_id, bulk=True)
    )
    first = replace(_lane(1, oldest_at=0), due={BULK: 200})
    assert isinstance(_decide(_ledger(slots), first), Wait) is waits


def test_calls_of_an_import_are_not_taken_for_live_ones_once_it_has_nothing_due() -> None:
    other = replace(_lane(2, oldest_at=NOW - 10), due={BULK: 80 * 200})
    imported = _used(1, *range(60), bulk=True) + _used(2, 20_000, bulk=True)
    assert _decide(_ledger(imported), other) == Go(lane_id=2)
    assert isinstance(_decide(_ledger(_used(1, *range(60)) + _used(2, 20_000, bulk=True)), other), Wait)


@pytest.mark.parametrize(("budget", "batch", "cap"), [(95, 200, 4_800), (475, 1, 475), (20, 10, 200)])
def test_no_more_leads_are_counted_than_a_budget_of_full_calls_takes(budget: int, batch: int, cap: int) -> None:
    assert due_cap(budget, batch) == cap


def test_a_burst_takes_a_quarter_of_the_budget() -> None:
    assert _decide(_ledger(_used(1, *range(500, 2_800, 100))), _lane(1)) == Go(lane_id=1)
    assert isinstance(_decide(_ledger(_used(1, *range(500, 2_900, 100))), _lane(1)), Wait)


@pytest.mark.parametrize(("own", "waits"), [(0, False), (21, False), (22, True)])
def test_a_lane_that_hardly_calls_next_to_a_huge_one_waits_for_nothing(own: int, waits: bool) -> None:
    # Up to a quarter of the 90 calls of the huge lane it goes at once, this call counted.
    slots = _used(1, *range(200_000, 200_090)) + _used(2, *range(1, own + 1))
    assert isinstance(_decide(_ledger(slots), _lane(2), budget=115), Wait) is waits


def test_an_import_goes_on_while_a_slot_counts_that_should_be_back() -> None:
    slots = _used(2, WINDOW_MS + 5_000, 100_000) + _used(1, 50_000)
    imported = replace(_lane(1, oldest_at=0), due={BULK: DUE_CAP_LEADS})
    assert _decide(_ledger(slots), imported) == Go(lane_id=1)


def test_a_partial_call_of_an_import_waits_for_the_pace_that_lasts_and_a_full_one_does_not() -> None:
    # The pace that lasts is that of its slot, which comes back 300.3 s after the start: with 94 free, 300.3 s / 95 from
    # that start on.
    nearly_full = replace(_lane(1), due={BULK: 199})
    assert _decide(_ledger(_used(1, 500, bulk=True)), nearly_full) == Wait(until=NOW - 500 + 3_162)
    assert _decide(_ledger(_used(1, 3_162, bulk=True)), nearly_full) == Go(lane_id=1)
    assert _decide(_ledger(_used(1, 500, bulk=True)), replace(nearly_full, due={BULK: 200})) == Go(lane_id=1)
    assert _decide(_ledger(_used(1, 500, bulk=True)), replace(nearly_full, oldest_at=NOW - 500)) == Go(lane_id=1)


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
            is_bulk=draw(st.booleans()),
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
