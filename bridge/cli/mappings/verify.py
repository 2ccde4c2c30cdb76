"""`leadbridge verify`: whether a request's verification succeeds, and if not, why."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from bridge import config, intake
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_payloads, complete_senders
from bridge.cli.options.payload import read_argument
from bridge.cli.options.request import PLACEHOLDER, request_of, time_of
from bridge.cli.options.sender import Sender, sender_of
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo


@click.command(
    cls=Command,
    examples=[
        "leadbridge verify webinar body.json --header 'Typeform-Signature: sha256=...'",
        "leadbridge verify typeform body.json --secret-env WEBINAR_SIGNING --header 'Typeform-Signature: sha256=...'",
    ],
)
@click.argument("sender", metavar="PRESET|MAPPING", shell_complete=complete_senders)
@click.argument("payload", metavar="PAYLOAD|EVENT", shell_complete=complete_payloads)
@click.option("--secret-env", "names", multiple=True, metavar="NAME", help="The variable of a secret, or ROLE=NAME.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--url", default="", help="The address as the sender calls it, with its query.")
@click.option("--method", default="POST", help="The HTTP method; POST by default.")
@click.option("--at", default="", metavar="TIME", help="Judge the age at this time (2026-03-04T15:00:00Z); now else.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    sender: str,
    payload: str,
    names: tuple[str, ...],
    headers: tuple[str, ...],
    url: str,
    method: str,
    at: str,
    as_json: bool,
) -> None:
    """Verify a request's signature; if it fails, say why.

    PAYLOAD is a file with the body, byte for byte as it was sent, - for standard input, or the id of a stored event
    (evt_12); signatures are not stored, so give the header. Ends with 0 when the request is authentic, with 1 when it
    is not. Repeat --secret-env for a second secret; secrets are read from the environment (or NAME_FILE) and never
    shown.
    """
    found, now = sender_of(sender), time_of(at)
    sent = read_argument(payload, headers=headers)
    request = request_of(sent.body, headers=headers, url=url or _own_url(found), method=method, now=now)
    request = replace(request, headers={**sent.headers, **request.headers})
    diagnosis = intake.diagnose(request, found.scheme, found.secrets(names), now=now)
    if as_json:
        print_json({"valid": diagnosis.valid, "reason": diagnosis.reason or None, "hints": list(diagnosis.hints)})
    elif diagnosis.valid and isinstance(found.scheme, intake.NoVerification):
        echo("accepted: this mapping verifies nothing, so requests from anyone are accepted")
    elif diagnosis.valid:
        echo("valid: the signature is verified")
    else:
        echo(f"not valid: {diagnosis.reason}")
        for hint in diagnosis.hints:
            echo(f"  - {hint}")
    sys.exit(0 if diagnosis.valid else 1)


def _own_url(sender: Sender) -> str:
    name = sender.file.name if sender.file is not None else sender.preset.name
    return f"{config.load(config.environment()).public_url or PLACEHOLDER}/hooks/{name}"
