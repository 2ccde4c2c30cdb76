"""`leadbridge init`: a folder to start in."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.authoring.start import HOOK, SAMPLE, start
from bridge.cli.command import Command
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo

_NEXT = (
    ("leadbridge check", "1 mapping file, 0 errors, 0 warnings"),
    (f"leadbridge map {HOOK} {SAMPLE}", "the lead, and the two calls to Zoho"),
    ("leadbridge sandbox", "a local Zoho, in a terminal of its own"),
    ("leadbridge serve", "the service, in another one"),
    (f"leadbridge send {HOOK} {SAMPLE}", "202: signed as the sender does, and stored"),
    ("leadbridge show ada@example.com", "delivered to the list Newsletter and the journey Welcome"),
)


@click.command(
    cls=Command,
    examples=[
        "leadbridge init",
        "leadbridge init my-leads",
    ],
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
def command(folder: Path) -> None:
    """Make a folder to start in: settings, secrets, a first mapping.

    Nothing is overwritten. The settings point at the local Zoho of `leadbridge sandbox` until you fill in an account.
    """
    made = start(folder)
    print_table([(str(folder / name), purpose) for name, purpose in made.items()])
    echo(f"\nNext{'' if folder == Path() else f', in {folder}/'}:")
    print_table(_NEXT, indent="  ")
