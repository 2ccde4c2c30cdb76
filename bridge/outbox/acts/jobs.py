"""A job: an act and the stored ids of what it is done to, so that it is stopped and resumed, and done once to each.

Whoever runs a job takes some of its items, and does the act, notes its results and renews the lease in one transaction.
So a job that is killed, or run by two at once, does nothing twice. The lease only keeps others from trying in vain.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.model import MINUTE_MS
from bridge.outbox.acts.audit import Actor
from bridge.outbox.engine.transaction import from_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction

LEASE_MS: Final = MINUTE_MS
STORED_AT_ONCE: Final = 1_000
"""Items stored in one transaction: receiving waits no longer than that takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job; nothing in it names a lead. `subject` says what was chosen, `counts` how many items came to each result.

    `total` is None until all its items are stored. Times are ms UTC.
    """

    job_id: int
    act: str
    subject: str
    options: Mapping[str, Any]
    actor: Actor
    total: int | None
    counts: Mapping[str, int]
    started_at: int
    stopped_at: int | None
    ended_at: int | None
    lease_until: int

    @property
    def done(self) -> int:
        """How many of its items are done."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of a job: the id of a delivery or an event, and what came of it, "" while it waits."""

    item_id: int
    result: str


def start_job(
    outbox: Outbox, act: str, ids: Iterable[int], *, subject: str, options: Mapping[str, Any], actor: Actor
) -> Job:
    """Store a job that waits for somebody to run it. One that is broken off meanwhile is never run."""
    with outbox.write() as transaction:
        job_id = transaction.needed_row(
            "start_job",
            act=act,
            subject=subject,
            options=json.dumps(options),
            actor=actor.name,
            source=actor.source,
            now=transaction.now(),
        )["id"]
    items = sorted(set(ids))
    for start in range(0, len(items), STORED_AT_ONCE):
        rows = [(job_id, one) for one in items[start : start + STORED_AT_ONCE]]
        with outbox.write() as transaction:
            transaction.run_rows("add_items", ("job_id", "item_id"), rows)
    with outbox.write() as transaction:
        transaction.run("fill_job", job_id=job_id, total=len(items))
        return _job(transaction.needed_row("job", job_id=job_id))


def next_items(outbox: Outbox, job_id: int, *, limit: int) -> tuple[int, ...]:
    """The next items to do; none when the job is stopped, at its end or not whole."""
    with outbox.write() as transaction:
        if not _hold(transaction, job_id):
            return ()
        rows = transaction.rows("open_items", job_id=job_id, limit=limit)
    return tuple(row["item_id"] for row in rows)


def taken(transaction: Transaction, job_id: int | None, ids: Iterable[int]) -> tuple[int, ...]:
    """Those of some items that are to be done in this transaction, which holds the job; none of a stopped one.

    Without a job, all of them.
    """
    if job_id is None:
        return tuple(sorted(set(ids)))
    if not _hold(transaction, job_id):
        return ()
    rows = transaction.rows("open_items_of", job_id=job_id, ids=transaction.ids(ids))
    return tuple(row["item_id"] for row in rows)


def settle(transaction: Transaction, job_id: int | None, results: Mapping[int, str]) -> None:
    """Note within the transaction that took them what came of items of the job, if there is one."""
    if job_id is None or not results:
        return
    by_result: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
    for item_id, result in results.items():
        by_result[result].append({"item_id": item_id})
    for result, items in by_result.items():
        transaction.run_each("settle_item", items, job_id=job_id, result=result)
    counts = Counter(json.loads(transaction.needed_row("job", job_id=job_id)["counts"]))
    counts.update({result: len(items) for result, items in by_result.items()})
    transaction.run("count_job", job_id=job_id, counts=json.dumps(counts))


def settle_items(outbox: Outbox, job_id: int, results: Mapping[int, str]) -> None:
    """Note what came of items whose act needed no transaction of this outbox, or more than one."""
    with outbox.write() as transaction:
        settle(transaction, job_id, {one: results[one] for one in taken(transaction, job_id, results)})


def note_options(outbox: Outbox, job_id: int, options: Mapping[str, Any]) -> None:
    """Store with a job how far it has come, where its items alone do not say so."""
    with outbox.write() as transaction:
        transaction.run("note_options", job_id=job_id, options=json.dumps(options))


def job(outbox: Outbox, job_id: int) -> Job | None:
    """The job of this number, None if there is none."""
    with outbox.read() as transaction:
        row = transaction.row("job", job_id=job_id)
    return _job(row) if row else None


def newest_jobs(outbox: Outbox, *, limit: int, before: int | None = None) -> tuple[Job, ...]:
    """The newest jobs, newest first; `before` is the number of the last one of the former page."""
    with outbox.read() as transaction:
        return tuple(map(_job, transaction.rows("newest_jobs", before=before, limit=limit)))


def waiting_jobs(outbox: Outbox) -> tuple[Job, ...]:
    """The jobs that somebody is to run: neither stopped nor at their end, and nobody runs them. Oldest first."""
    with outbox.read() as transaction:
        return tuple(map(_job, transaction.rows("waiting_jobs", now=transaction.now())))


def items_of(
    outbox: Outbox, job_id: int, *, result: str | None = None, after: int = 0, limit: int = 100
) -> tuple[Item, ...]:
    """Items of a job by their ids, from `after` (excluded) on: all, or those of one result ("" for those that wait)."""
    query = {None: "items", "": "open_items"}.get(result, "items_by_result")
    given: dict[str, object] = {"job_id": job_id, "limit": limit}
    given |= {"after": after} if result != "" else {}
    given |= {"result": result} if result else {}
    with outbox.read() as transaction:
        rows = transaction.rows(query, **given)
    return tuple(Item(item_id=row["item_id"], result=row["result"] or "") for row in rows)


def every_item(outbox: Outbox, job_id: int, *, result: str | None = None) -> Iterator[Item]:
    """All items of a job by their ids, read some at a time: of any result, or of this one."""
    after = 0
    while some := items_of(outbox, job_id, result=result, after=after, limit=STORED_AT_ONCE):
        yield from some
        after = some[-1].item_id


def stop_job(outbox: Outbox, job_id: int) -> bool:
    """Have a job stopped after the step that runs; whether that changed it."""
    with outbox.write() as transaction:
        return bool(transaction.run("stop_job", job_id=job_id, now=transaction.now()))


def resume_job(outbox: Outbox, job_id: int) -> bool:
    """Have a job go on, whoever ran it before; whether it is one that can."""
    with outbox.write() as transaction:
        return bool(transaction.run("resume_job", job_id=job_id))


def end_job(outbox: Outbox, job_id: int) -> Job | None:
    """The job, ended by this call; None when it is at its end already, or items are left."""
    with outbox.write() as transaction:
        ended = transaction.run("end_job", job_id=job_id, now=transaction.now())
        return _job(transaction.needed_row("job", job_id=job_id)) if ended else None


def jobs_by(outbox: Outbox, *, source: str, limit: int) -> tuple[Job, ...]:
    """The newest jobs that were started from there, newest first."""
    with outbox.read() as transaction:
        return tuple(map(_job, transaction.rows("jobs_by", source=source, limit=limit)))


def jobs_done(outbox: Outbox, act: str) -> Sequence[Job]:
    """The jobs of an act that came to their end, oldest first."""
    with outbox.read() as transaction:
        return tuple(map(_job, transaction.rows("jobs_done", act=act)))


def _hold(transaction: Transaction, job_id: int) -> bool:
    """Renew the lease, which holds the job's row until the transaction ends; False for one that is not to be run."""
    return bool(transaction.run("lease_job", job_id=job_id, lease_until=transaction.now() + LEASE_MS))


def _job(row: Row) -> Job:
    return from_row(
        Job,
        row,
        job_id=row["id"],
        options=json.loads(row["options"]),
        actor=Actor(name=row["actor"], source=row["source"]),
        counts=json.loads(row["counts"]),
    )
