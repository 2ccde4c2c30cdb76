"""`leadbridge verify` and `send`: is this request proved, and if not why; and a request as its sender would make it."""

from __future__ import annotations

import sys
from dataclasses import replace
from urllib.parse import urlsplit

import click

from bridge import config, intake, outbox
from bridge.cli.given import given
from bridge.cli.output import print_json
from bridge.cli.payload import PLACEHOLDER, Sender, request_of, sender_of, time_of
from bridge.errors import LeadbridgeError
from bridge.http import Http
from bridge.receiving import priority as bulk_class

DEADLINE_SECONDS = 30


@click.command()
@click.argument("sender", metavar="PRESET|MAPPING")
@click.argument("payload", metavar="PAYLOAD|EVENT")
@click.option("--secret-env", "names", multiple=True, metavar="NAME", help="The variable of a secret, or ROLE=NAME.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--url", default="", help="The address as the sender calls it, with its query.")
@click.option("--method", default="POST", help="The method; POST unless said.")
@click.option("--at", default="", metavar="TIME", help="Judge the age at this time (2026-03-04T15:00:00Z); now else.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(
    sender: str,
    payload: str,
    names: tuple[str, ...],
    headers: tuple[str, ...],
    url: str,
    method: str,
    at: str,
    as_json: bool,
) -> None:
    """Tell whether a request is proved, and if it is not, why.

    PAYLOAD is a file with the body, byte for byte as it came, - for standard input, or the id of an event that came
    (evt_12); proofs are not kept, so give its header. Ends with 0 when the request is proved, with 1 when it is not.
    Repeat --secret-env for a second secret; secrets are read from the environment (or NAME_FILE) and never shown.
    """
    found, now = sender_of(sender), time_of(at)
    sent = given(payload, headers=headers)
    request = request_of(sent.body, headers=headers, url=url or _own_url(found), method=method, now=now)
    request = replace(request, headers={**sent.headers, **request.headers})
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
@click.argument("payload", metavar="PAYLOAD|EVENT")
@click.option("--to", default="", metavar="URL", help="Where to post it; a mapping's own hook unless said.")
@click.option("--secret-env", "names", multiple=True, metavar="NAME", help="The variable of a secret, or ROLE=NAME.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--content-type", default="", help="The body's content type, if it is not what the body looks like.")
@click.option("--bulk", is_flag=True, help="Let these leads yield to all others.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def send(
    sender: str,
    payload: str,
    to: str,
    names: tuple[str, ...],
    headers: tuple[str, ...],
    content_type: str,
    bulk: bool,
    as_json: bool,
) -> None:
    """Sign a payload as its sender would, and post it.

    PAYLOAD is a file with a body, - for standard input, or the id of an event that came (evt_12), whose whole request
    is sent again. With --bulk the leads yield to all others; it needs the outbox of the service that it posts to. Ends
    with 1 when the answer is an error, or none comes.
    """
    found, now = sender_of(sender), time_of("")
    url = to or _running_hook(found)
    sent = given(payload, headers=headers, content_type=content_type)
    request = request_of(sent.body, headers=headers, content_type=sent.content_type, url=url, now=now)
    request = replace(request, headers={**sent.headers, **request.headers, **_bulk_mark(sent.body, wanted=bulk)})
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


def _bulk_mark(body: bytes, *, wanted: bool) -> dict[str, str]:
    if not wanted:
        return {}
    store = outbox.open_outbox(config.load(config.environment()).database_url)
    return {bulk_class.HEADER: bulk_class.mark(store, body)}


def _running_hook(sender: Sender) -> str:
    if sender.file is None:
        raise LeadbridgeError("a preset has no address of its own: say where with --to, or name a mapping")
    settings = config.load(config.environment())
    return f"http://{settings.bind}/hooks/{sender.file.name}"
