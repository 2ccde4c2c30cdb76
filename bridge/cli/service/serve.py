"""`leadbridge serve`: webhooks are taken and their leads delivered."""

from __future__ import annotations

import click

from bridge.cli.command import Command
from bridge.cli.service.lifeline import hold_lifeline
from bridge.cli.service.processes import run_parts


@click.command(
    cls=Command,
    examples=["leadbridge serve"],
)
@click.option("--lifeline", type=int, hidden=True)
def command(lifeline: int | None) -> None:
    """Receive webhooks and deliver their leads.

    With LEADBRIDGE_CONSOLE_BIND, the console is served too. Runs until SIGTERM. Settings come from the environment
    and leadbridge.env; see the README. Changed mapping files are reloaded automatically; SIGHUP reloads mappings and
    secrets, as `leadbridge reload` does.
    """
    if lifeline is not None:
        hold_lifeline(lifeline)
    run_parts("receiver", "admin", "console", "deliverer", credentials=True)
