"""Purging what is old, in steps so small that receiving does not notice.

Each step is one short transaction over the next ids. Whoever runs them goes from the start to the end, waits, and
starts again: what was open at one time may have ended at the next. Nothing that is open, or that died without a
person having cancelled it, is ever touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.model import MINUTE_MS

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row


STEP = 50
"""Rows looked at in one step: a step's time is added to the answer of whoever is received meanwhile."""

ACTS_AT_ONCE = 200
"""Rows of the audit, and items of jobs, removed in one step."""

_BODY = ("purge_body", "purge_notes", "purge_fetched", "purge_payloads")
_EVERYTHING = ("purge_attempts", "purge_payloads", "purge_deliveries", "purge_fetched", "purge_events", "purge_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step did: how many rows it purged, and the id to go on after (None: nothing older is left)."""

    purged: int
    after: int | None


def purge_bodies(outbox: Outbox, *, before: int, after: int = 0, limit: int = STEP) -> Step:
    """Remove what persons wrote from requests received before this time: bodies, headers, payloads, notes.

    Events stay with their keys, so that a sender's late repeat is still recognised; refused events keep their
    bodies, for a replay.
    """
    return _purge_requests(outbox, "purgeable_bodies", _BODY, before=before, after=after, limit=limit)


def purge_events(outbox: Outbox, *, before: int, after: int = 0, limit: int = STEP) -> Step:
    """Remove requests received before this time whole, with their events, deliveries and attempts.

    A sender's repeat of such an event would be a new one, so this time is to lie far behind.
    """
    return _purge_requests(outbox, "purgeable_requests", _EVERYTHING, before=before, after=after, limit=limit)


def purge_observations(outbox: Outbox, *, before: int) -> int:
    """Remove the rejections and form changes last seen before this time; how many rows."""
    with outbox.write() as transaction:
        rejections = transaction.run("purge_rejections", minute=before // MINUTE_MS)
        return rejections + transaction.run("purge_drifts", before=before)


def purge_acts(outbox: Outbox, *, before: int) -> bool:
    """Remove some of the audit, and of the jobs that ended or broke off before this time; whether any were there.

    Jobs that remember backups stay.
    """
    with outbox.write() as transaction:
        removed = transaction.run("purge_audit", before=before, limit=ACTS_AT_ONCE)
        job = transaction.row("purgeable_job", before=before)
        if job is not None:
            items = transaction.run("purge_job_items", job_id=job["id"], limit=ACTS_AT_ONCE)
            removed += items or transaction.run("purge_job", job_id=job["id"])
    return bool(removed)


def purge_calls(outbox: Outbox, *, before: int, after: int = 0, limit: int = STEP) -> Step:
    """Remove calls started before this time that no delivery's attempts refer to any more."""
    with outbox.write() as transaction:
        end = transaction.row("calls_from", after=after, limit=limit)
        if end is None or end["last_id"] is None:
            return Step(purged=0, after=None)
        purged = transaction.run("purge_calls", after=after, last_id=end["last_id"], before=before)
    return Step(purged=purged, after=_next(end, before))


def count_purgeable(outbox: Outbox, *, bodies_before: int, events_before: int) -> tuple[int, int]:
    """How many bodies, and how many whole requests, a purge would remove now. Read in steps, nothing is changed."""
    bodies = _count(outbox, "purgeable_bodies", bodies_before)
    return bodies, _count(outbox, "purgeable_requests", events_before)


def _count(outbox: Outbox, choice: str, before: int) -> int:
    total, after = 0, 0
    while True:
        with outbox.read() as transaction:
            end = transaction.row("requests_from", after=after, limit=STEP)
            if end is None or end["last_id"] is None:
                return total
            total += len(transaction.rows(choice, after=after, last_id=end["last_id"], before=before))
        following = _next(end, before)
        if following is None:
            return total
        after = following


def _purge_requests(
    outbox: Outbox, choice: str, statements: tuple[str, ...], *, before: int, after: int, limit: int
) -> Step:
    with outbox.write() as transaction:
        end = transaction.row("requests_from", after=after, limit=limit)
        if end is None or end["last_id"] is None:
            return Step(purged=0, after=None)
        chosen = transaction.rows(choice, after=after, last_id=end["last_id"], before=before)
        requests = [{"request_id": row["id"]} for row in chosen]
        for statement in statements:
            transaction.run_each(statement, requests)
    return Step(purged=len(chosen), after=_next(end, before))


def _next(end: Row, before: int) -> int | None:
    """Ids follow the times of receipt closely enough: a step that met something young is the last one."""
    return None if end["youngest_at"] >= before else int(end["last_id"])
