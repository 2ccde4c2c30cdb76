"""`leadbridge reload`: all processes read their mappings and secrets again."""

from __future__ import annotations

import sys

import click

from bridge import bootstrap, config, log
from bridge.cli.output.text import print_problem
from bridge.hooks import folder as hooks


@click.command()
def reload() -> None:
    """Have all processes on all hosts read their mappings and secrets again.

    Changed files are taken up without this, too. Each file is judged apart: a bad one runs on its last good text,
    and is told here. Ends with 1 when one is bad.
    """
    log.configure(level="error", stream=sys.stderr)
    settings = config.load(config.environment())
    bad = 0
    for file in hooks.read_folder(settings.mappings, hooks.load_presets(settings.mappings)):
        for problem in file.problems:
            print_problem(problem)
        bad += file.mapping is None
    bootstrap.ring(settings)
    if bad:
        click.echo(f"reloaded; {bad} bad mapping file(s): what was good of them before stays in use", err=True)
    sys.exit(1 if bad else 0)
