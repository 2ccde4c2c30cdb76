"""`leadbridge reconcile`: what was delivered, compared with who is in Zoho's lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bridge.cli.command import Command
from bridge.cli.options.completion import complete_hooks
from bridge.cli.options.confirmation import agreed
from bridge.cli.options.names import check_names
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.terminal import echo
from bridge.cli.recovery.jobs_in_front import start_and_run
from bridge.cli.recovery.replay import report
from bridge.model import event_name
from bridge.operations import acts
from bridge.operations.acts.documents import job_document
from bridge.operations.selection import moment
from bridge.operations.wording import counted
from bridge.outbox import acts as stored
from bridge.outbox import operator
from bridge.replay.plan import ReplayDecision

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Job

_SHOWN = 20


@click.command(
    cls=Command,
    examples=[
        "leadbridge reconcile --since 2d",
        "leadbridge reconcile --list Newsletter --json",
        "leadbridge reconcile --hook webinar --retry",
    ],
)
@click.option("--hook", help="Deliveries of this hook.", shell_complete=complete_hooks)
@click.option("--list", "list_name", metavar="NAME", help="Deliveries to the list of this name or key.")
@click.option(
    "--since", metavar="TIME", default="7d", show_default=True, help="Received since then: 2h, 3d, 2026-11-21."
)
@click.option("--retry", is_flag=True, help="Send again what is missing, by today's mapping; say what came of it.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(hook: str | None, list_name: str | None, since: str, retry: bool, yes: bool, as_json: bool) -> None:
    """Compare what was delivered with who is in the lists.

    Reads the lists from Zoho by pages, within its limits, and only until all are found. Ends with 1 when somebody is
    missing and was not sent again. What was stopped goes on with `leadbridge jobs JOB --resume`.
    """
    store = open_store()
    check_names(store, operator.Selector(hook=hook, target=list_name))
    choice = acts.expected(store, hook=hook, list_name=list_name, since=moment(since, store.now()))
    if not choice.ids:
        print_json({"job": None, "counts": {}}) if as_json else echo("Nothing was delivered to a list since then.")
        return
    job = start_and_run(store, choice)
    missing = _items(store, job, "missing")
    if not as_json:
        _show(store, job)
    replayed = _send_again(store, missing, yes=yes or as_json) if retry and missing else None
    if as_json:
        print_json(_document(store, job, replayed))
    elif replayed is not None:
        report(store, replayed, as_json=False)
    if missing and (replayed is None or replayed.counts.keys() != {ReplayDecision.SEND}):
        raise click.exceptions.Exit(1)


def _document(store: Outbox, job: Job, replayed: Job | None) -> dict[str, Any]:
    results = {result: _shown(store, _items(store, job, result)) for result in acts.RESULTS if result != "found"}
    document = job_document(job) | {"results": {result: found for result, found in results.items() if found}}
    if replayed is not None:
        document["replayed"] = {"job": replayed.job_id, "counts": replayed.counts}
    return document


def _items(store: Outbox, job: Job, result: str) -> tuple[int, ...]:
    return tuple(item.item_id for item in stored.every_item(store, job.job_id, result=result))


def _shown(store: Outbox, ids: tuple[int, ...]) -> list[dict[str, str]]:
    return [{"event": event_name(event_id), "lead": lead} for event_id, lead in _leads(store, ids)]


def _leads(store: Outbox, ids: tuple[int, ...]) -> list[tuple[int, str]]:
    found = []
    for delivery_id in ids:
        found += [(one.event_id, one.lead) for one in operator.find_events(store, delivery_id=delivery_id)]
    return found


def _show(store: Outbox, job: Job) -> None:
    echo(f"{counted(job.done, 'delivery')} compared")
    for result, description in acts.RESULTS.items():
        count = job.counts.get(result, 0)
        if not count:
            continue
        echo(f"  {count} {description}")
        if result != "found":
            for event_id, lead in _leads(store, _items(store, job, result)[:_SHOWN]):
                echo(f"    {event_name(event_id)}  {lead}")
            if count > _SHOWN:
                echo(f"    and {count - _SHOWN} more; --json lists all")


def _send_again(store: Outbox, missing: tuple[int, ...], *, yes: bool) -> Job:
    ids = tuple(sorted({event_id for event_id, _ in _leads(store, missing)}))
    if not agreed(f"{counted(len(ids), 'event')} will be replayed.", yes=yes, single=False):
        raise click.Abort
    choice = acts.Choice(act="replay", subject="missing in a list", ids=ids, left_out={})
    return start_and_run(store, choice, {"again": True})
