"""`leadbridge part`: one process of the service."""

from __future__ import annotations

import signal

import click

from bridge.cli.service.lifeline import hold_lifeline
from bridge.cli.service.processes import run_deliverer, run_server, settings_of


@click.command(hidden=True)
@click.argument("name", type=click.Choice(["receiver", "admin", "deliverer"]))
@click.option("--lifeline", type=int, required=True)
def command(name: str, lifeline: int) -> None:
    """One process of the service; started by the supervisor only."""
    hold_lifeline(lifeline)
    settings = settings_of(name, credentials=name == "deliverer")
    if name == "deliverer":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it asks for a reload, and a deliverer holds no mapping
        run_deliverer(settings)
    else:
        run_server(name, settings)
