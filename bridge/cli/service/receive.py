"""`leadbridge receive`: webhooks are taken only."""

from __future__ import annotations

import click

from bridge.cli.command import Command
from bridge.cli.service.processes import run_parts


@click.command(
    cls=Command,
    examples=[
        "leadbridge receive",
    ],
)
def command() -> None:
    """Receive webhooks only; another process or host delivers."""
    run_parts("receiver", "admin", credentials=False)
