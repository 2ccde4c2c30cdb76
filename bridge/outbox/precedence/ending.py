"""Ending deliveries that must no longer be sent: as a withdrawal comes in, and before any call.

The check before each call is authoritative: whatever brought a delivery back (a retry, a replay, a lease that ended, a
host that stored an older event at the same moment), it is ended there. Claims and withdrawals lock the account's row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason
from bridge.outbox.counters.counters import CounterDeltas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction


def end_what_came_before(transaction: Transaction, event_id: int, now: int) -> CounterDeltas:
    """Give up what waits for the lead of a withdrawal and stands before it; what that adds to the totals."""
    deltas = CounterDeltas()
    transaction.row("lock_account_of_event", event_id=event_id)
    waiting = transaction.rows("waiting_before_withdrawal", event_id=event_id)
    for row in sorted(waiting, key=lambda row: int(row["id"])):
        if transaction.run("end_waiting", delivery_id=row["id"], reason=DeadReason.WITHDRAWN.value, now=now):
            deltas.note_dead(row["api"], DeadReason.WITHDRAWN)
    return deltas


def end_withdrawn(
    transaction: Transaction, delivery_ids: Iterable[int], api: str, now: int, deltas: CounterDeltas
) -> None:
    """Give up those of these pending deliveries, all of one API, whose leads withdrew while they were in a call."""
    ended = transaction.run_each("end_withdrawn", [{"delivery_id": one} for one in delivery_ids], now=now)
    deltas.note_dead(api, DeadReason.WITHDRAWN, ended)


def ended_of_call(transaction: Transaction, call_id: int, now: int, deltas: CounterDeltas) -> Mapping[int, DeadReason]:
    """Take out of a call, before it is made, what a withdrawal has ended or a newer event has overtaken; why, by id."""
    reasons = {row["id"]: DeadReason.OVERTAKEN for row in transaction.rows("overtaken_in_call", call_id=call_id)}
    reasons |= {row["id"]: DeadReason.WITHDRAWN for row in transaction.rows("withdrawn_in_call", call_id=call_id)}
    if reasons:
        api = transaction.needed_row("api_of_call", call_id=call_id)["name"]
        for delivery_id, reason in sorted(reasons.items()):
            transaction.run("end_claimed", delivery_id=delivery_id, reason=reason.value, now=now)
            deltas.note_dead(api, reason)
    return reasons


def withdrawal_after(outbox: Outbox, event_id: int, lead: str, account: str) -> int | None:
    """The event by which the lead of an event withdrew after it, None if it did not."""
    with outbox.read() as transaction:
        row = transaction.row("withdrawal_after", event_id=event_id, lead=lead, account=account)
    return row["id"] if row else None


def stuck_withdrawals(outbox: Outbox, *, before: int) -> dict[tuple[str, str], tuple[int, int]]:
    """The withdrawals that Zoho refused, or has not taken since `before` (ms): how many, and the oldest one's receipt.

    By API and the reason of the refusal, "" for those that wait.
    """
    with outbox.read() as transaction:
        rows = transaction.rows("stuck_withdrawals", before=before)
    return {(row["api"], row["refused"]): (row["total"], row["since"]) for row in rows}
