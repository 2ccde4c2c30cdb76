"""`leadbridge sample`: a request as a sender sends it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click
import orjson

from bridge import config, intake
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_senders
from bridge.cli.options.payload import sample_of
from bridge.cli.options.request import time_of
from bridge.cli.options.sender import Sender, preset_of, sender_of
from bridge.cli.output.terminal import echo, echo_body

if TYPE_CHECKING:
    from bridge.model import Request


@click.command(
    cls=Command,
    examples=[
        "leadbridge sample typeform > submission.json",
        "leadbridge sample newsletter --curl",
    ],
)
@click.argument("sender", metavar="PRESET|MAPPING", shell_complete=complete_senders)
@click.option("--curl", is_flag=True, help="Print a signed request, ready to paste into a shell.")
@click.option("--to", default="", metavar="URL", help="Where curl posts it; by default the mapping's own hook.")
@click.option("--secret-env", "names", multiple=True, metavar="NAME", help="The variable of a secret, or ROLE=NAME.")
def command(sender: str, curl: bool, to: str, names: tuple[str, ...]) -> None:
    """Print a realistic request of a sender: its body, or all, signed.

    PRESET is a sender (`leadbridge presets`), MAPPING the name of a hook. Every command that takes a PAYLOAD also
    takes `sample:PRESET`, which has the request's headers, and what is fetched for a sender of ids, as well.
    """
    if not curl:
        request = sample_of(preset_of(sender).name).request
        echo_body(_pretty(request.body))
        return
    found, now = sender_of(sender), time_of("")
    request = sample_of(found.preset.name).request
    url = (to or _own_hook(found)) + (f"?{urlencode(request.query)}" if request.query else "")
    signed = intake.sign_request(replace(request, url=url), found.scheme, found.secrets(names), now=now)
    echo(_curl(signed))


def _own_hook(sender: Sender) -> str:
    settings = config.load(config.environment())
    name = sender.file.name if sender.file is not None else sender.preset.name
    return f"http://{settings.bind}/hooks/{name}"


def _pretty(body: bytes) -> bytes:
    """JSON indented, anything else as it is."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONDecodeError:
        return body


def _curl(request: Request) -> str:
    parts = [f"curl -i -X {request.method} {shlex.quote(request.url)}"]
    parts += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()]
    return " \\\n  ".join([*parts, f"--data-binary {_quoted(request.body.decode())}"])


def _quoted(text: str) -> str:
    r"""The text as one word of bash or zsh; one with line ends as $'...\r\n...', which a terminal shows whole."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\r", "\\r").replace("\n", "\\n") + "'"
