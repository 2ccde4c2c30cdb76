"""`leadbridge presets`: which senders are known, and what each can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bridge.cli.command import Command
from bridge.cli.options.completion import complete_presets
from bridge.cli.options.sender import preset_of, presets_next_to
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo
from bridge.intake import preset_as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

from bridge.authoring.flow import flow


@click.command(
    cls=Command,
    examples=[
        "leadbridge presets",
        "leadbridge presets typeform",
    ],
)
@click.argument("name", required=False, shell_complete=complete_presets)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(name: str | None, as_json: bool) -> None:
    """List the known senders, or describe one.

    Your own presets, in the folder `presets` next to the mappings, are among them.
    """
    if name is not None:
        known = presets_next_to()[0]
        shown = preset_as_json(known[name] if name in known else preset_of(name))
        if as_json:
            print_json(shown)
        else:
            _print_one(shown)
        return
    found = [preset_as_json(preset) for _, preset in sorted(presets_next_to()[0].items())]
    if as_json:
        print_json({"presets": found})
        return
    head = ("PRESET", "SENDER", "AUTH", "BODY", "NOTES")
    print_table([head, *(_row(each) for each in found)])


def _row(preset: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [
        "ids only, fetched" if preset["fetches"] else "",
        "handshake" if preset["handshake"] else "",
        "several events a request" if preset["batches"] else "",
        f"by {' '.join(preset['methods'])}" if preset["methods"] != ["POST"] else "",
    ]
    return (preset["name"], preset["title"], preset["verification"], preset["body"], ", ".join(filter(None, notes)))


def _print_one(preset: Mapping[str, Any]) -> None:
    echo(f"{preset['name']}: {preset['title']} ({preset['category']})")
    rows = (
        ("auth", preset["verification"]),
        (
            "secrets",
            ", ".join(preset["roles"]) or ("as the mapping's verify needs" if preset["verify_choices"] else "none"),
        ),
        ("body", preset["body"]),
        ("kinds", ", ".join(preset["kinds"])),
        ("contact", ", ".join(preset["contact"])),
        ("retries", preset["retries"]),
    )
    print_table([(name, value) for name, value in rows], indent="  ")
    for number, step in enumerate(preset["setup"], start=1):
        echo(f"  {number}. {step}")
    for hint in preset["consent"]:
        echo(f"  consent: {hint['note']}")
        if hint["write"] is not None:
            echo(f"    consent: {flow(hint['write'])}")
    for doubt in preset["unconfirmed"]:
        echo(f"  unconfirmed: {doubt}")
    for page in preset["docs"]:
        echo(f"  {page}")
