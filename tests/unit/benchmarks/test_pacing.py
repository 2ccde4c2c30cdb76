from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.pacing import bounds
from benchmarks.pacing.compare import compare
from benchmarks.pacing.families import FAMILIES, Instance, draw
from benchmarks.pacing.figures import figures, score
from benchmarks.pacing.pairs import DRAIN_GOAL, pairs
from benchmarks.pacing.simple import SIMPLE, TokenBucket
from benchmarks.pacing.simulate import Limits, simulate
from benchmarks.pacing.step import draw as draw_step
from benchmarks.pacing.step import spreads, step_run
from benchmarks.pacing.targets import TARGETS
from benchmarks.pacing.traces import CHECKSUMS, TRACES, Trace, make_trace, read_trace
from bridge.zoho.pacing import pace

REPOSITORY = Path(__file__).parents[3]
LIMITS = Limits(budget=95, batch=200)


@pytest.mark.parametrize("name", CHECKSUMS)
def test_every_trace_is_rebuilt_to_the_last_millisecond(name: str) -> None:
    assert make_trace(name).checksum() == CHECKSUMS[name]


def test_every_target_belongs_to_a_trace() -> None:
    assert {target.trace for target in TARGETS} <= set(TRACES)


def test_light_traffic_never_waits() -> None:
    run = simulate(make_trace("light"), LIMITS)
    assert run.live[-1] <= 2_000
    assert run.live[len(run.live) * 99 // 100] == 300
    assert run.max_in_window <= 95


def test_a_backlog_found_at_a_restart_goes_at_once_and_few_live_leads_wait() -> None:
    run = simulate(make_trace("restart"), LIMITS)
    assert run.drain_ms is not None
    assert run.drain_ms <= 1_500
    assert run.live[len(run.live) * 95 // 100 - 1] <= 300


def test_leads_of_a_launch_share_calls_and_live_ones_never_wait() -> None:
    run = simulate(make_trace("launch"), LIMITS)
    assert run.live[-1] == 300
    assert run.drain_ms is not None
    assert run.drain_ms <= 125_000
    assert run.bulk[-1] <= 10_000


@pytest.mark.parametrize("text", ["BURST=0", "BURST=2", "FILL_PACES=", "FILL_PACES=nan", "DUE_CAP_LEADS=1"])
def test_a_constant_that_cannot_be_set_is_refused_with_those_that_can(text: str) -> None:
    command = [sys.executable, "-m", "benchmarks.pacing", "--only", "launch", "--set", text]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{text!r}: write one of BURST, FILL_PACES" in done.stderr


def test_a_constant_can_be_set_to_see_what_it_is_worth() -> None:
    command = [sys.executable, "-m", "benchmarks.pacing", "--only", "launch", "--json"]
    shipped, changed = (
        json.loads(subprocess.run([*command, *more], cwd=REPOSITORY, capture_output=True, check=True).stdout)
        for more in ([], ["--set", "KEPT_FROM_BULK=0.5"])
    )
    assert changed["traces"]["launch"] != shipped["traces"]["launch"]


@settings(max_examples=settings().max_examples // 50)
@given(
    leads=st.just(18_000) | st.integers(8_000, 18_000),
    within_ms=st.integers(5_000, 20_000),
    first=st.integers(0, 280_000),
    apart=st.integers(2_000, 20_000),
    lanes=st.integers(1, 3),
)
@example(leads=18_000, within_ms=11_000, first=60_000, apart=6_000, lanes=1)
@example(leads=18_000, within_ms=11_000, first=75_500, apart=6_000, lanes=1)
def test_three_fresh_leads_next_to_thousands_of_others_go_at_once(
    leads: int, within_ms: int, first: int, apart: int, lanes: int
) -> None:
    # 18,000 leads take 91 calls of 95, most of them in their first seconds; none is back for five minutes.
    live = {0: [within_ms * number // leads for number in range(leads)]}
    for number in range(3):
        live.setdefault(1 + number % lanes, []).append(first + number * apart)
    run = simulate(Trace(name="fresh", live=live, bulk={}), LIMITS)
    assert run.max_in_window <= 95
    for lane_id in range(1, lanes + 1):
        for at in live[lane_id]:
            assert min(call.at for call in run.calls if call.lane_id == lane_id and call.at >= at) - at <= 2_000


def test_the_figures_of_a_run_by_hand() -> None:
    trace = Trace(name="two", live={1: [0]}, bulk={1: [0, 0, 500]})
    run = simulate(trace, LIMITS)
    assert run.live == [300]
    assert len(run.calls) == 2
    found = figures(run)
    assert found["live"] == {"p50": 0.3, "p99": 0.3, "max": 0.3}
    assert found["mean_fill"] == 2.0
    assert found["max_in_window"] == 2
    assert found["drain"] == max(run.bulk) / 1000 + 0.5


def test_the_score_is_the_geometric_mean_and_the_worst_of_the_ratios() -> None:
    run = simulate(Trace(name="restart", live={1: [0]}, bulk={2: [0]}), LIMITS)
    mean, worst = score({"restart": [run]})
    assert worst == pytest.approx(0.3 / 1.5)
    assert mean == pytest.approx((0.3 / 5.5 * 0.3 / 1.5) ** 0.5)


def test_the_command_prints_one_json_object_for_a_trace_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("at_ms,lane,bulk\n500,1,0\n0,1,0\n0,2,1\n0,2,1\n")
    command = [sys.executable, "-m", "benchmarks.pacing", "--trace", str(path), "--json", "--round-trip", "0.2"]
    done = subprocess.run(
        [*command, "--budget", "10", "--batch", "1"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert set(found) == {"live", "bulk", "drain", "calls", "max_in_window", "mean_fill"}
    assert found["live"]["p50"] == 0.2
    assert found["calls"] == 4
    assert found["max_in_window"] == 4
    assert found["drain"] == found["bulk"]["max"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("at_ms,lane\n0,1\n", "lacks bulk"),
        ("at_ms,lane,bulk\n", "has no leads"),
        ("at_ms,lane,bulk\n0,1,0\n5,1,yes\n", "line 3: bulk is 'yes'; write 1 or 0"),
        ("at_ms,lane,bulk\n0,1,\n", "line 2: bulk is ''"),
        ("at_ms,lane,bulk\n1.5,1,0\n", "line 2: at_ms is '1.5'; write whole milliseconds"),
        ("at_ms,lane,bulk\n-1,1,0\n", "line 2: at_ms is '-1'"),
    ],
)
def test_a_file_that_is_no_trace_is_refused_by_its_place(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"bad\.csv.* {re.escape(problem)}"):
        read_trace(path)


def test_families_are_drawn_alike_from_a_seed_and_no_rule_exceeds_a_budget() -> None:
    first, again = list(draw(7, 2)), list(draw(7, 2))
    assert [one.trace.checksum() for one in first] == [one.trace.checksum() for one in again]
    assert {one.family for one in first} == set(FAMILIES)
    compared = compare(min(first, key=lambda one: one.trace.lead_count))
    assert compared.is_within_budget
    assert compared.best_ms >= compared.bound_ms


@cache
def drawn() -> list[Instance]:
    """A few small traces of every family."""
    return [one for one in draw(7, 6) if one.trace.lead_count < 500]


@pytest.mark.parametrize("family", FAMILIES)
def test_no_rule_passes_a_bound(family: str) -> None:
    for one in (one for one in drawn() if one.family == family):
        bound = bounds.live_p99_ms(one.trace, one.limits)
        for name in ("the shipping rule", *SIMPLE):
            rule = TokenBucket(SIMPLE[name][0], in_turn=SIMPLE[name][1]) if name in SIMPLE else pace
            run = simulate(one.trace, one.limits, rule)
            p99 = run.live[-(-len(run.live) * 99 // 100) - 1] if run.live else 0
            assert p99 >= bound, name
            assert run.drain_ms is None or run.drain_ms >= bounds.drain_ms(one.trace, one.limits, p99), name


@pytest.mark.parametrize(
    ("batch", "wait", "marked"),
    [(1, 1_000, [0, 0, 5, 900]), (2, 1_000, [0, 5]), (9, 4, [0, 5, 900]), (9, 0, [0, 5, 900])],
)
def test_a_mark_is_set_where_a_call_must_end(batch: int, wait: int, marked: list[int]) -> None:
    assert bounds.marked(Trace(name="four", live={1: [0, 0, 5, 900]}, bulk={}), batch, wait) == marked


def test_no_rule_is_near_the_best_in_both_futures_of_a_pair() -> None:
    for pair in pairs():
        quiet, busy = (future.own_ms / future.best_ms for future in (pair.quiet, pair.busy))
        assert pair.least_ratio > 1.5
        assert quiet > DRAIN_GOAL or busy >= pair.least_ratio
        assert max(quiet, busy) >= pair.least_ratio


def test_after_a_step_in_traffic_waits_settle_window_by_window() -> None:
    first, second, third, *later = spreads(step_run())
    assert first > second > third > max(later)


def test_the_picture_of_the_documentation_is_what_the_command_draws() -> None:
    assert (REPOSITORY / "docs/pacing.svg").read_text() == draw_step()
