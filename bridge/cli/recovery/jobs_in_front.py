"""An act on many things as a job, carried out while the person waits."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from bridge import bootstrap, config
from bridge.cli.options.actor import actor
from bridge.cli.options.confirmation import agreed
from bridge.cli.output.documents import print_json
from bridge.cli.output.progress import Progress
from bridge.cli.output.terminal import echo
from bridge.errors import LeadbridgeError, ZohoError
from bridge.operations import acts
from bridge.operations.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.delivery.account import Account
    from bridge.operations.acts import Choice
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Job


def act(store: Outbox, choice: Choice, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Ask, do the act to what was chosen, and say to how many it was done."""
    kind = acts.ACTS[choice.act]
    fit = counted(len(choice.ids), kind.item)
    counts: Mapping[str, int] = {}
    job = None
    if choice.ids and not dry_run:
        if not agreed(f"{fit} will be {kind.done}.", yes=yes, single=len(choice.ids) == 1):
            raise click.Abort
        job = start_and_run(store, choice)
        counts = job.counts
    changed = counts.get(kind.done, 0)
    if as_json:
        number = job.job_id if job is not None else None
        print_json({"fit": len(choice.ids), kind.done: changed, "dry_run": dry_run, "job": number})
        return
    echo(f"{fit} would be {kind.done}" if dry_run else f"{counted(changed, kind.item)} {kind.done}")
    for state, count in choice.left_out.items():
        hint = "; --state dead decides on them" if (choice.act, state) == ("cancel", "dead") else ""
        echo(f"  {count} left out: {state}{hint}", err=True)


def start_and_run(store: Outbox, choice: Choice, options: Mapping[str, Any] | None = None, **parts: Any) -> Job:
    """Start a job and carry it out, as `run` does."""
    return run(store, acts.start(store, choice, actor=actor(), options=options), **parts)


def run(store: Outbox, job: Job, **more: Any) -> Job:
    """Carry out what is left of a job. Ctrl-C stops it, and says how it goes on. `more` are parts that it needs."""
    progress = Progress(acts.ACTS[job.act].done, job.total or 0)
    with ExitStack() as connections:
        parts = acts.Parts(
            store,
            config.load(config.environment()).mappings,
            account=cache(lambda name: _account(name, connections)),
            **more,
        )
        try:
            return acts.run(parts, job.job_id, progress=progress.reached)
        except KeyboardInterrupt:
            acts.stop(store, job.job_id, actor=actor())
            echo(f"job {job.job_id} is stopped; `leadbridge jobs {job.job_id} --resume` goes on", err=True)
            raise click.Abort from None
        except ZohoError as error:
            raise LeadbridgeError(f"{error}; `leadbridge jobs {job.job_id} --resume` goes on") from error


def _account(name: str, connections: ExitStack) -> Account:
    account = bootstrap.open_account(config.load(config.environment(), credentials=True), name)
    connections.enter_context(account.http)
    return account
