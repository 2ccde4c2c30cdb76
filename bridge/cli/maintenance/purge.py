"""`leadbridge purge`: old bodies and events are deleted now."""

from __future__ import annotations

import click

from bridge import config
from bridge.cli.command import Command
from bridge.cli.options.actor import audited
from bridge.cli.options.confirmation import agreed, bulk_options
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.progress import row_progress
from bridge.cli.output.terminal import echo
from bridge.model import DAY_MS
from bridge.operations.retention import LEAST_DAYS, purge_all
from bridge.operations.selection import moment
from bridge.operations.wording import counted, shown_time
from bridge.outbox import lifecycle


@click.command(
    cls=Command,
    examples=[
        "leadbridge purge --dry-run",
        "leadbridge purge --before 30d --yes",
    ],
)
@click.option("--before", help="Purge bodies older than this: 30d, 2026-11-21. By default the days of the settings.")
@bulk_options
def command(before: str | None, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Delete old bodies and events now.

    In small steps that do not slow down receiving. The service purges by itself; this does it now. Open deliveries,
    and dead ones that nobody has decided on, are not purged. Events keep their keys for at least 30 days, so that a
    sender's repeat is recognised.
    """
    settings = config.load(config.environment())
    store = open_store(settings.database_url)
    now = store.now()
    bodies = moment(before, now) if before else now - settings.keep_bodies_days * DAY_MS
    events = min(now - max(settings.keep_events_days, LEAST_DAYS) * DAY_MS, bodies)
    stored, whole = lifecycle.count_purgeable(store, bodies_before=bodies, events_before=events)
    sentence = (
        f"{counted(stored, 'body')} received before {shown_time(bodies)}, and {counted(whole, 'request')} with their "
        f"events from before {shown_time(events)}, will be purged."
    )
    if dry_run and as_json:
        print_json({"would_purge": {"bodies": stored, "requests": whole}})
        return
    if dry_run:
        echo(sentence.replace("will be", "would be"))
        return
    if not agreed(sentence, yes=yes):
        raise click.Abort
    done = purge_all(store, bodies_before=bodies, events_before=events, progress=row_progress())
    purged = {"bodies": done.bodies, "requests": done.requests, "calls": done.calls}
    audited(store, "purge", subject=f"before={shown_time(bodies)}", count=sum(purged.values()))
    if as_json:
        print_json({"purged": purged})
    else:
        shown = (counted(done.bodies, "body"), counted(done.requests, "request"), counted(done.calls, "call"))
        echo(f"purged: {', '.join(shown)}")
