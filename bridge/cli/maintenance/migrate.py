"""`leadbridge migrate`: the outbox's tables are brought up to this version."""

from __future__ import annotations

import click

from bridge.cli.command import Command
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import echo
from bridge.outbox import lifecycle


@click.command(
    cls=Command,
    examples=[
        "leadbridge migrate --plan",
        "leadbridge migrate",
    ],
)
@click.option("--plan", is_flag=True, help="Print what would be done; change nothing.")
@click.option(
    "--restored", is_flag=True, help="The database was restored from a backup: count every call window as full."
)
def command(plan: bool, restored: bool) -> None:
    """Upgrade the outbox's tables to this version.

    `serve` does so by itself. Safe to run on several hosts at once, and while older versions run where the change
    allows it. `--restored` is for PostgreSQL after its own backup was restored; a file made by `leadbridge backup` is
    recognised.
    """
    store = open_store()
    pending = store.pending_migrations()
    if not plan:
        store.migrate()
    if restored and not plan:
        lifecycle.mark_restored(store)
    for name in pending:
        echo(f"{'to be applied' if plan else 'applied'}: {name}")
    if not pending:
        echo(f"The outbox {store.name} is up to date.")
    if restored and not plan:
        echo("At its next start the service waits until no call from before can count any more.")
