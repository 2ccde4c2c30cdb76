"""`leadbridge doctor --learn`: a real account is asked what Zoho's pages leave open, once a person has agreed."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from bridge import address, config, zoho
from bridge.cli.options.account import open_account
from bridge.cli.options.confirmation import agreed
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo
from bridge.errors import LeadbridgeError
from bridge.operations.account.probe import answer_of, learn, write_down
from bridge.operations.account.questions import NOT_ASKED, TrialLead, questions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bridge.operations.account.probe import Finding


def ask_account(*, lead: TrialLead, account_name: str, file: Path, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Say what will be asked, ask whether to, ask, and write down the answers. Raises LeadbridgeError."""
    _refuse(lead, file)
    settings = config.load(config.environment(), credentials=True)
    account = open_account(settings, account_name)
    echo(_plan(lead, account.zoho.api_url), err=True)
    if dry_run:
        return
    if not agreed("All of this will be asked.", yes=yes):
        raise click.Abort
    findings: list[Finding] = []
    store = open_store(settings.database_url)
    store.migrate()
    try:
        for finding in learn(account, store, lead):
            findings.append(finding)
            echo(f"{finding.asks}\n    {_shown(finding)}", err=True)
    finally:
        readable = write_down(file, lead, account.zoho.api_url, findings) if findings else None
    if as_json:
        print_json({"findings": findings})
    echo(f"Written to {file} and, to be read, to {readable}.", err=True)
    sys.exit(1 if any(one.why_not and one.how for one in findings) else 0)


def _refuse(lead: TrialLead, file: Path) -> None:
    if not lead.address or not lead.list_name:
        raise click.UsageError("--learn needs a test lead of your own and a list: --lead YOU@YOURS --list NAME")
    wrong = address.problem(lead.address)
    if wrong:
        raise LeadbridgeError(f"{lead.address!r} {wrong}")
    for path in (file, file.with_suffix(".md")):
        if path.exists():
            raise LeadbridgeError(f"{str(path)!r} is there already; give the name of a new file: --file")
    if file.suffix == ".md":
        raise LeadbridgeError(f"{str(file)!r} is for the JSON; the page for people lies next to it and ends with .md")


def _plan(lead: TrialLead, api_url: str) -> str:
    planned = list(questions(lead, zoho.Keys()))
    calls = Counter[str]()
    for one in planned:
        calls[zoho.APIS[one.api].title] += 1 + len(one.again_after)
    counted = ", ".join(f"{title} at most {count}" for title, count in calls.items())
    return "\n".join(
        [
            f"These calls go to {api_url} and count in its limits: the account is read as by `pull`; {counted}.",
            f"{lead.address} is put into the list {lead.list_name!r}"
            + (f" and enters the journey {lead.journey_name!r}" if lead.journey_name else "")
            + ", with all the mail that this sends;",
            "its names and company are overwritten. Take an address of your own, and a list and journey made for it.",
            *(f"  {number}. {one.how}" for number, one in enumerate(planned, 1)),
            f"Not asked, since it would do harm or cannot be: {', '.join(NOT_ASKED)}.",
            "",
        ]
    )


def _shown(finding: Finding) -> str:
    return f"not asked: {finding.why_not}" if finding.why_not else answer_of(finding)


def fields_of(given: Sequence[str]) -> dict[str, str]:
    """The values of `--field LABEL=VALUE`. Raises UsageError."""
    pairs = [one.partition("=") for one in given]
    for label, equals, _ in pairs:
        if not label or not equals:
            raise click.UsageError(f"--field {label!r}: write LABEL=VALUE")
    return {label: value for label, _, value in pairs}
