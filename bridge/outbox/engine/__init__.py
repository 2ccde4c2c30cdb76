"""The database itself: connections, transactions, named queries and migrations, for SQLite and PostgreSQL."""

from __future__ import annotations

from bridge.outbox.engine.database import Outbox, open_outbox
from bridge.outbox.engine.durability import weak_settings
from bridge.outbox.engine.transaction import Row, Transaction

__all__ = ["Outbox", "Row", "Transaction", "open_outbox", "weak_settings"]
