"""`leadbridge pull`: the Zoho account's lists, journeys, fields and tags, in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bridge import config, log
from bridge.authoring.check import snapshot_file
from bridge.authoring.editor import SCHEMA_COPY, write_schema
from bridge.cli.command import Command
from bridge.cli.options.account import open_account
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import echo
from bridge.delivery.lookups import read_account
from bridge.operations.wording import counted


@click.command(
    cls=Command,
    examples=[
        "leadbridge pull",
        "leadbridge pull mappings/account.json --account agency",
    ],
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--account", default="", help="The Zoho account, where the settings have several.")
def command(file: Path | None, account: str) -> None:
    """Write the account's lists, journeys, fields and tags.

    For review, for checks without an account, and for editors, which complete its names. FILE is account.json in the
    folder of the mappings, account-NAME.json with --account NAME. The calls count in the service's outbox.
    """
    settings = config.load(config.environment(), credentials=True)
    log.configure(level="warning", stream=sys.stderr)
    store = open_store(settings.database_url)
    store.migrate()
    account = account or next(iter(settings.accounts))
    snapshot = read_account(open_account(settings, account), store)
    file = file or _place(settings.mappings, account)
    file.write_bytes(snapshot.to_json() + b"\n")
    folders = {folder for folder in (file.parent, settings.mappings) if (folder / SCHEMA_COPY).exists()}
    for folder in {*folders, *([settings.mappings] if settings.mappings.is_dir() else ())}:
        write_schema(folder)
    parts = {"list": snapshot.lists, "open journey": snapshot.journeys, "field": snapshot.fields, "tag": snapshot.tags}
    echo(f"{file}: {', '.join(counted(len(found or ()), word) for word, found in parts.items())}")
    for mailing_list in snapshot.lists:
        kind = " (public: a confirmation is sent first)" if mailing_list.is_public else ""
        echo(f"  list     {mailing_list.name}{kind}")
    for journey in snapshot.journeys:
        echo(f"  journey  {journey.name}")
    for tag in snapshot.tags or ():
        echo(f"  tag      {tag}")


def _place(mappings: Path, account: str) -> Path:
    """Where `leadbridge check` looks for an account: next to the mappings, if they are there."""
    name = snapshot_file(account)
    return mappings / name if mappings.is_dir() else Path(name)
