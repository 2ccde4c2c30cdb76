"""What persons have done: jobs, which are acts on many things, and the audit, which says who did what."""

from __future__ import annotations

from bridge.outbox.acts.audit import Actor, AuditLine, audit_lines, note_logged_audit, unlogged_audit, write_audit
from bridge.outbox.acts.jobs import (
    Item,
    Job,
    end_job,
    every_item,
    items_of,
    job,
    jobs_by,
    newest_jobs,
    next_items,
    note_options,
    resume_job,
    settle_items,
    start_job,
    stop_job,
    waiting_jobs,
)

__all__ = [
    "Actor",
    "AuditLine",
    "Item",
    "Job",
    "audit_lines",
    "end_job",
    "every_item",
    "items_of",
    "job",
    "jobs_by",
    "newest_jobs",
    "next_items",
    "note_logged_audit",
    "note_options",
    "resume_job",
    "settle_items",
    "start_job",
    "stop_job",
    "unlogged_audit",
    "waiting_jobs",
    "write_audit",
]
