"""`leadbridge map`: what would become of a payload."""

from __future__ import annotations

import sys

import click

from bridge import mapping
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_mappings, complete_payloads
from bridge.cli.options.mapping import mapping_named, usable
from bridge.cli.options.payload import read_argument
from bridge.cli.output.documents import print_json
from bridge.cli.output.mapped import print_mapped
from bridge.hooks.payload import events_in


@click.command(
    cls=Command,
    examples=[
        "leadbridge map webinar submission.json",
        "leadbridge map webinar evt_12 --json",
    ],
)
@click.argument("mapping_name", metavar="MAPPING", shell_complete=complete_mappings)
@click.argument("payload", metavar="PAYLOAD|EVENT", shell_complete=complete_payloads)
@click.option("--content-type", default="", help="The body's content type, where it cannot be detected from the body.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(mapping_name: str, payload: str, content_type: str, headers: tuple[str, ...], as_json: bool) -> None:
    """Show what a payload would become; send nothing.

    MAPPING is a mapping file or the name of a hook; PAYLOAD is a file with a body as the sender posts it, - for
    standard input, or the id of a stored event (evt_12). Ends with 1 when there are problems.
    """
    file, presets = mapping_named(mapping_name)
    found = usable(file)
    events = events_in(read_argument(payload, headers=headers, content_type=content_type), presets[found.preset], found)
    results = [(event, mapping.apply(found, event)) for event in events]
    if as_json:
        print_json({"events": [{"id": event.id, **mapping.mapped_as_json(mapped)} for event, mapped in results]})
    else:
        for event, mapped in results:
            print_mapped(event, mapped)
    sys.exit(1 if any(mapped.problems for _, mapped in results) else 0)
