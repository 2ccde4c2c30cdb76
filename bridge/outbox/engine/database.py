"""The outbox as a whole: where it is, its transactions, and whether it can be used.

Everything durable goes through `Outbox.read` and `Outbox.write`. The two databases differ in a small store
(sqlite.py, postgres.py) and in the few queries that must be written twice.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.errors import OutboxError, OutboxUnavailableError, OutboxVersionError
from bridge.outbox.engine import migrate
from bridge.outbox.engine.queries import load
from bridge.outbox.engine.sqlite import SqliteStore
from bridge.outbox.engine.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.model import Target
    from bridge.outbox.engine.files import DiskSpace

    Clock = Callable[[], int]


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
            return Outbox(SqliteStore(path, clock=clock, wait_seconds=wait_seconds), migrations)
        case "postgresql" | "postgres" if colon:
            from bridge.outbox.engine.postgres import PostgresStore  # psycopg takes 0.3 s that SQLite does not need

            return Outbox(PostgresStore(url, clock=clock, wait_seconds=wait_seconds), migrations)
    shown = scheme if colon and scheme.isalnum() else "what is given"
    raise OutboxError(
        f"the outbox cannot be at {shown!r}; write sqlite:///leadbridge.db, sqlite:////var/lib/leadbridge.db "
        "or postgresql://user@host/database"
    )


class Outbox:
    """The durable store. Safe to share between threads; after a fork each process makes its own connections."""

    def __init__(self, store: Any, migrations: Path = migrate.FOLDER) -> None:
        self._store = store
        self._migrations = migrate.migrations(store.dialect, migrations)
        self._queries = load(store.dialect)
        self._usable = False
        self.compress_bodies = False
        """Whether the bodies of requests that are stored from now on are compressed."""
        self.known_ids: dict[tuple[str, object], int] = {}
        """Ids that never change once committed (hooks, APIs, lanes), so that they are looked up once."""
        self.known_places: dict[Target, tuple[int, int, int]] = {}
        """Of targets the same: account, lane, and whether it is ordered."""
        self._of_processes: dict[tuple[int, str], Any] = {}
        self._before_closing: list[Callable[[], None]] = []

    @property
    def name(self) -> str:
        """Where it is, for messages: no password."""
        return str(self._store.name)

    @property
    def is_file(self) -> bool:
        """Whether it is a SQLite file."""
        return str(self._store.dialect) == "sqlite"

    @property
    def wait_seconds(self) -> float:
        """How long to wait for a lock, a connection or a shared commit."""
        return float(self._store.wait_seconds)

    def of_this_process(self, name: str, make: Callable[[], Any]) -> Any:
        """An object of this process by name, made at its first use; never shared with a parent or child process."""
        key = os.getpid(), name
        found = self._of_processes.get(key)
        return self._of_processes.setdefault(key, make()) if found is None else found

    @property
    def shards(self) -> int:
        """How many rows share a counter: one on SQLite with its one writer, several on PostgreSQL."""
        return 1 if self._store.dialect == "sqlite" else 16

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads. Raises OutboxUnavailableError, OutboxVersionError, OutboxMovedError."""
        with self._store.read() as connection:
            yield self._ready(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction, committed (durably) unless the block raises. Raises as `read` does.

        A row that the database refuses is an OutboxError that is not an OutboxUnavailableError.
        """
        with self._store.write() as connection:
            yield self._ready(connection)

    @contextmanager
    def write_batch(self) -> Iterator[Transaction]:
        """The same for `record_batch`: on PostgreSQL each statement commits, but for those within a `unit`."""
        with self._store.write_batch() as connection:
            yield self._ready(connection)

    def now(self) -> int:
        """The outbox's time in milliseconds UTC."""
        with self.read() as transaction:
            return transaction.now()

    def migrate(self) -> list[int]:
        """Bring the tables up to this code; the versions applied, none if all were. Safe to run by many at once."""
        with self._store.migration() as connection:
            return migrate.run(Transaction(connection, self._store, self._queries), self._migrations, self.name)

    def pending_migrations(self) -> list[str]:
        """The names of what `migrate` would apply. Raises as it does."""
        if not self._store.exists():
            return [migration.name for migration in self._migrations]
        with self._store.read() as connection:
            transaction = Transaction(connection, self._store, self._queries)
            return [one.name for one in migrate.missing(transaction, self._migrations, self.name)]

    def check(self) -> None:
        """Write one row, to verify that a webhook posted now would be stored.

        Raises OutboxUnavailableError, OutboxVersionError or OutboxMovedError. After one of the latter two, all
        further use is refused as well.
        """
        self._usable = False
        with self.write() as transaction:
            if not transaction.run("mark_checked", now=transaction.now()):
                raise OutboxUnavailableError(f"the outbox {self.name} is not complete; run `leadbridge migrate`")

    @property
    def disk(self) -> DiskSpace | None:
        """The disk that the outbox is on, None where that is not known: PostgreSQL's."""
        found: DiskSpace | None = self._store.disk()
        return found

    def hold_reserve(self) -> None:
        """Keep room of SQLite's disk for `release_reserve`, while there is plenty. Raises OutboxUnavailableError."""
        self._store.hold_reserve()

    def release_reserve(self) -> int:
        """Before something that makes room: on a full disk, free what `hold_reserve` took. How many bytes that was."""
        return int(self._store.release_reserve())

    def size(self) -> int:
        """How many bytes the outbox takes. Raises OutboxUnavailableError."""
        with self.read() as transaction:
            return int(transaction.needed_row("outbox_size")["bytes"])

    def copy_into(self, path: Path) -> None:
        """Copy SQLite's file as it is at this moment, while others read and write. Raises OutboxError elsewhere."""
        self._store.copy_into(path)

    def checkpoint(self) -> None:
        """Shorten SQLite's log. For the deliverer to call now and then, so that no receiver has to."""
        self._store.checkpoint()

    def vacuum(self, *, pages: int) -> bool:
        """Return up to `pages` free pages to the file system; whether more are free. PostgreSQL does so itself."""
        return bool(self._store.vacuum(pages))

    def truncate_log(self) -> None:
        """Truncate SQLite's log, so that nothing deleted is left in it. Waits for open readers."""
        self._store.truncate_log()

    def notify(self) -> None:
        """Notify a deliverer that something new is stored. It never fails and never blocks; it may be lost."""
        self._store.notify()

    def wait_for_notification(self, seconds: float) -> bool:
        """Wait up to `seconds` for a notification of any process; whether one came. For one thread of a process.

        Raises OutboxUnavailableError.
        """
        return bool(self._store.wait_for_notification(seconds))

    def before_closing(self, act: Callable[[], None]) -> None:
        """Have something done each time this is closed, while its connections can still be used."""
        self._before_closing.append(act)

    def close(self) -> None:
        """End the threads of this process that use it, and close its connections. The next use opens new ones."""
        for act in self._before_closing:
            act()
        self._store.close()

    def _ready(self, connection: Any) -> Transaction:
        transaction = Transaction(connection, self._store, self._queries)
        if not self._usable:
            _refuse_foreign_schema(transaction, self._migrations, self.name)
            self._usable = True
        return transaction


def _refuse_foreign_schema(transaction: Transaction, known: tuple[migrate.Migration, ...], name: str) -> None:
    version = migrate.current_version(transaction, known, name)
    if not version:
        raise OutboxVersionError(f"the outbox {name} has no tables yet; run `leadbridge migrate`")
    if version < known[-1].version:
        raise OutboxVersionError(
            f"the outbox {name} has schema {version}, this code needs {known[-1].version}; run `leadbridge migrate`"
        )
