"""A batch by one statement: on PostgreSQL, where each further one is a way to another host and back.

Several statements in a transaction took the receiver 2.5 times the processor time, and the server up to twice.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import orjson

from bridge.outbox.counters import counters
from bridge.outbox.inbox import insert

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction
    from bridge.outbox.inbox.rows import RequestRow


class Added(NamedTuple):
    """The ids that requests and events got, in the order of the batch, and those of the events whose key was free."""

    requests: Sequence[int]
    events: Sequence[int]
    new: Container[int]


def can_add(transaction: Transaction, requests: Sequence[RequestRow]) -> bool:
    """Whether nothing has to be read before these requests are added, or changed by what they add."""
    return transaction.dialect == "postgres" and not any(
        request.request_id is not None or any(event.withdraws for event in request.events) for request in requests
    )


def add(outbox: Outbox, transaction: Transaction, requests: Sequence[RequestRow]) -> Added:
    """Add what is new of these requests. Their rows carry places in the batch, from 1 on, instead of ids."""
    events = [(place, event) for place, request in enumerate(requests, 1) for event in request.events]
    numbered = [(place, *one) for place, one in enumerate(events, 1)]
    deliveries = insert.numbered_deliveries(
        [(place, one.deliveries) for place, _, one in numbered], count(1), now=transaction.own_time
    )
    labels = [counters.event_labels(request.hook, one.state) for request in requests for one in request.events]
    row = transaction.needed_row(
        "add_in_one_statement",
        requests=len(requests),
        events=len(events),
        deliveries=len(deliveries.rows),
        request_rows=transaction.packed_rows(
            insert.REQUESTS, [(place, *one.values) for place, one in enumerate(requests, 1)]
        ),
        event_rows=transaction.packed_rows(insert.EVENTS, insert.numbered_events(numbered)),
        delivery_rows=transaction.packed_rows(insert.DELIVERIES, deliveries.rows),
        payload_rows=transaction.packed_rows(insert.PAYLOADS, deliveries.payloads),
        labels=orjson.dumps([counters.as_text(one) for one in labels]).decode(),
        shard=counters.shard(outbox),
    )
    return Added(row["requests"], row["events"], frozenset(row["new"]))
