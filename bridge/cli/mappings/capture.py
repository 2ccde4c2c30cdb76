"""`leadbridge capture`: a stored event becomes an example of its mapping."""

from __future__ import annotations

import click

from bridge import log
from bridge.cli.command import Command
from bridge.cli.mappings.example import add_example, example_of, say_what_differs
from bridge.cli.options.completion import complete_events
from bridge.cli.options.mapping import mapping_named, usable
from bridge.cli.options.payload import read_argument
from bridge.cli.output.terminal import echo
from bridge.documents import dump
from bridge.errors import LeadbridgeError


@click.command(
    cls=Command,
    examples=[
        "leadbridge capture evt_12",
        "leadbridge capture evt_12 --name 'No consent' --stdout",
    ],
)
@click.argument("event", shell_complete=complete_events)
@click.option("--name", default="", help="The example's name.")
@click.option("--stdout", is_flag=True, help="Print the example instead of adding it to the examples file.")
def command(event: str, name: str, stdout: bool) -> None:
    """Turn a stored event into an example, without personal data.

    Every personal value is replaced by a pseudonym of the same shape, always the same for the same value. The
    expectation is what the mapping makes of it today: review it before you rely on it.
    """
    log.configure(level="error")
    sent = read_argument(event)
    if not sent.hook:
        raise LeadbridgeError(f"{event!r} is not an event; `leadbridge list` shows those that came")
    file, presets = mapping_named(sent.hook)
    preset = presets[usable(file).preset]
    if stdout:
        example = example_of(file, preset, sent, name or event)
        echo(dump({"examples": [example]}), nl=False)
        say_what_differs(file, preset, sent, example)
    else:
        add_example(file, preset, sent, name or f"As {event} came")
