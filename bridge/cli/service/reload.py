"""`leadbridge reload`: all processes read their mappings and secrets again."""

from __future__ import annotations

import sys

import click

from bridge import bootstrap, config, log
from bridge.cli.command import Command
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import print_problem
from bridge.hooks import folder as hooks
from bridge.operations.wording import counted


@click.command(
    cls=Command,
    examples=[
        "leadbridge reload",
    ],
)
def command() -> None:
    """Make every process read its mappings and secrets again.

    Changed files are reloaded without this, too. Each file is checked by itself: one with errors keeps running on its
    last good version, and is reported here. Ends with 1 when a file has errors.
    """
    log.configure(level="error", stream=sys.stderr)
    settings = config.load(config.environment())
    bad, good = 0, []
    for file in hooks.read_folder(settings.mappings, hooks.load_presets(settings.mappings)):
        for problem in file.problems:
            print_problem(problem)
        if file.mapping is None:
            bad += 1
        else:
            good.append(file.name)
    bootstrap.notify_reload(settings)
    echo(f"Every process was asked to reload. {counted(len(good), 'mapping')} without errors: {', '.join(good) or '-'}")
    if bad:
        echo(f"{counted(bad, 'mapping')} with errors, above: the last good version stays in use.", err=True)
    sys.exit(1 if bad else 0)
