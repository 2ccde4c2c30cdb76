"""What the one process looks at that watches over the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.engine.database import Outbox

RECENT_CALLS = 10


def take_watch(outbox: Outbox, holder: str, *, lease_ms: int) -> bool:
    """Whether this process is the one that watches, for `lease_ms` from now unless it asks again before."""
    with outbox.write() as transaction:
        now = transaction.now()
        return bool(transaction.run("take_watch", holder=holder, until=now + lease_ms, now=now))


def recent_outcomes(outbox: Outbox, lane_id: int) -> Mapping[tuple[str, str], int]:
    """What came of the leads in the last ten calls of a lane, by outcome and result."""
    with outbox.read() as transaction:
        rows = transaction.rows("recent_outcomes", lane_id=lane_id, calls=RECENT_CALLS)
    return {(row["outcome"], row["result"]): int(row["total"]) for row in rows}
