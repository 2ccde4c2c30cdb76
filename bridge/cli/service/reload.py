"""`leadbridge reload`: all processes read their mappings and secrets again."""

from __future__ import annotations

import sys

import click

from bridge import bootstrap, config, log
from bridge.cli.command import Command
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import print_problem
from bridge.errors import LeadbridgeError
from bridge.operations.hook_list import hook_rows
from bridge.operations.wording import counted


@click.command(
    cls=Command,
    examples=[
        "leadbridge reload",
    ],
)
def command() -> None:
    """Make every process reload its mappings and secrets.

    Changed files are also reloaded automatically. Prints the state of each hook: it runs, runs on its last good
    version, or is closed. Ends with 1 unless all of them run.
    """
    log.configure(level="error", stream=sys.stderr)
    settings = config.load(config.environment())
    if not settings.mappings.is_dir():
        raise LeadbridgeError(f"there is no folder {str(settings.mappings)!r}; what runs goes on with what it has read")
    store = open_store(settings.database_url)
    states: dict[str, list[str]] = {}
    for row in hook_rows(store, settings):
        for problem in row.problems:
            print_problem(problem)
        state = "on its last good version" if row.on_last_good else "closed" if row.state == "closed" else "runs"
        states.setdefault(state, []).append(row.hook)
    bootstrap.notify_reload(settings)
    echo(f"Every process was asked to reload. {counted(sum(map(len, states.values())), 'hook')}")
    for state, names in states.items():
        echo(f"  {state}: {', '.join(names)}")
    sys.exit(1 if states.keys() - {"runs"} else 0)
