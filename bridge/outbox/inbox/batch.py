"""Several requests in one transaction, a statement for each table: what makes a commit cheap for each of them.

An event whose key came before is left out; `known` then looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bridge.model import Receipt
from bridge.outbox.counters import counters
from bridge.outbox.inbox import insert, one_statement

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction
    from bridge.outbox.inbox.rows import EventRow, RequestRow


class Stored(NamedTuple):
    """What became of a request: a receipt for each event, None for one whose key came before.

    `is_whole` says whether there is a receipt for each. `request_id` is None where the request itself is not stored.
    """

    request_id: int | None
    receipts: tuple[Receipt | None, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to do."""
        return None not in self.receipts


def record_batch(outbox: Outbox, transaction: Transaction, requests: Sequence[RequestRow]) -> list[Stored]:
    """Store what is new of these requests. A row that the database refuses is raised by the driver."""
    if one_statement.can_add(transaction, requests):
        return _stored(requests, one_statement.add(outbox, transaction, requests))
    with transaction.unit():
        return _stored(requests, _add_in_turn(outbox, transaction, requests))


def _add_in_turn(outbox: Outbox, transaction: Transaction, requests: Sequence[RequestRow]) -> one_statement.Added:
    ids = insert.take_ids(
        transaction,
        requests=len(requests),
        events=sum(len(request.events) for request in requests),
        deliveries=sum(len(event.deliveries) for request in requests for event in request.events),
    )
    numbered = [(one.request_id or number, one) for number, one in zip(ids.requests, requests, strict=True)]
    owned = [(number, event) for number, request in numbered for event in request.events]
    events = [(event_id, *one) for event_id, one in zip(ids.events, owned, strict=True)]
    new = insert.add_events(transaction, events)
    with_new = {number for event_id, number, _ in events if event_id in new}
    insert.add_requests(transaction, [one for one in numbered if one[0] in with_new and one[1].request_id is None])
    added = [(number, one.deliveries) for number, _, one in events if number in new]
    deltas = _counts(requests, ids.events, new)
    insert.add_deliveries(transaction, added, ids, deltas)
    counters.add(outbox, transaction, deltas)
    return one_statement.Added([number for number, _ in numbered], ids.events, new)


def _stored(requests: Sequence[RequestRow], added: one_statement.Added) -> list[Stored]:
    numbers, stored = iter(added.events), []
    for number, request in zip(added.requests, requests, strict=True):
        receipts = tuple([_receipt(next(numbers), event, added.new) for event in request.events])
        stored.append(Stored(number if any(receipts) else request.request_id, receipts))
    return stored


def _receipt(event_id: int, event: EventRow, new: Container[int]) -> Receipt | None:
    return Receipt(event_id=event_id, state=event.state, reason=event.reason) if event_id in new else None


def _counts(requests: Sequence[RequestRow], ids: Sequence[int], new: Container[int]) -> counters.CounterDeltas:
    labels = [counters.event_labels(request.hook, event.state) for request in requests for event in request.events]
    return counters.CounterDeltas([("events", one) for number, one in zip(ids, labels, strict=True) if number in new])
