"""`leadbridge backup`: a SQLite outbox is copied while the service runs."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.command import Command
from bridge.cli.options.actor import audited
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import echo
from bridge.outbox import lifecycle


@click.command(
    cls=Command,
    examples=[
        "leadbridge backup /backups/leadbridge-$(date +%F).db",
        "leadbridge backup --note /backups/leadbridge.dump",
    ],
)
@click.argument("path")
@click.option("--note", is_flag=True, help="Write nothing: note that another tool (pg_dump) has written to PATH now.")
def command(path: str, note: bool) -> None:
    """Copy a SQLite outbox while the service runs.

    The outbox records where and when, so that `forget` can name the copies that may hold a person. After each
    `pg_dump` run this with --note; PATH may then be any text by which the copy is found.

    To restore it, stop the service and put the file in the outbox's place, without the -wal and -shm files next to
    it.
    """
    store = open_store()
    if note:
        lifecycle.remember_backup(store, path if "://" in path else str(Path(path).absolute()))
        audited(store, "backup", subject=path, result="noted")
        echo(f"{path}: noted; `leadbridge forget` will name it.")
        return
    open_count = lifecycle.backup(store, Path(path))
    audited(store, "backup", subject=str(Path(path).absolute()))
    echo(f"{path}: the outbox {store.name} as it is now, with {open_count} open deliveries.")
    echo(
        "When it is brought back, these are sent again even where they were sent since, and what came in since is\n"
        "missing from it. Every window counts as full at first, so that no limit is passed."
    )
