"""`leadbridge doctor`: is everything there that the service needs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bridge import config, log
from bridge.cli.command import Command
from bridge.cli.inspection.learn import ask_account, fields_of
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import Styled, echo
from bridge.operations.account.questions import TrialLead
from bridge.operations.doctor import Check, Mark, examine
from bridge.operations.wording import counted

_COLOURS = {Mark.OK: "green", Mark.WARN: "yellow", Mark.FAIL: "red", Mark.SKIP: "blue"}


@click.command(
    cls=Command,
    examples=[
        "leadbridge doctor",
        "leadbridge doctor --json",
        "leadbridge doctor --learn --lead test@example.com --list Test --dry-run",
    ],
)
@click.option(
    "--learn", is_flag=True, help="Probe the Zoho account for what Zoho's pages leave open, with a test lead."
)
@click.option("--lead", default="", metavar="ADDRESS", help="With --learn: a test address of your own.")
@click.option("--list", "list_name", default="", metavar="NAME", help="With --learn: the list it is put into.")
@click.option("--journey", default="", metavar="NAME", help="With --learn: the journey it enters.")
@click.option(
    "--lead-was", default="not said", help="With --learn: the lead's earlier state, such as new or unsubscribed."
)
@click.option("--field", multiple=True, metavar="LABEL=VALUE", help="With --learn: a value to store and look at.")
@click.option("--account", default="", help="With --learn: which Zoho account, where the settings have several.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    default="learned.json",
    help="With --learn: the file of the answers; a readable page is written next to it.",
)
@click.option("--dry-run", is_flag=True, help="With --learn: print which calls would be made; make none.")
@click.option("--yes", is_flag=True, help="With --learn: do not ask for confirmation.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(
    learn: bool,
    lead: str,
    list_name: str,
    journey: str,
    lead_was: str,
    field: tuple[str, ...],
    account: str,
    file: Path,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Check everything the service needs, with a fix for each.

    Looks at settings, mappings, secrets, outbox, clock, public URL and Zoho, and works before anything is set up.
    Ends with 1 when something fails. The few calls to Zoho count in the outbox, like all others.

    With --learn it probes the account instead for what Zoho's pages do not say, and writes the answers to a file. It
    shows the calls that it will make, and asks for confirmation. Ends with 1 when a question could not be asked.
    """
    log.configure(level="critical", stream=sys.stderr)
    if learn:
        trial = TrialLead(
            address=lead, list_name=list_name, journey_name=journey, was=lead_was, fields=fields_of(field)
        )
        ask_account(lead=trial, account_name=account, file=file, yes=yes, dry_run=dry_run, as_json=as_json)
        return
    found: list[Check] = []
    for check in examine(config.environment()):
        found.append(check)
        if not as_json:
            _print(check)
    failed = sum(check.mark is Mark.FAIL for check in found)
    if as_json:
        names = ("name", "mark", "detail", "fix")
        print_json({"failed": failed, "checks": [{name: getattr(check, name) for name in names} for check in found]})
    else:
        warned = sum(check.mark is Mark.WARN for check in found)
        echo(f"\n{counted(len(found), 'check')}: {failed} failed, {counted(warned, 'warning')}")
    sys.exit(1 if failed else 0)


def _print(check: Check) -> None:
    mark = Styled(f"{check.mark.value:<5}", _COLOURS[check.mark])
    echo(mark, f" {check.name}{f': {check.detail}' if check.detail else ''}")
    if check.fix:
        echo(f"      {check.fix}")
