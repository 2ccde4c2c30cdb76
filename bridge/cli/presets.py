"""`leadbridge presets` and `read`: which senders are known, what each can do, and what a body of theirs says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bridge import intake
from bridge.cli.output import print_json, print_table
from bridge.cli.payload import guessed_type, header_of, preset_of, presets_next_to
from bridge.errors import IntakeError, LeadbridgeError
from bridge.expressions import as_text
from bridge.hooks.payload import read_payload
from bridge.intake import preset_as_json

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def presets(name: str | None, as_json: bool) -> None:
    """List the senders that are known, or tell all about one.

    Your own presets, in the folder `presets` next to the mappings, are among them.
    """
    if name is not None:
        shown = preset_as_json(preset_of(name))
        if as_json:
            print_json(shown)
        else:
            _print_one(shown)
        return
    found = [preset_as_json(preset) for _, preset in sorted(presets_next_to()[0].items())]
    if as_json:
        print_json({"presets": found})
        return
    head = ("PRESET", "SENDER", "PROOF", "BODY", "NOTES")
    print_table([head, *(_row(each) for each in found)])


def _row(preset: Mapping[str, Any]) -> tuple[str, ...]:
    notes = [
        "ids only, fetched" if preset["fetches"] else "",
        "handshake" if preset["handshake"] else "",
        "several events a request" if preset["batches"] else "",
        f"by {' '.join(preset['methods'])}" if preset["methods"] != ["POST"] else "",
    ]
    return (preset["name"], preset["title"], preset["proof"], preset["body"], ", ".join(filter(None, notes)))


def _print_one(preset: Mapping[str, Any]) -> None:
    click.echo(f"{preset['name']}: {preset['title']} ({preset['category']})")
    facts = (
        ("proof", preset["proof"]),
        ("secrets", ", ".join(preset["roles"]) or ("as the mapping's verify needs" if preset["proofs"] else "none")),
        ("body", preset["body"]),
        ("kinds", ", ".join(preset["kinds"])),
        ("contact", ", ".join(preset["contact"])),
        ("retries", preset["retries"]),
    )
    print_table([(name, value) for name, value in facts], indent="  ")
    for number, step in enumerate(preset["setup"], start=1):
        click.echo(f"  {number}. {step}")
    for hint in preset["consent"]:
        click.echo(f"  consent: {hint['note']}")
        if hint["write"] is not None:
            click.echo(f"    consent: {flow(hint['write'])}")
    for doubt in preset["unconfirmed"]:
        click.echo(f"  unconfirmed: {doubt}")
    for page in preset["docs"]:
        click.echo(f"  {page}")


def flow(value: Any) -> str:
    """A condition as it is written in a mapping."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return as_text(value)


@click.command()
@click.argument("preset")
@click.argument("payload", type=click.File("rb"))
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--content-type", default="", help="The body's content type, if it is not what the body looks like.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON.")
def read(preset: str, payload: Any, headers: tuple[str, ...], content_type: str, as_json: bool) -> None:
    """Show the events in a payload as mappings see them: contact, answers, tracking. No mapping is needed.

    PAYLOAD is a file with a body as the sender posts it, or - for standard input.
    """
    found = preset_of(preset)
    body, known = payload.read(), dict(map(header_of, headers))
    kind = content_type or known.pop("content-type", "") or guessed_type(body)
    try:
        events = read_payload(found, body, content_type=kind, headers=known)
    except IntakeError as error:
        raise LeadbridgeError(f"the payload cannot be read by the preset {found.name!r}: {error}") from error
    shown = [intake.event_as_json(event) for event in events]
    if as_json:
        print_json({"events": shown})
        return
    for number, event in enumerate(shown, start=1):
        _print_event(number, event)


def _print_event(number: int, event: Mapping[str, Any]) -> None:
    facts = [f"{name} {event[name]}" for name in ("type", "id", "at") if event[name] is not None]
    click.echo(f"event {number}: {', '.join([event['kind'], *facts])}")
    for part in ("contact", "answers", "tracking"):
        rows = [(name, _shown(value)) for name, value in event[part].items() if value is not None]
        if rows:
            click.echo(f"  {part}")
            print_table(rows, indent="    ")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
