"""The pacing rule at work, in simulated time: whatever arrives and however long calls take."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import cycle, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.model import Lane, Ledger, Priority, Slot, Target
from bridge.zoho.pacing import Decision, Go, pace

WINDOW_MS = 300_000
BULK_LANE = 3
LIVE, BULK = Priority.LIVE, Priority.BULK


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was sent: when, for which lane, how many leads."""

    at: int
    lane_id: int
    count: int


@dataclass(kw_only=True)
class World:
    """Leads of lanes 1 and 2 are live, those of the others bulk. `took_ms` is how long the calls take, in turn."""

    arrivals: list[tuple[int, int]]
    budget: int
    batch: int
    took_ms: list[int]
    now: int = 0
    made: list[Slot] = field(default_factory=list)

    def play(self, until: int | None = None) -> list[Call]:
        """Every call up to `until`, or until the last lead is sent."""
        waiting = {
            lane: sorted(at for one, at in self.arrivals if one == lane) for lane in {lane for lane, _ in self.arrivals}
        }
        took = cycle(self.took_ms)
        calls: list[Call] = []
        for _ in range(20_000):
            if not any(waiting.values()) or (until is not None and self.now >= until):
                return calls
            decision = self._decide(waiting)
            if isinstance(decision, Go):
                times = waiting[decision.lane_id]
                count = min(self.batch, sum(at <= self.now for at in times))
                assert count > 0
                del times[:count]
                calls.append(Call(at=self.now, lane_id=decision.lane_id, count=count))
                self.made.append(
                    Slot(
                        started_at=self.now,
                        answered_at=self.now + next(took),
                        lane_id=decision.lane_id,
                        is_bulk=decision.lane_id >= BULK_LANE,
                    )
                )
            else:
                ends = [slot.answered_at for slot in self.made if slot.answered_at is not None]
                times = [*ends, *(at for of_lane in waiting.values() for at in of_lane)]
                times += [decision.until] if decision.until is not None else []
                self.now = min(time for time in times if time > self.now)
        pytest.fail("the deliveries never came to an end")

    def _decide(self, waiting: dict[int, list[int]]) -> Decision:
        counted = [slot for slot in self.made if (slot.answered_at or 0) + WINDOW_MS > self.now]
        slots = tuple(
            slot if (slot.answered_at or 0) <= self.now else replace(slot, answered_at=None) for slot in counted
        )
        return pace(
            Ledger(account="default", api="trigger", now=self.now, slots=slots),
            [self._lane(lane_id, times) for lane_id, times in waiting.items() if times],
            budget=self.budget,
            batch=self.batch,
            window_ms=WINDOW_MS,
            now=self.now,
            in_flight=sum(slot.answered_at is None for slot in slots),
        )

    def _lane(self, lane_id: int, times: list[int]) -> Lane:
        due = sum(at <= self.now for at in times)
        kind = BULK if lane_id >= BULK_LANE else LIVE
        oldest_at = times[0] if due else None
        return Lane(lane_id=lane_id, target=Target(api="trigger"), due={kind: due}, oldest_at=oldest_at, next_at=None)

    def most_in_a_window(self) -> int:
        """The most calls that held a slot at once: each from its start until a window after its answer."""
        return max(
            sum(other.started_at <= slot.started_at < (other.answered_at or 0) + WINDOW_MS for other in self.made)
            for slot in self.made
        )


@settings(max_examples=40)
@given(
    arrivals=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 400_000)), min_size=1, max_size=60),
    budget=st.integers(1, 12),
    batch=st.sampled_from([1, 5]),
    took_ms=st.lists(st.integers(1, 30_000), min_size=1, max_size=5),
)
def test_every_lead_is_sent_in_the_end_and_no_window_ever_holds_more_than_the_budget(
    arrivals: list[tuple[int, int]], budget: int, batch: int, took_ms: list[int]
) -> None:
    world = World(arrivals=arrivals, budget=budget, batch=batch, took_ms=took_ms)
    calls = world.play()
    assert sum(call.count for call in calls) == len(arrivals)
    assert world.most_in_a_window() <= budget


@settings(max_examples=10)
@given(budget=st.integers(8, 24), took_ms=st.lists(st.integers(100, 5_000), min_size=1, max_size=3))
def test_no_lane_starves_where_more_arrives_than_can_be_sent(budget: int, took_ms: list[int]) -> None:
    end = 4 * WINDOW_MS
    live = [(lane, at) for lane in (1, 2) for at in range(0, end, 2 * WINDOW_MS // budget)]
    imported = [(BULK_LANE, 50_000)] * 300
    calls = World(arrivals=live + imported, budget=budget, batch=1, took_ms=took_ms).play(until=end)
    for lane_id in (1, 2, BULK_LANE):
        starts = [50_000, *(call.at for call in calls if call.lane_id == lane_id and call.at > 50_000), end]
        assert max(later - earlier for earlier, later in pairwise(starts)) <= 2 * WINDOW_MS


def _waited(arrivals: list[tuple[int, int]], calls: list[Call]) -> list[tuple[int, int]]:
    """The leads, as lane and time of arrival, that were not sent the moment they came."""
    sent = {(call.lane_id, call.at) for call in calls}
    return [arrival for arrival in arrivals if arrival not in sent]


def test_live_leads_pass_an_import_that_would_fill_every_window() -> None:
    live = [(1 + at // 20_000 % 2, at) for at in range(0, 1_200_000, 20_000)]
    world = World(arrivals=[*live, *[(BULK_LANE, 310_000)] * 400], budget=40, batch=5, took_ms=[300])
    calls = world.play(until=1_200_000)
    assert len(_waited(live, calls)) <= 1
    assert sum(call.count for call in calls if call.lane_id == BULK_LANE) >= 200


def test_live_leads_pass_an_import_that_trickles_in() -> None:
    live = [(1 + at // 20_000 % 2, at) for at in range(0, 1_200_000, 20_000)]
    trickle = [(BULK_LANE, at) for at in range(310_000, 1_200_000, 3_000)]
    world = World(arrivals=live + trickle, budget=40, batch=200, took_ms=[300])
    calls = world.play(until=1_200_000)
    assert len(_waited(live, calls)) <= 1
    assert sum(call.count for call in calls if call.lane_id == BULK_LANE) >= 250


def test_live_leads_pass_imports_of_many_lanes_and_none_of_these_starves() -> None:
    live = [(1 + at // 15_000 % 2, at) for at in range(0, 1_500_000, 15_000)]
    imported = [(lane, 300_000 + 1_000 * lane) for lane in range(10, 50)]
    world = World(arrivals=live + imported, budget=40, batch=200, took_ms=[300])
    calls = world.play(until=1_500_000)
    assert len(_waited(live, calls)) <= 2
    assert {call.lane_id for call in calls} == {1, 2, *range(10, 50)}
