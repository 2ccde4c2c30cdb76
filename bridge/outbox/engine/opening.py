"""Where an outbox is: a SQLite file or a PostgreSQL database, by its URL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bridge.errors import OutboxError
from bridge.outbox.engine import migrate
from bridge.outbox.engine.sqlite import SqliteOutbox

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Clock, Outbox


def open_outbox(
    url: str, *, clock: Clock | None = None, wait_seconds: float = 5.0, migrations: Path = migrate.FOLDER
) -> Outbox:
    """The outbox at a database URL. Nothing is connected yet: each process does so at its first use.

    Nothing is created either: an outbox that is not there, or has no tables, is refused until `migrate` was called.

    `sqlite:///relative.db`, `sqlite:////absolute/path.db` or `postgresql://user@host/database`. `clock` gives
    milliseconds UTC; without one SQLite takes this host's time and PostgreSQL its server's, which all hosts share.
    `wait_seconds` bounds the wait for a lock or a connection. Raises OutboxError for any other URL.
    """
    scheme, colon, _ = url.partition("://")
    match scheme:
        case "sqlite" if url.startswith("sqlite:///") and url.removeprefix("sqlite:///") not in ("", ":memory:"):
            path = Path(url.removeprefix("sqlite:///"))
            return SqliteOutbox(path, clock=clock, wait_seconds=wait_seconds, migrations=migrations)
        case "postgresql" | "postgres" if colon:
            from bridge.outbox.engine.postgres import PostgresOutbox  # psycopg takes 0.3 s that SQLite does not need

            return PostgresOutbox(url, clock=clock, wait_seconds=wait_seconds, migrations=migrations)
    shown = scheme if colon and scheme.isalnum() else "what is given"
    raise OutboxError(
        f"the outbox cannot be at {shown!r}; write sqlite:///leadbridge.db, sqlite:////var/lib/leadbridge.db "
        "or postgresql://user@host/database"
    )
