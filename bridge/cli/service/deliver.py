"""`leadbridge deliver`: leads are delivered only."""

from __future__ import annotations

import click

from bridge import bootstrap
from bridge.cli.command import Command
from bridge.cli.service.processes import run_parts, settings_of


@click.command(
    cls=Command,
    examples=[
        "leadbridge deliver",
        "leadbridge deliver --once",
    ],
)
@click.option("--once", is_flag=True, help="Deliver what is due, then end.")
def command(once: bool) -> None:
    """Deliver leads only; another process or host receives.

    Health and metrics are at LEADBRIDGE_ADMIN_BIND; next to a receiver on the same host it needs another port.
    """
    if not once:
        run_parts("deliverer", "admin", credentials=True)
    from bridge.cli.service.deliverer_part import open_completer  # what the supervisor does not need

    settings = settings_of("deliverer", credentials=True)
    deliverer = bootstrap.open_deliverer(settings)
    open_completer(settings).run_once()
    deliverer.run_once()
