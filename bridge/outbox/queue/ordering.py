"""Deliveries set aside: many of one lead that must go one after the other do not stand in the way of all others.

A sender that repeats itself can leave thousands of subscribes of one lead, and only the first may go. Once many of
them stand at the front of a lane, they become due later instead; whenever one of a lead ends, the next is called up.
If that is missed (nothing locks a lead) it comes by itself after `ASIDE_MS`, so setting aside can delay, never lose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction

MANY: Final = 100
"""So many at the front are walked over at every look; more are set aside."""

STEP: Final = 500
"""How many are set aside in one transaction."""

MAX_STEPS: Final = 20

ASIDE_MS: Final = 600_000

SPREAD_MS: Final = 3_000
"""How far apart repeats of a lead are set that need no order: about as close as calls go."""


def set_aside(outbox: Outbox, lane_id: int, priority: int) -> int:
    """Set aside what stands at the front of a lane's class and must wait for an earlier one of its lead; how many.

    What was ever in a call keeps its time: that is its retry's, and no lead has many of those.
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
        transaction.row("lock_api_of_lane", lane_id=lane_id)
        until = transaction.now() + ASIDE_MS
        found = _followers(transaction, lane_id, priority)
        return transaction.run_each("set_aside", [{"delivery_id": one} for one in found], until=until)


def _followers(transaction: Transaction, lane_id: int, priority: int) -> list[int]:
    rows = transaction.rows("followers", lane_id=lane_id, priority=priority, now=transaction.now(), front=STEP)
    return [row["id"] for row in rows]


def spread(transaction: Transaction, repeats: Sequence[int], now: int) -> int:
    """Set repeats aside that would fill one call after the other with a lead each, while others wait; how many."""
    until = {one: now + place * SPREAD_MS for place, one in enumerate(repeats, 1)}
    return transaction.run_each("spread", [{"delivery_id": one, "until": until[one]} for one in sorted(until)])


def call_up(transaction: Transaction, ended: Iterable[int], now: int) -> None:
    """Let what follows these deliveries in the order of their leads go from now on."""
    transaction.run_each("call_up", [{"ended": delivery_id} for delivery_id in ended], now=now)
