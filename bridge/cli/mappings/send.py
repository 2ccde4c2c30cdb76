"""`leadbridge send`: a payload is signed as its sender would sign it, and posted."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from bridge import config, intake
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_payloads, complete_senders
from bridge.cli.options.payload import read_argument
from bridge.cli.options.request import request_of, time_of
from bridge.cli.options.sender import Sender, sender_of
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo
from bridge.errors import LeadbridgeError
from bridge.http import Http
from bridge.receiving import bulk_mark
from bridge.web_address import parts_of

DEADLINE_SECONDS = 30


@click.command(
    cls=Command,
    examples=[
        "leadbridge send webinar submission.json",
        "leadbridge send typeform submission.json --to http://127.0.0.1:8080/hooks/webinar --secret-env TOKEN",
        "leadbridge send webinar evt_12 --bulk",
    ],
)
@click.argument("sender", metavar="PRESET|MAPPING", shell_complete=complete_senders)
@click.argument("payload", metavar="PAYLOAD|EVENT", shell_complete=complete_payloads)
@click.option("--to", default="", metavar="URL", help="Where to post it; by default the mapping's own hook.")
@click.option("--secret-env", "names", multiple=True, metavar="NAME", help="The variable of a secret, or ROLE=NAME.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header of the request.")
@click.option("--content-type", default="", help="The body's content type, where it cannot be detected from the body.")
@click.option("--bulk", is_flag=True, help="Give these leads the lowest priority.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(
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

    PAYLOAD is a file with a body, - for standard input, or the id of a stored event (evt_12), whose whole request is
    sent again. With --bulk the leads have the lowest priority; that needs the outbox of the service that it posts to.
    Ends with 1 when the answer is an error, or there is none.
    """
    found, now = sender_of(sender), time_of("")
    url = to or _running_hook(found)
    sent = read_argument(payload, headers=headers, content_type=content_type)
    request = request_of(sent.body, headers=headers, content_type=sent.content_type, url=url, now=now)
    request = replace(request, headers={**sent.headers, **request.headers, **_bulk_mark(sent.body, wanted=bulk)})
    public_url = config.load(config.environment()).public_url if found.file is not None else ""
    signed = intake.sign_request(request, found.scheme, found.secrets(names), now=now, public_url=public_url)
    with Http() as http:
        answer = http.send(
            signed.method, signed.url, body=signed.body, headers=signed.headers, deadline_seconds=DEADLINE_SECONDS
        )
    text = answer.body.decode("utf-8", "replace")
    if as_json:
        print_json({"status": answer.status, "body": text})
    else:
        echo(f"{answer.status} from {parts_of(url).netloc.rpartition('@')[2]}")
        echo(text)
    sys.exit(0 if answer.status < 300 else 1)


def _bulk_mark(body: bytes, *, wanted: bool) -> dict[str, str]:
    if not wanted:
        return {}
    store = open_store()
    return {bulk_mark.HEADER: bulk_mark.mark(store, body)}


def _running_hook(sender: Sender) -> str:
    if sender.file is None:
        raise LeadbridgeError("a preset has no address of its own: say where with --to, or name a mapping")
    settings = config.load(config.environment())
    return f"http://{settings.bind}/hooks/{sender.file.name}"
