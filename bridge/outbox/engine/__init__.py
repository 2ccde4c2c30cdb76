"""The database itself: connections, transactions, named queries and migrations, for SQLite and PostgreSQL."""

from __future__ import annotations

from bridge.outbox.engine.database import Outbox
from bridge.outbox.engine.durability import weak_settings
from bridge.outbox.engine.files import DiskSpace, disk_space
from bridge.outbox.engine.opening import open_outbox
from bridge.outbox.engine.transaction import Row, Transaction
from bridge.outbox.engine.woken_thread import Turns, WokenThread

__all__ = [
    "DiskSpace",
    "Outbox",
    "Row",
    "Transaction",
    "Turns",
    "WokenThread",
    "disk_space",
    "open_outbox",
    "weak_settings",
]
