"""`leadbridge listen`: webhooks on this machine, printed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bridge import config, intake, log
from bridge.authoring.heard import Heard, hear
from bridge.cli.command import Command
from bridge.cli.output.mapped import print_mapped, print_read
from bridge.cli.output.requests import print_body, print_request
from bridge.cli.output.terminal import Styled, echo
from bridge.cli.output.text import print_problem
from bridge.errors import LeadbridgeError
from bridge.operations.wording import shown_time
from bridge.web.listener import listening

if TYPE_CHECKING:
    from bridge.config import Settings
    from bridge.model import Request
    from bridge.web.listener import Answer


@click.command(
    cls=Command,
    examples=[
        "leadbridge listen",
        "leadbridge listen --port 8080 --save bodies",
    ],
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Write each body to a file of this folder.")  # fmt: skip
@click.option("--requests", type=int, help="End after so many requests.")
def command(host: str, port: int, save: Path | None, requests: int | None) -> None:
    """Receive webhooks here and print them; store and send nothing.

    Give the sender, or a tunnel, this address. Each request is printed as it came. Where mappings/NAME.yaml is there
    for /hooks/NAME: whether it is authentic and if not why, and what the mapping would make of it; else how the most
    likely sender is read. Files are read again for each request. Every request is answered 202, also what `serve`
    would reject. No Zoho, no outbox; secrets in headers and addresses are printed.
    """
    log.configure(level="critical")
    settings = config.load(config.environment())
    secret, left = config.SecretReader(config.environment()), threading.Semaphore(0)

    def show(request: Request) -> Answer:
        heard = hear(request, settings.mappings, secret, public_url=settings.public_url)
        _print(request, heard, settings)
        if save is not None:
            _save(request, save)
        return _answer(heard)

    try:
        with listening(settings, host, port, show, answered=left.release) as url:
            echo(f"Listening on {url}/hooks/NAME, for any NAME. Ctrl-C ends it.", err=True)
            count = 0
            while requests is None or count < requests:
                left.acquire()
                count += 1
    except OSError as error:
        raise LeadbridgeError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _print(request: Request, heard: Heard, settings: Settings) -> None:
    target = request.url.partition("://")[2].partition("/")[2]
    echo(f"{request.method} /{target}  received {shown_time(request.received_at)}")
    headers = dict(request.headers)
    print_request(headers, {}, headers.pop("content-type", ""))
    print_body(request.body)
    for problem in heard.problems:
        print_problem(problem)
    if heard.handshake is not None:
        echo("a handshake: answered as the sender wants it")
    if heard.diagnosis is not None:
        _print_verification(heard.diagnosis)
    if heard.unreadable:
        echo(f"the body cannot be read: {heard.unreadable}")
    if heard.mapped:
        for event, mapped in zip(heard.events, heard.mapped, strict=True):
            print_mapped(event, mapped)
    elif heard.preset is not None:
        echo(f"read by the preset {heard.preset.name!r}:")
        for number, event in enumerate(heard.events, start=1):
            print_read(number, intake.event_as_json(event))
    if heard.diagnosis is None and not heard.problems and heard.handshake is None:
        name = request.hook or "NAME"
        echo(f"no mapping {settings.mappings / name}.yaml yet; `leadbridge new {name} --from FILE` drafts one")
    echo()


def _print_verification(diagnosis: intake.Diagnosis) -> None:
    if diagnosis.valid:
        echo("verification: ", Styled("valid", "green"))
        return
    echo("verification: ", Styled("not valid", "red"), f": {diagnosis.reason}")
    for hint in diagnosis.hints:
        echo(f"  - {hint}")


def _save(request: Request, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = request.hook if request.hook.isidentifier() or request.hook.replace("-", "_").isidentifier() else "body"
    path = folder / f"{name}-{request.received_at}"
    path.write_bytes(request.body)
    echo(f"saved as {path}")


def _answer(heard: Heard) -> Answer:
    """What the sender is to see: the answer it needs, or that everything is well."""
    if heard.handshake is not None:
        return heard.handshake.body, 200, heard.handshake.content_type
    required = heard.preset.answer if heard.preset is not None else None
    if required is not None:
        return required.body.encode(), required.status, required.content_type
    return b'{"events":[]}', 202, "application/json"
