"""`leadbridge hooks`: what to paste where, and whether it works."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bridge import config, log
from bridge.cli.command import Command
from bridge.cli.options.completion import complete_hooks
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import Styled, echo
from bridge.documents import unknown_name
from bridge.errors import OutboxError
from bridge.model import DAY_MS
from bridge.operations.hook_list import hook_rows
from bridge.operations.wording import counted, shown_time
from bridge.outbox import inbox

if TYPE_CHECKING:
    from bridge.operations.hook_list import HookRow
    from bridge.outbox import Outbox
    from bridge.outbox.inbox import Rejections

_COLOURS = {"live": "green", "draft": "yellow", "closed": "red"}


@click.command(
    cls=Command,
    examples=[
        "leadbridge hooks",
        "leadbridge hooks webinar",
    ],
)
@click.argument("name", required=False, shell_complete=complete_hooks)
@click.option("--reveal", is_flag=True, help="Print the tokens inside addresses, escaped and ready to paste.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(name: str | None, as_json: bool, reveal: bool) -> None:
    """Show each hook's URL, setup steps and problems.

    NAME shows one hook; without it, all of them, and how many requests of the last 24 hours named an unknown hook.
    """
    log.configure(level="error", stream=sys.stderr)
    settings = config.load(config.environment())
    store = open_store(settings.database_url)
    rows = hook_rows(store, settings, reveal=reveal)
    unknown = _unknown(store)
    if name is not None:
        known = [row.hook for row in rows]
        rows = tuple(row for row in rows if row.hook == name)
        if not rows:
            raise unknown_name(f"hook in {settings.mappings} named", name, known)
    if as_json:
        count = unknown.count if unknown else 0
        print_json({"hooks": [row.as_json() for row in rows], "unknown_hook_requests": count})
        return
    if not rows:
        echo(f"no mapping in {settings.mappings}; `leadbridge new` writes one", err=True)
    for row in rows:
        _print(row)
    if unknown is not None:
        came = f"{counted(unknown.count, 'request')} in the last 24 hours, the last at {shown_time(unknown.last_at)}"
        echo(Styled("problem", "red"), f"  {came}, named a hook that does not exist")
        echo("  correct the address at the sender; the log's request.rejected shows the name and the closest hook")
    if not reveal and any("<the value of " in row.url for row in rows):
        echo("`leadbridge hooks --reveal` prints the addresses with their tokens.", err=True)
    if rows and not settings.public_url:
        echo("These addresses are of this machine alone: LEADBRIDGE_PUBLIC_URL says how senders reach it.", err=True)


def _unknown(store: Outbox) -> Rejections | None:
    """The requests of the last 24 hours for names that no hook has; None without any, or without an outbox."""
    try:
        found = inbox.rejections(store, since=store.now() - DAY_MS, hook="")
    except OutboxError:
        return None
    return next(iter(found), None)


def _print(row: HookRow) -> None:
    runs = ", running on the last good version of its mapping" if row.on_last_good else ""
    echo(f"{row.hook}  ({row.preset or 'unusable mapping'}, ", Styled(row.state, _COLOURS[row.state]), f"{runs})")
    echo(f"  URL         {row.url}")
    for role, names in row.secrets.items():
        echo(f"  secret      {role}: {' or '.join(names)}")
    echo(f"  last event  {shown_time(row.last_event_at)}")
    for problem in row.problems:
        echo("  ", Styled("problem", "red"), f"     {problem.message}; {problem.fix}")
    for number, step in enumerate(row.setup, start=1):
        echo(f"  {number}. {step}")
    echo()
