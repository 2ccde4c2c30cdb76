"""`python -m tests.reliability`: the long version of what shows that promises are kept, and the table of its figures.

`make reliability` runs it. Ends with 1 when a promise was broken. What is given no time or no kills is "not run".
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from typing import TYPE_CHECKING, Final

from benchmarks.disk import NoCompilerError, compiler
from tests.crash.__main__ import fail_the_power, kill, shown
from tests.fuzz import framing, guided, samples, sockets
from tests.fuzz.targets import TARGETS
from tests.unit.presets import test_wire_forgeries
from tests.unit.presets.test_forgeries import SCHEMES, is_accepted, tried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.crash.harness import Report

    Row = tuple[str, str, bool]

DATABASES: Final = ("sqlite", "postgres")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything, print the table, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="for each fuzzed target and each random run")
    parser.add_argument("--kills", type=int, default=1_000, help="in all, shared by the databases")
    parser.add_argument("--instants", type=int, default=200, help="instants at which the power fails; 0: none")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args(arguments)
    found = list(_rows(options))
    print(f"\nseed {options.seed}, {options.seconds} s a target\n\n| what | figure |\n|---|---|")
    for what, figure, is_clean in found:
        print(f"| {what} | {figure}{'' if is_clean else ' **BROKEN**'} |")
    return 0 if all(is_clean for _, _, is_clean in found) else 1


def _rows(options: argparse.Namespace) -> Iterator[Row]:
    seconds, seed = options.seconds, options.seed
    attacks = [(scheme, forgery) for scheme in SCHEMES.values() for forgery in tried(scheme)]
    accepted = sum(is_accepted(scheme, forgery) for scheme, forgery in attacks)
    streams = test_wire_forgeries.attacks()
    accepted += sum(bool(test_wire_forgeries.accepted_in(name, stream)) for name, _, stream in streams)
    figure = f"{len(attacks) + len(streams):,} tried on {len(SCHEMES)} schemes, {accepted} accepted"
    yield "forgeries", figure, not accepted
    count, alike = framing.run(seed, seconds=seconds)
    yield (
        "framing against gunicorn's parser",
        f"{count:,} streams, {alike:,} requests read alike, 0 differences",
        True,
    )
    with sockets.server() as port:
        count, answered = sockets.run(port, seed, seconds=seconds)
    yield "framing over sockets", f"{count:,} streams, {answered:,} requests answered as read, 0 differences", True
    statuses = samples.run(seed, seconds=seconds)
    yield (
        "changed samples of all presets",
        f"{statuses.total():,} requests, 0 answered 5xx, 0 failures of our own",
        True,
    )
    yield from _fuzzed(seconds)
    yield _power(options.instants, seed)
    if not options.kills:
        yield "kills", "not run", True
        return
    for name, reports in kill(DATABASES, kills=options.kills, round_=100, seed=seed).items():
        yield killed(name, reports)


def _power(instants: int, seed: int) -> Row:
    if not instants:
        return "power failures", "not run", True
    try:
        compiler()
    except NoCompilerError as error:
        return "power failures", f"not run: {error}", True
    report = fail_the_power(instants, seed)
    return "power failures", shown(report, instants), report.is_clean


def _fuzzed(seconds: int) -> Iterator[Row]:
    if importlib.util.find_spec("atheris") is None:
        yield "coverage-guided fuzzing", "not run: atheris is not installed (`make fuzz` installs it)", True
        return
    for name in TARGETS if seconds else ():
        done: Mapping[str, int] = vars(guided.fuzz(name, seconds))
        yield f"fuzzed: {name}", ", ".join(f"{value:,} {what}" for what, value in done.items()), not done["finds"]


def killed(name: str, reports: Sequence[Report]) -> Row:
    """The row of all rounds of kills on a database."""
    figures = {
        "kills": sum(report.kills.total() for report in reports),
        "events answered": sum(report.answered for report in reports),
        "lost or not delivered": sum(len(report.lost) for report in reports),
        "invented": sum(len(report.invented) for report in reports),
        "out of order": sum(len(report.out_of_order) for report in reports),
        "sent twice": sum(report.doubled_calls for report in reports),
        "windows over": sum(report.windows_over for report in reports),
        "lockouts": sum(report.lockouts for report in reports),
    }
    shown = ", ".join(f"{value:,} {what}" for what, value in figures.items())
    return f"kills over {name}", shown, all(report.is_clean for report in reports)


if __name__ == "__main__":
    sys.exit(main())
