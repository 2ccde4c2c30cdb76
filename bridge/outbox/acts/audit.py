"""The audit: who did what, when, to what and with which result. Lines are only ever added.

Nothing in a line names a lead: an address is written as the lead id of the logs, so `forget` has nothing to take out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.outbox.engine.transaction import from_row

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row

SETTLED_MS = 1_000
UNLOGGED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and from where.

    `user@host` at the command line (`cli`), who is signed in at the console (`console`), or the host whose service acts
    by itself (`service`).
    """

    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One thing that was done: `subject` is what it was done to, `count` to how many; `at` is ms UTC."""

    line_id: int
    at: int
    actor: Actor
    act: str
    subject: str
    count: int | None
    result: str
    job_id: int | None


def write_audit(
    outbox: Outbox,
    act: str,
    *,
    actor: Actor,
    subject: str,
    result: str = "done",
    count: int | None = None,
    job_id: int | None = None,
) -> None:
    """Write that somebody did something. `subject` must name no lead but by its pseudonym. Raises OutboxError."""
    with outbox.write() as transaction:
        transaction.run(
            "write_audit",
            now=transaction.now(),
            actor=actor.name,
            source=actor.source,
            act=act,
            subject=subject,
            count=count,
            result=result,
            job_id=job_id,
        )


def audit_lines(
    outbox: Outbox, *, limit: int, before: int | None = None, job_id: int | None = None
) -> tuple[AuditLine, ...]:
    """The newest lines, newest first, of one job or of all; `before` is the id of the former page's last line."""
    query = "audit_of_job" if job_id is not None else "audit"
    given: dict[str, object] = {"limit": limit, "before": before}
    if job_id is not None:
        given["job_id"] = job_id
    with outbox.read() as transaction:
        return tuple(map(_line, transaction.rows(query, **given)))


def unlogged_audit(outbox: Outbox) -> tuple[AuditLine, ...]:
    """The oldest lines that the log does not have yet, but for the last moment's: lower ids may follow those."""
    with outbox.read() as transaction:
        settled_at = transaction.now() - SETTLED_MS
        return tuple(map(_line, transaction.rows("unlogged_audit", settled_at=settled_at, limit=UNLOGGED)))


def note_logged_audit(outbox: Outbox, line_id: int) -> None:
    """The log has all lines up to this one. To be called by the leader."""
    with outbox.write() as transaction:
        transaction.run("note_logged_audit", line_id=line_id)


def _line(row: Row) -> AuditLine:
    return from_row(AuditLine, row, line_id=row["id"], actor=Actor(name=row["actor"], source=row["source"]))
