"""`leadbridge verify` and `send`: is this request proved, and if not why; and a request as its sender would make it."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import urlsplit

import click

from bridge import config, intake
from bridge.cli.output import print_json
from bridge.cli.payload import PLACEHOLDER, Sender, request_of, sender_of, time_of
from bridge.errors import LeadbridgeError
from bridge.http import Http

DEADLINE_SECONDS = 30


@click.command()
@click.argument("sender", metavar="PRESET|MAPPING")
@click.argument("payload", type=click.File("rb"))
@click.option("--secret-env", "names", multiple=True, metavar="NAME", help="The variable of a secret, or ROLE=NAME.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--url", default="", help="The address as the sender calls it, with its query.")
@click.option("--method", default="POST", help="The method; POST unless said.")
@click.option("--at", default="", metavar="TIME", help="Judge the age at this time (2026-03-04T15:00:00Z); now else.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(
    sender: str,
    payload: Any,
    names: tuple[str, ...],
    headers: tuple[str, ...],
    url: str,
    method: str,
    at: str,
    as_json: bool,
) -> None:
    """Tell whether a request is proved, and if it is not, why.

    PAYLOAD is a file with the body, byte for byte as it came, or - for standard input. Ends with 0 when the request
    is proved, with 1 when it is not. Repeat --secret-env for a second secret; secrets are read from the environment
    (or NAME_FILE) and never shown.
    """
    found, now = sender_of(sender), time_of(at)
    request = request_of(payload.read(), headers=headers, url=url or _own_url(found), method=method, now=now)
    diagnosis = intake.diagnose(request, found.scheme, found.secrets(names), now=now)
    if as_json:
        print_json({"valid": diagnosis.valid, "reason": diagnosis.reason or None, "hints": list(diagnosis.hints)})
    elif diagnosis.valid and isinstance(found.scheme, intake.NoVerification):
        click.echo("let in: this mapping asks for no proof, so anybody is")
    elif diagnosis.valid:
        click.echo("valid: the request is proved")
    else:
        click.echo(f"not valid: {diagnosis.reason}")
        for hint in diagnosis.hints:
            click.echo(f"  - {hint}")
    sys.exit(0 if diagnosis.valid else 1)


def _own_url(sender: Sender) -> str:
    name = sender.file.name if sender.file is not None else sender.preset.name
    return f"{config.load(config.environment()).public_url or PLACEHOLDER}/hooks/{name}"


@click.command()
@click.argument("sender", metavar="PRESET|MAPPING")
@click.argument("payload", type=click.File("rb"))
@click.option("--to", default="", metavar="URL", help="Where to post it; a mapping's own hook unless said.")
@click.option("--secret-env", "names", multiple=True, metavar="NAME", help="The variable of a secret, or ROLE=NAME.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--content-type", default="", help="The body's content type, if it is not what the body looks like.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def send(
    sender: str,
    payload: Any,
    to: str,
    names: tuple[str, ...],
    headers: tuple[str, ...],
    content_type: str,
    as_json: bool,
) -> None:
    """Sign a payload as its sender would, and post it.

    PAYLOAD is a file with a body, or - for standard input. Ends with 1 when the answer is an error, or none comes.
    """
    found, now = sender_of(sender), time_of("")
    url = to or _running_hook(found)
    request = request_of(payload.read(), headers=headers, content_type=content_type, url=url, now=now)
    public_url = config.load(config.environment()).public_url if found.file is not None else ""
    proved = intake.prove(request, found.scheme, found.secrets(names), now=now, public_url=public_url)
    with Http() as http:
        answer = http.send(
            proved.method, proved.url, body=proved.body, headers=proved.headers, deadline_seconds=DEADLINE_SECONDS
        )
    text = answer.body.decode("utf-8", "replace")
    if as_json:
        print_json({"status": answer.status, "body": text})
    else:
        click.echo(f"{answer.status} from {urlsplit(url).netloc}")
        click.echo(text)
    sys.exit(0 if answer.status < 300 else 1)


def _running_hook(sender: Sender) -> str:
    if sender.file is None:
        raise LeadbridgeError("a preset has no address of its own: say where with --to, or name a mapping")
    settings = config.load(config.environment())
    return f"http://{settings.bind}/hooks/{sender.file.name}"
