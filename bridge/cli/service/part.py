"""`leadbridge part`: one process of the service."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from bridge.cli.service.lifeline import hold_lifeline
from bridge.cli.service.processes import settings_of

if TYPE_CHECKING:
    from bridge.config import Settings

ADMIN_THREADS: Final = 4
CONSOLE_THREADS: Final = 4
CONSOLE_NICENESS: Final = 10
"""By so much the console stands back where processors are short: webhooks go first."""

READY_AT: Final = "NOTIFY_SOCKET"
"""Where systemd hears of a unit of `Type=notify` that it is started: gunicorn says so, and the receiver's is meant.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""


@click.command(hidden=True)
@click.argument("name", type=click.Choice(["receiver", "admin", "console", "deliverer"]))
@click.option("--lifeline", type=int, required=True)
def command(name: str, lifeline: int) -> None:
    """One process of the service; started by the supervisor only."""
    hold_lifeline(lifeline)
    if name != "receiver":
        os.environ.pop(READY_AT, None)
    settings = settings_of(name, credentials=name == "deliverer")
    if name == "deliverer":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it asks for a reload, and a deliverer holds no mapping
        _deliver(settings)
    else:
        _serve(name, settings)


def _deliver(settings: Settings) -> None:
    from bridge.cli.service.deliverer_part import run_deliverer  # what receivers do not need

    run_deliverer(settings)


def _serve(name: str, settings: Settings) -> None:
    """Serve `receiver`, `admin` or `console` over HTTP until SIGTERM."""
    from bridge.web.server import Server

    if name == "console" and settings.console is not None:
        from bridge.console import create_console_app  # what receivers do not need

        os.nice(CONSOLE_NICENESS)
        Server(create_console_app, bind=settings.console.bind, workers=1, threads=CONSOLE_THREADS).run()
    from bridge.web import create_admin_app, create_app

    if name == "admin":
        Server(create_admin_app, bind=settings.admin_bind, workers=1, threads=ADMIN_THREADS, page="healthz").run()
    app = partial(create_app, reports=False)  # the health pages' process does
    Server(app, bind=settings.bind, workers=settings.workers, threads=settings.threads, page="hooks/").run()
