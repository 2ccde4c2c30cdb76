"""Receiving: a request, its events and their deliveries become durable in one transaction, each event once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.errors import OutboxError, OutboxUnavailableError
from bridge.outbox.inbox.batch import record_batch
from bridge.outbox.inbox.group_commit import Group
from bridge.outbox.inbox.record_alone import record_alone
from bridge.outbox.inbox.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.model import NewRequest, Receipt
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.inbox.batch import Stored
    from bridge.outbox.inbox.rows import RequestRow

    Results = Sequence[Stored | None]


MAX_EVENTS: Final = 500
"""Events of one transaction: others wait for its end before they can write, and a list may hold 20,000."""


def record(outbox: Outbox, request: NewRequest) -> tuple[Receipt, ...]:
    """Store a request durably; one receipt per event, in the order of the events.

    Requests of several threads share a commit, and one of more than MAX_EVENTS events takes several. Raises
    OutboxUnavailableError when not all was stored, or when it is not known in time whether it was: the sender should
    try again, and what is stored by then is found by its keys. Raises OutboxError when the database refused a row.
    """
    rows = rows_of(outbox, request)
    receipts: list[Receipt] = []
    for start in range(0, len(rows.events) or 1, MAX_EVENTS):
        stored = _record(outbox, rows._replace(events=rows.events[start : start + MAX_EVENTS]))
        rows = rows._replace(request_id=stored.request_id)
        receipts += [receipt for receipt in stored.receipts if receipt]
    return tuple(receipts)


def _record(outbox: Outbox, rows: RequestRow) -> Stored:
    group = outbox.of_this_process("receiving", lambda: Group(_committing(outbox), outbox.wait_seconds))
    stored: Stored | None = group.submit(rows)
    if stored is not None and stored.is_whole:
        return stored
    stored = record_alone(outbox, rows, stored)
    outbox.notify()
    return stored


def _committing(outbox: Outbox) -> Callable[[Callable[[], Sequence[RequestRow]]], Results]:
    def commit(take: Callable[[], Sequence[RequestRow]]) -> Results:
        """Commit what `take` gives; it is asked when the turn to write has come, so that more can have gathered."""
        requests: Sequence[RequestRow] = ()
        try:
            with outbox.write_batch() as transaction:
                requests = take()
                results: Results = record_batch(outbox, transaction, requests)
        except OutboxError as error:
            if not requests or isinstance(error, OutboxUnavailableError):
                raise
            return [None] * len(requests)  # one of the rows was refused: each tries by itself
        outbox.notify()
        return results

    return commit
