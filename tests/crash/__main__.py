"""`python -m tests.crash`: the long form, a table at the end. `make crash` runs it."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.disk import NoCompilerError, compiler
from bridge.http import Http
from tests.crash import database, harness, power

if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> None:
    """Run until there were enough kills and power failures; exit code 1 when a promise was broken."""
    options = _options()
    if options.instants:
        try:
            compiler()
        except NoCompilerError as error:
            sys.exit(f"{error}; without it: --instants 0")
    print(f"seed {options.seed}")
    clean = _kill(options) if options.kills else True
    if options.instants:
        report = fail_the_power(options.instants, options.seed)
        print(f"\npower failures: {shown(report, options.instants)}", *report.wrong[:20], sep="\n  ")
        clean = report.is_clean and clean
    sys.exit(not clean)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000, help="kills in all, shared by the databases")
    parser.add_argument("--round", type=int, default=100, help="kills between two checks")
    parser.add_argument("--instants", type=int, default=200, help="instants at which the power fails; 0: none")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    return parser.parse_args()


def kill(databases: Sequence[str], *, kills: int, round_: int, seed: int) -> dict[str, list[harness.Report]]:
    """So many kills, shared by the databases, which run side by side: the reports of the rounds of each."""

    def rounds(name: str) -> list[harness.Report]:
        reports: list[harness.Report] = []
        while (done := sum(report.kills.total() for report in reports)) < kills // len(databases):
            plan = harness.Plan(
                kills=min(round_, kills // len(databases) - done), seconds=600, seed=seed + len(reports)
            )
            reports.append(_round(name, plan))
            print(_row(f"{name} {len(reports)}", reports[-1]), flush=True)
            if not reports[-1].is_clean:
                print(reports[-1], flush=True)
        return reports

    print(HEAD, flush=True)
    with ThreadPoolExecutor(len(databases)) as side_by_side:
        return dict(zip(databases, side_by_side.map(rounds, databases), strict=True))


def _kill(options: argparse.Namespace) -> bool:
    """Rounds of kills on each database; whether every promise was kept."""
    found = kill(options.databases, kills=options.kills, round_=options.round, seed=options.seed)
    return all(report.is_clean for reports in found.values() for report in reports)


def fail_the_power(instants: int, seed: int) -> power.Report:
    """Power failures on SQLite."""
    plan = power.Plan(seconds=POWER_SECONDS, instants=instants, seed=seed)
    with TemporaryDirectory(prefix="leadbridge-power-") as folder, Http() as http:
        return power.run(plan, Path(folder), http)


def shown(report: power.Report, instants: int) -> str:
    """The figures of power failures, in a line."""
    return (
        f"{instants} instants, {report.images} disks left by them; {report.answered:,} "
        f"webhooks answered, {report.operations:,} operations on files; disks with something lost or broken: "
        f"{report.wrong_images}; of {report.lying_images} disks that lie about syncs: "
        f"{report.lying_images_with_losses}; service started on one: {'went on' if report.went_on else 'STUCK'}"
    )


POWER_SECONDS = 10.0
HEAD = (
    f"{'run':<14}{'kills':>6}{'at points':>10}{'points':>8}{'events answered':>17}{'lost':>6}{'invented':>10}"
    f"{'out of order':>14}{'left':>6}{'written to':>12}{'removed':>9}{'doubled':>9}{'windows over':>14}{'lockouts':>10}"
    "  fresh event"
)


def _row(name: str, report: harness.Report) -> str:
    at_points = sum(count for kind, count in report.kills.items() if kind.startswith(("before ", "after ")))
    return (
        f"{name:<14}{report.kills.total():>6}{at_points:>10}{len(report.points):>8}{report.answered:>17}"
        f"{len(report.lost):>6}{len(report.invented):>10}{len(report.out_of_order):>14}{report.withdrawn:>6}"
        f"{len(report.written_to):>12}{len(report.removed):>9}{report.doubled_calls:>9}"
        f"{report.windows_over:>14}{report.lockouts:>10}  {'passed' if report.fresh_event_passed else 'STUCK'}"
    )


def _round(name: str, plan: harness.Plan) -> harness.Report:
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="leadbridge-crash-", ignore_cleanup_errors=True)))
        http = opened.enter_context(Http())
        chosen = nullcontext(database.sqlite(folder)) if name == "sqlite" else database.postgres()
        return harness.run(plan, opened.enter_context(chosen), folder, http)


if __name__ == "__main__":
    main()
