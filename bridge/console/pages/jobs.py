"""Jobs: what was started on many events or deliveries, how far it is; and the audit, which says who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request as http
from werkzeug.exceptions import NotFound

from bridge.console import acting
from bridge.console.page import Page, Shown, console, to
from bridge.errors import LeadbridgeError
from bridge.model import Role
from bridge.operations import acts
from bridge.operations.acts.documents import audit_document, job_document
from bridge.operations.selection import whole_number
from bridge.outbox import acts as stored

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from bridge.outbox.acts import Job

page = Page("jobs", title="Jobs", shortcut="b")

LIMIT: Final = 25
ITEMS: Final = 100
"""How many items of each result are shown."""


@page.look("")
def overview() -> Shown:
    """The newest jobs, and who did what lately."""
    before = whole_number(http.args.get("before", ""))
    jobs = stored.newest_jobs(console().outbox, limit=LIMIT, before=before)
    lines = stored.audit_lines(console().outbox, limit=LIMIT, before=whole_number(http.args.get("line", "")))
    values = {
        "jobs": [(job, acts.status_of(job)) for job in jobs],
        "older_jobs": jobs[-1].job_id if len(jobs) == LIMIT else None,
        "lines": lines,
        "older_lines": lines[-1].line_id if len(lines) == LIMIT else None,
        "is_first": not http.args,
    }
    document = {"jobs": [job_document(job) for job in jobs], "audit": [audit_document(line) for line in lines]}
    return Shown("jobs.html", values, document)


@page.look("/<int:number>")
def job(number: int) -> Shown:
    """One job: how far it is, and what came of its items."""
    found = _found(number)
    items = {
        result: stored.items_of(console().outbox, number, result=result, limit=ITEMS)
        for result in (*sorted(found.counts, key=lambda name: -found.counts[name]), "")
    }
    status = acts.status_of(found)
    values = {
        "job": found,
        "status": status,
        "act": acts.ACTS[found.act],
        "outcomes": acting.OUTCOMES if found.act == "replay" else {},
        "items": {result: some for result, some in items.items() if some},
        "lines": stored.audit_lines(console().outbox, limit=LIMIT, job_id=number),
        "is_running": status == "open",
    }
    return Shown("job.html", values, job_document(found))


@page.act("/<int:number>/stop", role=Role.OPERATOR)
def stop(number: int) -> AnyResponse:
    """Stop a job after its present step."""
    acts.stop(console().outbox, _found(number).job_id, actor=acting.actor())
    return to("jobs.job", number=number, said="Stopped. What is done stays done.")


@page.act("/<int:number>/resume", role=Role.OPERATOR)
def resume(number: int) -> AnyResponse:
    """Go on with a job that was stopped."""
    acts.resume(console().outbox, _found(number).job_id, actor=acting.actor())
    console().notify_jobs()
    return to("jobs.job", number=number, said="It goes on where it was.")


def _found(number: int) -> Job:
    """Raises NotFound."""
    try:
        return acts.needed(console().outbox, number)
    except LeadbridgeError as error:
        raise NotFound(str(error)) from None
