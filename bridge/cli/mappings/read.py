"""`leadbridge read`: the events in a payload as mappings see them."""

from __future__ import annotations

import click

from bridge import intake
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_payloads, complete_senders
from bridge.cli.options.payload import read_argument
from bridge.cli.options.sender import preset_of
from bridge.cli.output.documents import print_json
from bridge.cli.output.mapped import print_read
from bridge.hooks.payload import events_in


@click.command(
    cls=Command,
    examples=[
        "leadbridge read typeform submission.json",
        "leadbridge read shopify order.json --header 'X-Shopify-Topic: orders/create'",
    ],
)
@click.argument("preset", shell_complete=complete_senders)
@click.argument("payload", metavar="PAYLOAD|EVENT", shell_complete=complete_payloads)
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--content-type", default="", help="The body's content type, where it cannot be detected from the body.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON.")
def command(preset: str, payload: str, headers: tuple[str, ...], content_type: str, as_json: bool) -> None:
    """Show the events in a payload as mappings see them.

    Shows contact, answers and tracking parameters; no mapping is needed. PAYLOAD is a file with a body as the sender
    posts it, - for standard input, the id of a stored event (evt_12), or sample:PRESET.
    """
    found = preset_of(preset)
    events = events_in(read_argument(payload, headers=headers, content_type=content_type), found)
    shown = [intake.event_as_json(event) for event in events]
    if as_json:
        print_json({"events": shown})
        return
    for number, event in enumerate(shown, start=1):
        print_read(number, event)
