"""`leadbridge move`: a SQLite outbox moves to PostgreSQL."""

from __future__ import annotations

import re

import click

from bridge.cli.command import Command
from bridge.cli.options.store import open_store
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo
from bridge.outbox import lifecycle


@click.command(
    cls=Command,
    examples=[
        "leadbridge move --to postgresql://leadbridge@db.example.com/leadbridge",
    ],
)
@click.option("--to", "url", required=True, metavar="URL", help="postgresql://user@host/database, an empty database.")
def command(url: str) -> None:
    """Move a SQLite outbox to PostgreSQL.

    Stop the service first. Everything is copied or nothing. The file is not changed, but the service no longer starts
    with it. Then point LEADBRIDGE_DATABASE_URL to the new place.
    """
    store, target = open_store(), open_store(url)
    rows = lifecycle.move(store, target)
    print_table([("table", "rows"), *((table, str(count)) for table, count in rows.items() if count)])
    shown, had_password = without_password(url)
    echo(f"\nEverything is in {target.name}. Set this and start the service:\n  LEADBRIDGE_DATABASE_URL={shown}")
    if had_password:
        echo("with the password in the place of PASSWORD")


def without_password(url: str) -> tuple[str, bool]:
    """A URL of PostgreSQL with PASSWORD in the place of its password, and whether it had one."""
    shown = re.sub(r"(?<=://)([^/?#:@]*):[^/?#]+(?=@)", r"\1:PASSWORD", url)
    shown = re.sub(r"(?<=[?&]password=)[^&#]+", "PASSWORD", shown)
    return shown, shown != url
