"""`leadbridge pull`: the Zoho account's lists, journeys and fields, in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bridge import config, log
from bridge.cli.command import Command
from bridge.cli.options.account import open_account
from bridge.cli.options.store import open_store
from bridge.cli.output.terminal import echo
from bridge.cli.output.text import counted
from bridge.delivery.account import read_account


@click.command(
    cls=Command,
    examples=[
        "leadbridge pull",
        "leadbridge pull mappings/account.json --account agency",
    ],
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="account.json")
@click.option("--account", default="", help="Which Zoho account, where the settings have several.")
def command(file: Path, account: str) -> None:
    """Write the account's lists, journeys and fields to a file.

    For review, and for checks without an account: `leadbridge check` reads account.json next to the mappings. The calls
    count in the service's outbox, like all others.
    """
    settings = config.load(config.environment(), credentials=True)
    log.configure(level="warning", stream=sys.stderr)
    store = open_store(settings.database_url)
    store.migrate()
    snapshot = read_account(open_account(settings, account), store)
    file.write_bytes(snapshot.to_json() + b"\n")
    counts = ((len(snapshot.lists), "list"), (len(snapshot.journeys), "open journey"), (len(snapshot.fields), "field"))
    echo(f"{file}: {', '.join(counted(count, word) for count, word in counts)}")
    for mailing_list in snapshot.lists:
        kind = " (public: a confirmation is sent first)" if mailing_list.is_public else ""
        echo(f"  list     {mailing_list.name}{kind}")
    for journey in snapshot.journeys:
        echo(f"  journey  {journey.name}")
