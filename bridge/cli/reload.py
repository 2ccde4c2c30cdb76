"""`leadbridge reload` and `leadbridge unregister`: mappings of a running service."""

from __future__ import annotations

import sys

import click

from bridge import bootstrap, config, log, outbox
from bridge.cli.output import print_problem
from bridge.errors import LeadbridgeError
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


@click.command()
@click.argument("name")
def unregister(name: str) -> None:
    """Say that a hook whose mapping file was removed will not come back.

    Until then its address answers 503, so that senders try again; from then on 404. Its events stay. A new mapping
    file of this name brings the hook back.
    """
    settings = config.load(config.environment())
    file = settings.mappings / f"{name}.yaml"
    if file.exists():
        raise LeadbridgeError(f"the hook {name!r} has a mapping, {str(file)!r}; remove that file first")
    store = outbox.open_outbox(settings.database_url)
    if not outbox.unregister_hook(store, name):
        raise LeadbridgeError(f"no hook {name!r} is missing; `leadbridge status` lists those that had events")
    click.echo(f"the hook {name} is unregistered: its address answers 404")
