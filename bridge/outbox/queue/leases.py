"""Work whose deliverer died comes back when its lease is over; nobody has to rescue it by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason, OnDoubt, OutcomeStatus
from bridge.outbox.counters import counters
from bridge.outbox.precedence import end_withdrawn
from bridge.outbox.queue.dependents import bury_dependents

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox

BATCH = 500


def return_leases(outbox: Outbox) -> int:
    """Give back what was claimed and never finished; how many. It writes only when there is something to give back.

    Whether the lost call reached Zoho is not known: each lead gets an attempt that says so, and where the mapping
    wants a person to decide (`on_doubt: hold`) its delivery ends as dead, reason doubt.
    """
    with outbox.read() as transaction:
        if transaction.row("first_expired", now=transaction.now()) is None:
            return 0
    deltas = counters.CounterDeltas()
    with outbox.write() as transaction:
        now = transaction.now()
        expired = transaction.rows("expired", now=now, batch=BATCH)
        doubtful = [row for row in expired if row["on_doubt"] == OnDoubt.HOLD]
        transitions = [{"delivery_id": row["id"], "call_id": row["call_id"], "now": now} for row in expired]
        transaction.run_many(
            "note_lost_attempt", [transition | {"outcome": OutcomeStatus.DOUBT.value} for transition in transitions]
        )
        held = {row["id"] for row in doubtful}
        transaction.run_many(
            "return_lease", [transition for transition in transitions if transition["delivery_id"] not in held]
        )
        transaction.run_many(
            "bury_doubtful", [transition for transition in transitions if transition["delivery_id"] in held]
        )
        for row in expired:
            end_withdrawn(transaction, [row["id"]], row["api"], now, deltas)
            deltas.note("resent_in_doubt", int(row["id"] not in held), api=row["api"])
        for row in doubtful:
            deltas.note_dead(row["api"], DeadReason.DOUBT)
        bury_dependents(transaction, sorted(held), now, deltas)
        counters.add(outbox, transaction, deltas)
    return len(expired)
