"""`leadbridge doctor`: is everything there that the service needs."""

from __future__ import annotations

import sys

import click

from bridge import config, log
from bridge.cli.output import print_json
from bridge.operating.doctor import Check, Mark, examine


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def doctor(as_json: bool) -> None:
    """Look at everything the service needs: settings, mappings, secrets, outbox, clock, public URL, Zoho.

    Works before anything is set up. Each finding says what to do. Ends with 1 when something fails. The few calls to
    Zoho are counted in the outbox, like all others.
    """
    log.configure(level="critical", stream=sys.stderr)
    found: list[Check] = []
    for check in examine(config.environment()):
        found.append(check)
        if not as_json:
            _print(check)
    failed = sum(check.mark is Mark.FAIL for check in found)
    if as_json:
        names = ("name", "mark", "detail", "cure")
        print_json({"failed": failed, "checks": [{name: getattr(check, name) for name in names} for check in found]})
    else:
        warned = sum(check.mark is Mark.WARN for check in found)
        click.echo(f"\n{len(found)} looked at, {failed} failed, {warned} to know")
    sys.exit(1 if failed else 0)


def _print(check: Check) -> None:
    click.echo(f"{check.mark.value:<5} {check.name}{f': {check.detail}' if check.detail else ''}")
    if check.cure:
        click.echo(f"      {check.cure}")
