"""Measure the shipping pacing rule: `python -m benchmarks.pacing`.

Without options every trace is run and compared with its targets. `--trace FILE.csv --json` runs a trace of your own,
with the columns at_ms,lane,bulk (bulk is 1 or 0), and prints one JSON object. `--families` draws random traffic and
compares the rule with simple ones and with the bounds; half of it is for tuning, the other half is reported. `--draw`
writes the picture of docs/pacing.md. `--waits` prints what a lead waits by load, and next to imports that trickle in.
`--pairs` shows what no rule can reach that does not know the future. `--set NAME=VALUE` plays the rule with another
value of one of its constants.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.pacing.compare import HEAD, rows
from benchmarks.pacing.compare import compare as compare_instance
from benchmarks.pacing.families import FAMILIES, draw
from benchmarks.pacing.figures import compare, faults, figures, score
from benchmarks.pacing.pairs import pairs
from benchmarks.pacing.simulate import Limits, Run, simulate
from benchmarks.pacing.step import draw as draw_step
from benchmarks.pacing.targets import STUDY_SEEDS
from benchmarks.pacing.traces import CHECKSUMS, TRACES, TRIGGER, Trace, make_trace, read_trace
from benchmarks.pacing.waits import LANES, by_load, next_to_trickles
from bridge.zoho import pacing

CONSTANTS = ("BURST", "FILL_PACES", "SMALL", "KEPT_FROM_BULK")
"""What `--set` may change."""
CONSTANTS_HELP = f"another value for a constant of the rule, from 0 to 10; may be repeated: {', '.join(CONSTANTS)}"


def main() -> int:
    """Run what the options ask for; 0 where all is as it must be, 1 where not, 2 on wrong use."""
    options = _options()
    _set(options.set)
    if options.draw:
        options.draw.write_text(draw_step(), encoding="utf-8")
        return 0
    if options.waits:
        return _report_waits(options.seed)
    if options.pairs:
        return _report_pairs()
    if options.families:
        return _report_families(options)
    try:
        traces = _traces(options)
        if options.trace is None:
            return _report(traces, options)
        found = figures(simulate(traces[0], _limits(traces[0], options)))
    except (OSError, ValueError, RuntimeError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(found, indent=None if options.json else 2) + "\n")
    return 0


def _set(constants: list[tuple[str, float]]) -> None:
    for name, value in constants:
        setattr(pacing, name, value)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pacing", description=__doc__)
    parser.add_argument("--trace", type=Path, metavar="FILE.csv", help="run this trace only: at_ms,lane,bulk")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", action="append", choices=sorted(TRACES), help="run this trace only; may be repeated")
    parser.add_argument("--seeds", nargs="*", type=int, metavar="SEED", help="also other seeds (11 12 13 14); medians")
    parser.add_argument("--draw", type=Path, metavar="FILE.svg", help="draw what the rule does after a step in traffic")
    parser.add_argument("--families", action="store_true", help="draw random traffic and compare with simple rules")
    parser.add_argument(
        "--waits", action="store_true", help="what a lead waits by load, and next to a trickling import"
    )
    parser.add_argument("--pairs", action="store_true", help="futures with one past: what no rule can do in both")
    parser.add_argument("--seed", type=int, default=1, help="what the families and waits are drawn from (default 1)")
    parser.add_argument("--instances", type=int, default=48, help="how many are drawn for each family (default 48)")
    parser.add_argument("--tuning", action="store_true", help="report the half for tuning instead of the other")
    parser.add_argument("--set", action="append", type=_constant, default=[], metavar="NAME=VALUE", help=CONSTANTS_HELP)
    parser.add_argument("--budget", type=int, help=f"calls a window (default {TRIGGER[0]})")
    parser.add_argument("--window", type=float, default=300.0, help="the window in seconds (default 300)")
    parser.add_argument("--batch", type=int, help=f"leads a call (default {TRIGGER[1]})")
    parser.add_argument("--round-trip", type=float, default=0.3, help="how long a call takes, in seconds (default 0.3)")
    parser.add_argument("--in-flight", type=int, default=4, help="calls in flight at once (default 4)")
    return parser.parse_args()


def _constant(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if name not in CONSTANTS or not 0 <= number <= 10 or (name == "BURST" and not 0 < number <= 1):
        raise argparse.ArgumentTypeError(
            f"{text!r}: write one of {', '.join(CONSTANTS)}, =, and a number from 0 to 10 (BURST above 0, up to 1)"
        )
    return name, number


def _traces(options: argparse.Namespace) -> list[Trace]:
    if options.trace is not None:
        return [read_trace(options.trace)]
    traces = [make_trace(name) for name in options.only or TRACES]
    for trace in traces:
        if CHECKSUMS.get(trace.name, trace.checksum()) != trace.checksum():
            raise ValueError(f"{trace.name} sums up to {trace.checksum()}, not to {CHECKSUMS[trace.name]}")
    return traces


def _limits(trace: Trace, options: argparse.Namespace) -> Limits:
    budget, batch = trace.limits
    limits = Limits(
        budget=budget if options.budget is None else options.budget,
        batch=batch if options.batch is None else options.batch,
        window_ms=round(options.window * 1000),
        round_trip_ms=round(options.round_trip * 1000),
        in_flight=options.in_flight,
    )
    if min(limits.budget, limits.batch, limits.window_ms, limits.round_trip_ms, limits.in_flight) < 1:
        raise ValueError("budget, batch, window, round trip and calls in flight must all be above zero")
    return limits


def _report(traces: list[Trace], options: argparse.Namespace) -> int:
    """Run the traces, print their figures, then the comparison with the targets."""
    runs = {trace.name: _runs_of(trace, options) for trace in traces}
    mean, worst = score(runs)
    found = faults(runs, {trace.name: _limits(trace, options).budget for trace in traces})
    if options.json:
        by_trace = {name: [figures(run) for run in of_seeds] for name, of_seeds in runs.items()}
        sys.stdout.write(json.dumps({"traces": by_trace, "mean_ratio": mean, "worst_ratio": worst, "faults": found}))
        sys.stdout.write("\n")
    else:
        _print_table(["trace", *FIGURE_NAMES], [_row(name, of_seeds[0]) for name, of_seeds in runs.items()])
        _print_table(["trace", "figure", "measured", "target", "ratio", "best rival of the study"], compare(runs))
        sys.stdout.write(f"geometric mean of measured / target: {mean:.3f}; worst ratio: {worst:.2f}\n")
        sys.stdout.writelines(f"fault: {fault}\n" for fault in found)
    return 1 if found else 0


def _report_families(options: argparse.Namespace) -> int:
    """Compare on one half of the instances, print a row for each family and those beyond 1.5 times the best."""
    drawn = [one for one in draw(options.seed, options.instances) if one.is_held_out is not options.tuning]
    with ProcessPoolExecutor(initializer=_set, initargs=(options.set,)) as processes:
        compared = list(processes.map(compare_instance, drawn))
    half = "tuning" if options.tuning else "held-out"
    sys.stdout.write(
        f"seed {options.seed}, {half} half: {len(drawn)} of {options.instances * len(FAMILIES)} instances\n\n"
    )
    _print_table(list(HEAD), list(rows(compared)))
    for one in sorted((one for one in compared if (one.live or 0) > 1.5), key=lambda one: -(one.live or 0)):
        instance = one.instance
        sys.stdout.write(
            f"{instance.family} {instance.number} (budget {instance.limits.budget}, {instance.limits.batch} a call): "
            f"{one.live:.2f} times the {one.best_ms / 1000:.1f} s of {one.best}; bound {one.bound_ms / 1000:.1f} s\n"
        )
    return 0 if all(one.is_within_budget for one in compared) else 1


def _report_waits(seed: int) -> int:
    """What a live lead waits by load and lanes, and next to an import that trickles in; median / p99 in seconds."""
    _print_table(["load", *(f"lanes: {lanes}" for lanes in LANES)], by_load(seed))
    head = ["load", "a lead of the import every", "live, without it", "live, with it", "its own", "live, were it live"]
    _print_table(head, next_to_trickles(seed))
    return 0


def _report_pairs() -> int:
    """A row for each future, and what every rule must lose in one of two."""
    rows = []
    for pair in pairs():
        for future in (pair.quiet, pair.busy):
            least = f"{pair.least_ratio:.2f}" if future is pair.busy else ""
            figures_ = f"{future.best_ms / 1000:.1f}", f"{future.own_ms / 1000:.1f}"
            rows.append(
                [pair.name, future.name, future.best, *figures_, f"{future.own_ms / future.best_ms:.2f}", least]
            )
    _print_table(["past", "future", "best simple rule", "its figure", "this rule", "ratio", "no rule below"], rows)
    return 0


def _runs_of(trace: Trace, options: argparse.Namespace) -> list[Run]:
    """The trace with its own seed, then with the others."""
    seeds = STUDY_SEEDS if options.seeds == [] else tuple(options.seeds or ())
    others = [] if trace.name == "full" else [make_trace(trace.name, seed) for seed in seeds]
    return [simulate(one, _limits(one, options)) for one in (trace, *others)]


FIGURE_NAMES = ("live p50/p99/max", "bulk p50/p99/max", "drain", "calls", "max in window", "mean fill")


def _row(name: str, run: Run) -> list[str]:
    found = figures(run)
    sides = [
        "/".join(f"{value:.2f}" for value in side.values() if value is not None)
        for side in (found["live"], found["bulk"])
        if isinstance(side, dict)
    ]
    drain = found["drain"]
    rest = [str(found[key]) for key in ("calls", "max_in_window", "mean_fill")]
    return [name, *sides, f"{drain:.1f}" if isinstance(drain, float) else "", *rest]


def _print_table(head: list[str], rows: list[list[str]]) -> None:
    """A table in Markdown, so that it can be pasted into docs/pacing.md."""
    for row in (head, ["---"] * len(head), *rows):
        sys.stdout.write("| " + " | ".join(row) + " |\n")
    sys.stdout.write("\n")


if __name__ == "__main__":
    sys.exit(main())
