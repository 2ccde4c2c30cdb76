"""`leadbridge forget`: a person is erased everywhere in the outbox."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from bridge.address import normalised
from bridge.cli.command import Command
from bridge.cli.options.actor import audited
from bridge.cli.options.confirmation import agreed, bulk_options
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.progress import row_progress
from bridge.cli.output.terminal import echo
from bridge.cli.recovery.jobs_in_front import start_and_run
from bridge.errors import LeadbridgeError
from bridge.forget import Forgotten, count_traces, forget
from bridge.model import event_name
from bridge.operations import acts
from bridge.operations.wording import counted, shown_time
from bridge.outbox.operator import Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox import Outbox

GONE_SHOWN: Final = 5
"""How many backups that are not where they were written are named."""


@click.command(
    cls=Command,
    examples=[
        "leadbridge forget ada@example.com --dry-run",
        "leadbridge forget ada@example.com",
    ],
)
@click.argument("address")
@bulk_options
def command(address: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Erase a person from the outbox, and search for traces.

    Finds the person by the address. Shared bodies are rewritten. Every row is read, so this takes a while; it is a
    job, which `jobs` resumes. Ends with 1 when traces are left, for example while a call with the person is in
    flight: run it again then. Delete what Zoho stores in Zoho.
    """
    if "@" not in address:
        raise LeadbridgeError(f"{address!r} is not an e-mail address")
    store = open_store()
    if dry_run:
        _print_counts(count_traces(store, address), "rows with the address", as_json=as_json)
        return
    if not agreed(f"Everything about {address} will be erased for good.", yes=yes):
        raise click.Abort
    done = _forget(store, address)
    in_flight = [event_name(event_id) for event_id in done.in_flight]
    if as_json:
        left = [{"table": trace.table, "id": trace.row_id} for trace in done.left]
        print_json({"erased": done.counts, "in_flight": in_flight, "left": left, "backups": _backups(done)})
    else:
        _print_counts(done.counts, "rows erased", as_json=False)
        for name in in_flight:
            echo(f"{name} has a call in flight, or its withdrawal is not through: repeat this in a minute")
        echo(f"A search of every row finds {counted(len(done.left), 'trace')} of the address.")
        _print_unreached(done, store.now())
    sys.exit(1 if done.left else 0)


def _forget(store: Outbox, address: str) -> Forgotten:
    """Erase the person as a job, as the console does; where no event has the address, what else holds it."""
    found: list[Forgotten] = []
    choice = acts.choose(store, "forget", Selector(lead=normalised(address)))
    if choice.ids:
        start_and_run(store, choice, erasing=row_progress(), erased=found.append)
    if found:
        return found[-1]
    done = forget(store, address, progress=row_progress())
    subject, result = acts.lead_subject(store, normalised(address)), "left" if done.left else "forgotten"
    audited(store, "forget", subject=subject, count=0, result=f"1 {result}")
    return done


def _backups(done: Forgotten) -> list[dict[str, object]]:
    return [
        {"path": one.path, "host": one.host, "made_at": one.made_at, "seen_here": one.is_seen} for one in done.backups
    ]


def _print_unreached(done: Forgotten, now: int) -> None:
    echo(f"Not reached from here: Zoho itself, and backups made before {shown_time(now)}.")
    there = [one for one in done.backups if one.is_seen]
    gone = [one for one in done.backups if not one.is_seen]
    for one in there:
        echo(f"  {one.path}, made {shown_time(one.made_at)}, exists and may hold the person: delete it")
    for one in gone[-GONE_SHOWN:]:
        made = f"{one.path} on {one.host}, made {shown_time(one.made_at)}"
        echo(f"  {made}, is not visible from here: does it still exist?")
    if len(gone) > GONE_SHOWN:
        echo(f"  {counted(len(gone) - GONE_SHOWN, 'older backup')} not visible from here either; --json lists all")
    if not done.backups:
        echo("  `leadbridge backup` has made none; look for copies made by other tools")


def _print_counts(counts: Mapping[str, int], what: str, *, as_json: bool) -> None:
    """How many rows of each table."""
    if as_json:
        print_json({what.replace(" ", "_"): counts})
        return
    for table, count in counts.items():
        echo(f"{what}: {count} in {table}")
    if not counts:
        echo("The outbox holds nothing about this address.")
