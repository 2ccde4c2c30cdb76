"""`leadbridge console`: the pages for people, alone."""

from __future__ import annotations

import click

from bridge import config
from bridge.cli.command import Command
from bridge.cli.service.processes import run_parts
from bridge.errors import LeadbridgeError


@click.command(cls=Command, examples=["leadbridge console"])
def command() -> None:
    """Serve the console only; another process or host receives.

    Its address is LEADBRIDGE_CONSOLE_BIND, who may sign in LEADBRIDGE_CONSOLE_USERS. Runs until SIGTERM.
    """
    if config.load(config.environment()).console is None:
        raise LeadbridgeError("LEADBRIDGE_CONSOLE_BIND is not set; set it to an address such as 127.0.0.1:8082")
    run_parts("console", credentials=False)
