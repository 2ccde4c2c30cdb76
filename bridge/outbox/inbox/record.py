"""Receiving: a request, its events and their deliveries become durable in one transaction, each event once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bridge.errors import OutboxError, OutboxUnavailableError
from bridge.outbox.inbox.batch import record_batch
from bridge.outbox.inbox.group_commit import Group
from bridge.outbox.inbox.known import record_alone
from bridge.outbox.inbox.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.model import NewRequest, Receipt
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.inbox.batch import Stored
    from bridge.outbox.inbox.rows import RequestRow

    Results = Sequence[Stored | None]


def record(outbox: Outbox, request: NewRequest) -> tuple[Receipt, ...]:
    """Keep a request durably; one receipt per event, in the order of the events.

    Requests of several threads share a commit. Raises OutboxUnavailableError when nothing was kept, or when it is
    not known in time whether it was, and the sender should try again; OutboxError when the database refused a row.
    """
    rows = rows_of(outbox, request)
    group = outbox.of_this_process("receiving", lambda: Group(_committing(outbox), outbox.wait_seconds))
    stored: Stored | None = group.submit(rows)
    if stored is not None and stored.is_whole:
        return cast("tuple[Receipt, ...]", stored.receipts)
    receipts = record_alone(outbox, rows, stored)
    outbox.notify()
    return receipts


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
