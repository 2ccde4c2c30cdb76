"""`python -m benchmarks.peers --peers DIR`: the product next to other ways to take a webhook, as a Markdown table.

Every round starts each server again on an empty folder, alone on the machine, and gives all of them the same webhooks.
Then each is killed in the middle of a load, started again, and what it answered is compared with what it stored. DIR
holds what npm installed for the comparison; what is not there or on the PATH is left out, with a line that says so.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.load import drive
from benchmarks.peers.found import find_peers
from benchmarks.peers.peer import HOST, PeerError
from benchmarks.peers.survival import kill_under_load
from benchmarks.peers.table import Row, table
from benchmarks.peers.webhooks import prepare
from bridge.errors import LeadbridgeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.peers.webhooks import Posts

MOST_A_SECOND = 9_000
"""More requests than this a second are not prepared; a faster server's round ends early."""


def main() -> None:
    """Measure and print. Exit code 1 when something that is installed could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--peers", type=Path, default=Path(), help="where `npm install` was run for the peers")
    parser.add_argument("--seconds", type=float, default=3.0, help="the length of a round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each; the median is shown")
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    started = time.monotonic()
    with TemporaryDirectory(prefix="peers-", ignore_cleanup_errors=True) as workspace:
        peers, absent = find_peers(options.peers, Path(workspace))
        rows = [Row(peer=peer) for peer in peers]
        _measure(rows, options)
    _print(rows, absent, options)
    print(f"\nIt took {time.monotonic() - started:.0f} s.")
    sys.exit(any(row.fault for row in rows))


def _measure(rows: Sequence[Row], options: argparse.Namespace) -> None:
    """The rounds, by turns, and then the kills."""
    for number in range(1, options.rounds + 1):
        posts = prepare(int(MOST_A_SECOND * options.seconds))
        for row in rows:
            _attempt(row, f"round {number}", partial(_round, row, posts, options))
    posts = prepare(int(MOST_A_SECOND * options.seconds))
    for row in rows:
        if row.peer.is_killed:
            _attempt(row, "kill", partial(_kill, row, posts, options))


def _attempt(row: Row, what: str, measure: Callable[[], str]) -> None:
    """Measure unless the row has a fault; what goes wrong becomes its fault, and the others go on."""
    if row.fault:
        return
    try:
        seen = measure()
    except (PeerError, LeadbridgeError, subprocess.CalledProcessError) as error:
        row.fault = seen = str(error)
    print(f"{what}: {row.peer.name}: {seen}", file=sys.stderr)


def _round(row: Row, posts: Posts, options: argparse.Namespace) -> str:
    with (
        TemporaryDirectory(prefix="peers-", ignore_cleanup_errors=True) as folder,
        row.peer.start(Path(folder)) as running,
    ):
        result = drive(
            HOST, running.port, connections=options.connections, seconds=options.seconds, requests=posts.requests
        )
    row.rounds.append(result)
    return f"{result.rate:.0f} answers/s, {result.statuses}"


def _kill(row: Row, posts: Posts, options: argparse.Namespace) -> str:
    row.survival = kill_under_load(row.peer, posts, options.connections)
    return str(row.survival)


def _print(rows: Sequence[Row], absent: Sequence[str], options: argparse.Namespace) -> None:
    if rows[0].fault:
        sys.exit(f"without {rows[0].peer.name} there is nothing to compare with: {rows[0].fault}")
    print(f"{options.connections} connections, {options.rounds} rounds of {options.seconds:g} s, medians.\n")
    print(table(rows))
    faults = [f"{row.peer.name}: {row.fault}" for row in rows if row.fault]
    print("".join(f"\nnot measured: {line}" for line in (*absent, *faults)))


if __name__ == "__main__":
    main()
