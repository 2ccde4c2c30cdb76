"""`leadbridge audit`: who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from bridge.cli.command import Command
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo
from bridge.operations.acts.documents import audit_document
from bridge.operations.wording import shown_time
from bridge.outbox import acts

if TYPE_CHECKING:
    from bridge.outbox.acts import AuditLine

_HEADER: Final = ("line", "time", "who", "by", "act", "to", "count", "result", "job")


@click.command(
    cls=Command,
    examples=[
        "leadbridge audit",
        "leadbridge audit --job 7",
        "leadbridge audit --limit 500 --json",
    ],
)
@click.option("--job", type=int, metavar="JOB", help="Only what belongs to this job.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="The maximum number of lines, the newest first.",
)
@click.option("--before", type=int, metavar="LINE", help="Only lines older than this one.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(job: int | None, limit: int, before: int | None, as_json: bool) -> None:
    """List who did what, the newest first.

    Each act of the command line and of the console, with its target, how many it affected, and its result. A lead is
    named by its lead id, as in the logs, so that erasing a person leaves the audit whole.
    """
    found = acts.audit_lines(open_store(), limit=limit, before=before, job_id=job)
    if as_json:
        print_json({"audit": [audit_document(line) for line in found]})
    elif found:
        print_table([_HEADER, *map(_row, found)])
    else:
        echo("Nobody has done anything yet.")


def _row(line: AuditLine) -> tuple[str, ...]:
    count = "" if line.count is None else str(line.count)
    job = "" if line.job_id is None else str(line.job_id)
    number, when = str(line.line_id), shown_time(line.at)
    return (number, when, line.actor.name, line.actor.source, line.act, line.subject, count, line.result, job)
