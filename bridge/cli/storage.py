"""`leadbridge migrate`, `move` and `backup`: the outbox itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge import config, outbox
from bridge.cli.output import print_table

if TYPE_CHECKING:
    from bridge.outbox import Outbox


@click.command()
@click.option("--plan", is_flag=True, help="Print what would be done, and do nothing.")
@click.option("--restored", is_flag=True, help="The database was brought back from a copy: count every window as full.")
def migrate(plan: bool, restored: bool) -> None:
    """Bring the outbox's tables up to this version; `serve` does so by itself.

    Safe to run on several hosts at once, and while older versions run where the change allows it. `--restored` is for
    PostgreSQL after its own backup was brought back; a file made by `leadbridge backup` is known by itself.
    """
    with closing(_outbox()) as store:
        pending = store.pending_migrations()
        if not plan:
            store.migrate()
        if restored and not plan:
            outbox.mark_restored(store)
    for name in pending:
        click.echo(f"{'to be applied' if plan else 'applied'}: {name}")
    if not pending:
        click.echo(f"The outbox {store.name} is up to date.")
    if restored and not plan:
        click.echo("At its next start the service waits until no call from before can count any more.")


@click.command()
@click.option("--to", "url", required=True, metavar="URL", help="postgresql://user@host/database, an empty database.")
def move(url: str) -> None:
    """Move a SQLite outbox to PostgreSQL with all that waits in it, and close the file for good.

    Stop the service first. All of it arrives or nothing; the file stays as it is, but the service starts on it no
    more. Then point LEADBRIDGE_DATABASE_URL to the new place.
    """
    with closing(_outbox()) as store, closing(outbox.open_outbox(url)) as target:
        rows = outbox.move(store, target)
    print_table([("table", "rows"), *((table, str(count)) for table, count in rows.items() if count)])
    click.echo(f"\nEverything is in {target.name}. Set LEADBRIDGE_DATABASE_URL to it and start the service.")


@click.command()
@click.argument("path")
@click.option("--note", is_flag=True, help="Write nothing: note that another tool (pg_dump) has written to PATH now.")
def backup(path: str, note: bool) -> None:
    """Copy a SQLite outbox into a new file while the service runs.

    The outbox remembers where and when, so that `forget` can name the copies that may hold a person. After each
    `pg_dump` run this with --note; PATH may then be any words by which the copy is found.

    To bring it back, stop the service and put the file in the outbox's place, without the -wal and -shm files that
    lay next to it.
    """
    with closing(_outbox()) as store:
        if note:
            outbox.remember_backup(store, path if "://" in path else str(Path(path).absolute()))
            click.echo(f"{path}: noted; `leadbridge forget` will name it.")
            return
        open_count = outbox.backup(store, Path(path))
    click.echo(f"{path}: the outbox {store.name} as it is now, with {open_count} open deliveries.")
    click.echo(
        "When it is brought back, these are sent again even where they were sent since, and what came in since is\n"
        "missing from it. Every window counts as full at first, so that no limit is passed."
    )


def _outbox() -> Outbox:
    return outbox.open_outbox(config.load(config.environment()).database_url)
