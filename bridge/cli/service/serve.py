"""`leadbridge serve`: webhooks are taken and their leads delivered."""

from __future__ import annotations

import click

from bridge.cli.service.lifeline import hold_lifeline
from bridge.cli.service.processes import run_parts


@click.command()
@click.option("--lifeline", type=int, hidden=True)
def serve(lifeline: int | None) -> None:
    """Take webhooks and deliver their leads, until SIGTERM.

    Settings come from the environment; see the README. SIGHUP reads mappings and secrets again, as `leadbridge
    reload` does; a changed mapping file is taken up by itself.
    """
    if lifeline is not None:
        hold_lifeline(lifeline)
    run_parts("receiver", "admin", "deliverer", credentials=True)
