"""Whether what was committed survives a power failure, as far as the database's settings show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox


def weak_settings(outbox: Outbox) -> frozenset[str]:
    """The names of the database's settings under which a power failure can lose or damage what was committed.

    Of PostgreSQL `fsync`, `full_page_writes` or `synchronous_commit`, when they are off: the last only where a pooler
    keeps us from switching it on. https://www.postgresql.org/docs/current/runtime-config-wal.html
    Of SQLite `synchronous` or `journal_mode`, which every connection sets: none, unless the file cannot have them.
    https://www.sqlite.org/pragma.html#pragma_synchronous
    """
    with outbox.read() as transaction:
        return frozenset(row["name"] for row in transaction.rows("weak_settings"))
