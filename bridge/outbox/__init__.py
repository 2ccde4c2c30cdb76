"""The outbox: what was answered is durable here, and every delivery is moved on here. The only place with SQL.

`open_outbox` gives an `Outbox`; what can be done with one is in the rooms: `inbox`, `queue`, `operator`, `registry`,
`counters`, `acts`, `fetching`, `lifecycle`, `engine`.
"""

from __future__ import annotations

from bridge.outbox.engine.database import Outbox
from bridge.outbox.engine.opening import open_outbox

__all__ = ["Outbox", "open_outbox"]
