"""`leadbridge receive`: webhooks are taken only."""

from __future__ import annotations

import click

from bridge.cli.service.processes import run_parts


@click.command()
def receive() -> None:
    """Take webhooks only; another process or host delivers."""
    run_parts("receiver", "admin", credentials=False)
