"""Long work in bulk: its progress is stored in the outbox, so that it resumes where it stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work on the events from `cursor` (excluded) to `until_id`; `asked` is what was asked for, `counts` what came."""

    job_id: int
    kind: str
    parameters: Mapping[str, Any]
    cursor: int
    until_id: int
    started_at: int
    ended_at: int | None
    counts: Mapping[str, int]


def start_job(outbox: Outbox, kind: str, parameters: Mapping[str, Any], *, cursor: int, until_id: int) -> Job:
    """Note that work starts."""
    with outbox.write() as transaction:
        now = transaction.now()
        row = transaction.row(
            "start_job", kind=kind, selector=json.dumps(parameters), cursor=cursor, until_id=until_id, now=now
        )
    return Job(
        job_id=int(row["id"]) if row else 0,
        kind=kind,
        parameters=parameters,
        cursor=cursor,
        until_id=until_id,
        started_at=now,
        ended_at=None,
        counts={},
    )


def job(outbox: Outbox, job_id: int) -> Job | None:
    """The job of this number, None if there is none."""
    with outbox.read() as transaction:
        row = transaction.row("job", job_id=job_id)
    return _job(row) if row else None


def open_jobs(outbox: Outbox) -> tuple[Job, ...]:
    """The jobs that did not come to their end, oldest first."""
    with outbox.read() as transaction:
        return tuple(map(_job, transaction.rows("open_jobs")))


def jobs_done(outbox: Outbox, kind: str) -> tuple[Job, ...]:
    """The jobs of a kind that came to their end, oldest first."""
    with outbox.read() as transaction:
        return tuple(map(_job, transaction.rows("jobs_done", kind=kind)))


def advance(transaction: Transaction, job_id: int, *, cursor: int, counts: Mapping[str, int]) -> None:
    """Note within a transaction that everything up to `cursor` is done."""
    transaction.run("advance_job", job_id=job_id, cursor=cursor, counts=json.dumps(counts))


def advance_job(outbox: Outbox, job_id: int, *, cursor: int, counts: Mapping[str, int]) -> None:
    """Note that everything up to `cursor` is done."""
    with outbox.write() as transaction:
        advance(transaction, job_id, cursor=cursor, counts=counts)


def end_job(outbox: Outbox, job_id: int) -> None:
    """Note that the work is done."""
    with outbox.write() as transaction:
        transaction.run("end_job", job_id=job_id, now=transaction.now())


def _job(row: Row) -> Job:
    return Job(
        job_id=row["id"],
        kind=row["kind"],
        parameters=json.loads(row["selector"]),
        cursor=row["cursor"],
        until_id=row["until_id"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        counts=json.loads(row["counts"]),
    )
