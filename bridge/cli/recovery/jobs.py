"""`leadbridge jobs`: what was started on many events or deliveries, how far it is, and how it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from bridge.cli.command import Command
from bridge.cli.options.actor import actor
from bridge.cli.options.store import open_store
from bridge.cli.output.documents import print_json
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo
from bridge.cli.recovery.jobs_in_front import run
from bridge.model import delivery_name, event_name
from bridge.operations import acts
from bridge.operations.acts.documents import job_document
from bridge.operations.wording import counted, short_time, shown_time
from bridge.outbox import acts as outbox_acts

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.acts import Job

_HEADER: Final = ("job", "act", "started", "by", "what", "state", "done")


@click.command(
    cls=Command,
    examples=[
        "leadbridge jobs",
        "leadbridge jobs 7",
        "leadbridge jobs 7 --resume",
    ],
)
@click.argument("job", type=click.IntRange(min=1), required=False)
@click.option("--stop", is_flag=True, help="Stop it after its current step.")
@click.option("--resume", is_flag=True, help="Resume it in this process.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The maximum number of jobs.")
@click.option("--before", type=int, metavar="JOB", help="Only jobs older than this one.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(job: int | None, stop: bool, resume: bool, limit: int, before: int | None, as_json: bool) -> None:
    """List jobs; show, stop or resume one.

    A job is an act (retry, replay, cancel, forget) on many events or deliveries. A job that was stopped or killed
    resumes where it was, and nothing is done twice. JOB is its number; without it the newest are listed.
    """
    store = open_store()
    if job is None:
        if stop or resume:
            raise click.UsageError("say which: leadbridge jobs JOB --stop, or --resume")
        _list(store, limit=limit, before=before, as_json=as_json)
        return
    if stop and resume:
        raise click.UsageError("a job is either stopped or resumed")
    found = acts.needed(store, job)
    if stop:
        found = acts.stop(store, job, actor=actor())
    if resume:
        found = run(store, acts.resume(store, job, actor=actor()))
    if as_json:
        items = outbox_acts.items_of(store, job, limit=limit)
        print_json(job_document(found) | {"items": [{"id": item.item_id, "result": item.result} for item in items]})
    else:
        _show(store, found, limit)


def _list(store: Outbox, *, limit: int, before: int | None, as_json: bool) -> None:
    found = outbox_acts.newest_jobs(store, limit=limit, before=before)
    if as_json:
        print_json({"jobs": [job_document(one) for one in found]})
    elif not found:
        echo("No job was started.")
    else:
        now = store.now()
        print_table([_HEADER, *(_row(one, now) for one in found)])


def _row(job: Job, now: int) -> tuple[str, ...]:
    done = f"{job.done} of {job.total}" if job.total is not None else ""
    started = short_time(job.started_at, now)
    return (str(job.job_id), job.act, started, job.actor.name, job.subject, acts.status_of(job), done)


def _show(store: Outbox, job: Job, limit: int) -> None:
    echo(f"job {job.job_id}: {job.act} {job.subject}: {acts.status_of(job)}")
    echo(f"  started {shown_time(job.started_at)} by {job.actor.name} ({job.actor.source})")
    echo(f"  {job.done} of {job.total if job.total is not None else 'an unknown number'} done: {acts.result_of(job)}")
    name = delivery_name if acts.ACTS[job.act].item == "delivery" else event_name
    for result in (*sorted(job.counts), ""):
        items = outbox_acts.items_of(store, job.job_id, result=result, limit=limit)
        if items:
            more = job.counts.get(result, (job.total or 0) - job.done) - len(items)
            rest = f" and {counted(more, 'other')}" if more > 0 else ""
            echo(f"  {result or 'to do'}: {', '.join(name(item.item_id) for item in items)}{rest}")
    if acts.status_of(job) in ("open", "stopped"):
        echo(f"  `leadbridge jobs {job.job_id} --resume` goes on with it")
