"""Leader election by a lease in the outbox, and what the leader inspects: the outcomes of recent calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.engine.database import Outbox

RECENT_CALLS = 10


def acquire_leader_lease(outbox: Outbox, task: str, holder: str, *, lease_ms: int) -> bool:
    """Acquire or renew the leader lease of a task for `lease_ms`; whether `holder` is its leader now."""
    with outbox.write() as transaction:
        now = transaction.now()
        return bool(transaction.run("acquire_leader_lease", task=task, holder=holder, until=now + lease_ms, now=now))


def recent_outcomes(outbox: Outbox, lane_id: int) -> Mapping[tuple[str, str], int]:
    """What came of the leads in the last ten calls of a lane, by outcome and result."""
    with outbox.read() as transaction:
        rows = transaction.rows("recent_outcomes", lane_id=lane_id, calls=RECENT_CALLS)
    return {(row["outcome"], row["result"]): int(row["total"]) for row in rows}
