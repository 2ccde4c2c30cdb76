"""Jobs and lines of the audit as programs read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.operations.acts.run import status_of

if TYPE_CHECKING:
    from bridge.outbox.acts import AuditLine, Job


def job_document(job: Job) -> dict[str, Any]:
    """One job as a JSON object, without its items and without how far a reconciliation has read each list."""
    return {
        "job": job.job_id,
        "act": job.act,
        "subject": job.subject,
        "options": {name: value for name, value in job.options.items() if "/" not in name},
        "actor": job.actor.name,
        "source": job.actor.source,
        "status": status_of(job),
        "total": job.total,
        "done": job.done,
        "counts": job.counts,
        "started_at": job.started_at,
        "stopped_at": job.stopped_at,
        "ended_at": job.ended_at,
    }


def audit_document(line: AuditLine) -> dict[str, Any]:
    """One line of the audit as a JSON object."""
    return {
        "line": line.line_id,
        "at": line.at,
        "actor": line.actor.name,
        "source": line.actor.source,
        "act": line.act,
        "subject": line.subject,
        "count": line.count,
        "result": line.result,
        "job": line.job_id,
    }
