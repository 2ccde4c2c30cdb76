"""`leadbridge demo`: the main job, watched."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import click

from bridge import log, outbox
from bridge.cli.command import Command
from bridge.cli.output.terminal import echo
from bridge.demo.stage import CONSOLE_USER, Stage, stage
from bridge.demo.story import report, send_all, wait_for_ends

if TYPE_CHECKING:
    from types import FrameType


@click.command(
    cls=Command,
    examples=[
        "leadbridge demo",
        "leadbridge demo --keep",
    ],
)
@click.option("--keep", is_flag=True, help="Leave everything running at the end, until Ctrl-C.")
def command(keep: bool) -> None:
    """Watch webhooks become leads in a local Zoho.

    Starts a local Zoho and the service as real processes, sends them signed webhooks over HTTP, and reports what
    became of each. It needs no account, server or key, and leaves nothing behind.
    """
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started it in the background, without SIGINT
        signal.signal(number, _stop)
    log.configure(level="error", stream=sys.stderr)
    echo("Leadbridge demo: a local Zoho and the service start on this machine ...\n")
    with stage() as running:
        started = time.monotonic()
        sent = send_all(running)
        store = outbox.open_outbox(running.database_url)
        events = wait_for_ends(store)
        seconds = time.monotonic() - started
        store.close()
        report(sent, events, running.zoho(), echo)
        echo(f"\nFrom the first webhook to the last lead's end: {seconds:.1f} s.")
        if keep:
            _keep(running)
    echo("\nNext: the README's first mapping in ten minutes.")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _keep(running: Stage) -> None:
    echo(f"\nStill running. The console: {running.console_url}")
    echo(f"   name {CONSOLE_USER}, password {running.console_password}")
    echo("Try, in another terminal:")
    echo(f"   export LEADBRIDGE_DATABASE_URL={running.database_url} LEADBRIDGE_MAPPINGS={running.mappings}")
    echo("   leadbridge status")
    echo("   leadbridge show ada@example.com")
    token = running.secrets["WEBSITE_FORM_TOKEN"]
    echo(f"   curl -d email=you@example.com -d newsletter=on '{running.hooks_url}/hooks/website-form?token={token}'")
    echo(f"   curl {running.admin_url}/healthz")
    echo(f"   curl {running.sandbox_url}/_sandbox/state")
    echo(f"   tail -f {running.log}")
    echo("Ctrl-C ends it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        echo("\nStopping.")
