"""Deferring and promoting: many deliveries of one lead, which go one at a time, do not block a lane for all others.

A sender that repeats itself can leave thousands of subscribes of one lead, of which only the first may go. Once many
of them are at the front of a lane, they are deferred; whenever one of a lead ends, the next is promoted. A missed
promotion (nothing locks a lead) happens by itself after `DEFER_MS`: deferring can delay, never lose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.model import MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction

MANY: Final = 100
"""So many at the front of a lane are skipped at every claim; more are deferred."""

STEP: Final = 500
"""How many are deferred in one transaction."""

MAX_STEPS: Final = 20

DEFER_MS: Final = 10 * MINUTE_MS

SPACING_MS: Final = 3_000
"""How far apart repeats of a lead are set that need no order: about as close as calls go."""


def defer(outbox: Outbox, lane_id: int, priority: int) -> int:
    """Defer what is at the front of a lane's priority and must wait for an earlier one of its lead; how many.

    What was ever in a call is left alone: its time is that of its retry, and no lead has many of those.
    """
    total = 0
    for _ in range(MAX_STEPS):
        count = _step(outbox, lane_id, priority)
        total += count
        if count < MANY:
            break
    return total


def _step(outbox: Outbox, lane_id: int, priority: int) -> int:
    with outbox.read() as transaction:  # most often there are none, and nobody need wait to learn that
        if len(_followers(transaction, lane_id, priority)) < MANY:
            return 0
    with outbox.write() as transaction:
        # Under the lock that `finish` takes, so that the one which they wait for does not end just now.
        transaction.row("lock_account_of_lane", lane_id=lane_id)
        until = transaction.now() + DEFER_MS
        found = _followers(transaction, lane_id, priority)
        return transaction.run_each("defer", [{"delivery_id": one} for one in found], until=until)


def _followers(transaction: Transaction, lane_id: int, priority: int) -> list[int]:
    rows = transaction.rows("followers", lane_id=lane_id, priority=priority, now=transaction.now(), front=STEP)
    return [row["id"] for row in rows]


def space_out(transaction: Transaction, repeats: Mapping[int, int], now: int) -> int:
    """Space out repeats, by their places among those of their lead, that would fill calls with few leads; how many.

    The next ones of several leads become due together, and so share a call.
    """
    until = [{"delivery_id": one, "until": now + repeats[one] * SPACING_MS} for one in sorted(repeats)]
    return transaction.run_each("space_out", until)


def promote(transaction: Transaction, ended: Iterable[int], now: int) -> None:
    """Make the next delivery of each lead of these ended ones due now."""
    transaction.run_each("promote", [{"ended": delivery_id} for delivery_id in ended], now=now)
