"""The outbox as a whole: where it is, its transactions, and whether it can be used.

Everything durable goes through `Outbox.read` and `Outbox.write`. The two databases differ in sqlite.py and postgres.py,
and in the few queries that must be written twice.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final

from bridge.errors import OutboxUnavailableError, OutboxVersionError
from bridge.outbox.engine import migrate
from bridge.outbox.engine.queries import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bridge.model import Target
    from bridge.outbox.engine.files import DiskSpace
    from bridge.outbox.engine.transaction import Transaction

    Clock = Callable[[], int]

OPENED: Final = "opened"


class Outbox(ABC):
    """The durable store. Safe to share between threads; after a fork each process makes its own connections.

    `name` says where it is, for messages, without a password; `wait_seconds` how long to wait for a lock, a connection
    or a shared commit.
    """

    transaction_type: ClassVar[type[Transaction]]

    def __init__(self, name: str, *, clock: Clock | None, wait_seconds: float, migrations: Path) -> None:
        self.name = name
        self.wait_seconds = wait_seconds
        self._clock = clock
        self._migrations = migrate.migrations(self.transaction_type.dialect, migrations)
        self._queries = load(self.transaction_type.dialect)
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
    def is_file(self) -> bool:
        """Whether it is a SQLite file."""
        return self.transaction_type.dialect == "sqlite"

    def of_this_process(self, name: str, make: Callable[[], Any]) -> Any:
        """An object of this process by name, made at its first use; never shared with a parent or child process.

        A parent's stay here, unused: closing its connections in the child could disturb it.
        """
        key = os.getpid(), name
        found = self._of_processes.get(key)
        return self._of_processes.setdefault(key, make()) if found is None else found

    @property
    def shards(self) -> int:
        """How many rows share a counter: one on SQLite with its one writer, several on PostgreSQL."""
        return 1 if self.is_file else 16

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads. Raises OutboxUnavailableError, OutboxVersionError, OutboxMovedError."""
        with self._to_read() as connection:
            yield self._ready(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction, committed (durably) unless the block raises. Raises as `read` does.

        A row that the database refuses is an OutboxError that is not an OutboxUnavailableError.
        """
        with self._to_write() as connection:
            yield self._ready(connection)

    @contextmanager
    def write_batch(self) -> Iterator[Transaction]:
        """The same for `record_batch`: on PostgreSQL each statement commits, but for those within a `unit`."""
        with self._to_write_batch() as connection:
            yield self._ready(connection)

    def now(self) -> int:
        """The outbox's time in milliseconds UTC."""
        with self.read() as transaction:
            return transaction.now()

    def migrate(self) -> list[int]:
        """Bring the tables up to this code; the versions applied, none if all were. Safe to run by many at once."""
        with self._to_migrate() as connection:
            return migrate.run(self._transaction(connection), self._migrations, self.name)

    def pending_migrations(self) -> list[str]:
        """The names of what `migrate` would apply. Raises as it does."""
        if not self._exists():
            return [migration.name for migration in self._migrations]
        with self._to_read() as connection:
            missing = migrate.missing(self._transaction(connection), self._migrations, self.name)
        return [migration.name for migration in missing]

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
        return None

    def hold_reserve(self) -> None:  # noqa: B027 - on PostgreSQL nothing is to be done
        """Keep room of SQLite's disk for `release_reserve`, while there is plenty. Raises OutboxUnavailableError."""

    def release_reserve(self) -> int:
        """Before something that makes room: on a full disk, free what `hold_reserve` took. How many bytes that was."""
        return 0

    def size(self) -> int:
        """How many bytes the outbox takes. Raises OutboxUnavailableError."""
        with self.read() as transaction:
            return int(transaction.needed_row("outbox_size")["bytes"])

    @abstractmethod
    def copy_into(self, path: Path) -> None:
        """Copy SQLite's file as it is at this moment, while others read and write. Raises OutboxError elsewhere."""

    def checkpoint(self) -> None:  # noqa: B027 - on PostgreSQL nothing is to be done
        """Shorten SQLite's log. For the deliverer to call now and then, so that no receiver has to."""

    def vacuum(self, *, pages: int) -> bool:
        """Return up to `pages` free pages to the file system; whether more are free. PostgreSQL does so itself."""
        return False

    def truncate_log(self) -> None:  # noqa: B027 - on PostgreSQL nothing is to be done
        """Truncate SQLite's log, so that nothing deleted is left in it. Waits for open readers."""

    def notify(self) -> None:
        """Notify a deliverer that something new is stored. It never fails and never blocks; it may be lost."""
        self._open().notifier.notify()

    def wait_for_notification(self, seconds: float) -> bool:
        """Wait up to `seconds` for a notification of any process; whether one came. For one thread of a process.

        Raises OutboxUnavailableError.
        """
        with self._translated():
            return bool(self._open().notifier.wait(seconds))

    def before_closing(self, act: Callable[[], None]) -> None:
        """Have something done each time this is closed, while its connections can still be used."""
        self._before_closing.append(act)

    def close(self) -> None:
        """End the threads of this process that use it, and close its connections. The next use opens new ones."""
        for act in self._before_closing:
            act()
        opened = self._of_processes.pop((os.getpid(), OPENED), None)
        if opened is not None:
            opened.close()

    def _open(self) -> Any:
        """What this process holds open."""
        return self.of_this_process(OPENED, self._opened)

    def _exists(self) -> bool:
        return True

    def _transaction(self, connection: Any) -> Transaction:
        return self.transaction_type(connection, self._queries, self._clock)

    def _ready(self, connection: Any) -> Transaction:
        transaction = self._transaction(connection)
        if not self._usable:
            _refuse_foreign_schema(transaction, self._migrations, self.name)
            self._usable = True
        return transaction

    @abstractmethod
    def _to_read(self) -> AbstractContextManager[Any]:
        """A connection in a transaction that only reads."""

    @abstractmethod
    def _to_write(self) -> AbstractContextManager[Any]:
        """A connection in a transaction that is committed unless the block raises."""

    @abstractmethod
    def _to_write_batch(self) -> AbstractContextManager[Any]:
        """See `write_batch`."""

    @abstractmethod
    def _to_migrate(self) -> AbstractContextManager[Any]:
        """As `_to_write`, one process at a time, also where nothing is yet."""

    @abstractmethod
    def _opened(self) -> Any:
        """What this process will hold open: a `notifier`, connections, and `close`."""

    @abstractmethod
    def _translated(self) -> AbstractContextManager[None]:
        """The driver's errors as those of bridge.errors."""


def _refuse_foreign_schema(transaction: Transaction, known: tuple[migrate.Migration, ...], name: str) -> None:
    version = migrate.current_version(transaction, known, name)
    if not version:
        raise OutboxVersionError(f"the outbox {name} has no tables yet; run `leadbridge migrate`")
    if version < known[-1].version:
        raise OutboxVersionError(
            f"the outbox {name} has schema {version}, this code needs {known[-1].version}; run `leadbridge migrate`"
        )
