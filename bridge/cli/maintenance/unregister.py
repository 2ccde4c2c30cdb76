"""`leadbridge unregister`: a hook whose mapping file was removed is forgotten."""

from __future__ import annotations

import click

from bridge import config
from bridge.cli.command import Command
from bridge.cli.options.actor import audited
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import echo
from bridge.documents import unknown_name
from bridge.errors import LeadbridgeError
from bridge.outbox import registry


@click.command(
    cls=Command,
    examples=[
        "leadbridge unregister webinar",
    ],
)
@click.argument("name")
def command(name: str) -> None:
    """Remove a hook whose mapping file is gone for good.

    Until then its address answers 503, so that senders try again; afterwards 404. Its events stay. A new mapping file
    of this name brings the hook back.
    """
    settings = config.load(config.environment())
    file = settings.mappings / f"{name}.yaml"
    if file.exists():
        raise LeadbridgeError(f"the hook {name!r} has a mapping, {str(file)!r}; remove that file first")
    store = open_store(settings.database_url)
    if not registry.unregister_hook(store, name):
        gone = [one.hook for one in registry.gone_hooks(store, (), folder=str(settings.mappings))]
        raise unknown_name("registered hook", name, gone, "`leadbridge status` lists those that had events")
    audited(store, "unregister", subject=f"hook={name}")
    echo(f"the hook {name} is unregistered: its address answers 404")
