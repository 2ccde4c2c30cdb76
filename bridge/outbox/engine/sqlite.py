"""The embedded store: one SQLite file, its writers one at a time.

Rules that were measured: WAL; synchronous FULL (an answered event survives a loss of power); every transaction that
writes starts with BEGIN IMMEDIATE under one `flock`; connections belong to the process that made them.
https://www.sqlite.org/wal.html https://www.sqlite.org/howtocorrupt.html (section 2.6: not across a fork)
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, contextmanager, nullcontext, suppress
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from bridge.errors import OutboxError, OutboxUnavailableError
from bridge.outbox.engine.files import DiskSpace, create_private, disk_space, hold_reserve, release_reserve
from bridge.outbox.engine.notifier import PipeNotifier
from bridge.outbox.engine.sqlite_connection import connect, connect_on_full_disk
from bridge.outbox.engine.write_lock import WritersLock, let_waits_be_ended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bridge.outbox.engine.queries import Dialect

MAX_ROWS = 32

_FIXES = {
    "full": "free some space on its disk",
    "disk I/O": "look whether its disk is full or broken, and free some space on it",
    "readonly": "let this user write to it and its folder",
    "No such file": "check that its folder is mounted",
    "unable to open": "let this user read and write it and its folder",
    "locked": "another program holds it; close that",
    "not a database": "restore a backup",
    "malformed": "restore a backup",
    "no such table": "run `leadbridge migrate`",
}


class SqliteStore:
    """Connections to one SQLite file, opened at first use, one set per process."""

    dialect: ClassVar[Dialect] = "sqlite"
    row_errors: ClassVar[tuple[type[Exception], ...]] = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError)

    def __init__(self, path: Path, *, clock: Callable[[], int] | None, wait_seconds: float) -> None:
        self.name = str(path)
        self._path = path
        self._clock = clock or _system_time
        self.wait_seconds = wait_seconds
        self._by_pid: dict[int, _Process] = {}
        let_waits_be_ended()
        # Those of a parent stay here, unused: closing them in the child could disturb the parent's file.

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that sees one state of the outbox."""
        process = self._process()
        with self._translated():
            try:
                connection, readers = process.idle_reader() or connect(self._path, self.wait_seconds), process.readers
            except sqlite3.OperationalError as error:
                connection, readers = connect_on_full_disk(self._path, error), None
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.rollback()
                if readers is None:
                    connection.close()
                else:
                    readers.append(connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, in a transaction that is committed unless the block raises."""
        with self._writer() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # some errors have ended the transaction already
                    connection.execute("ROLLBACK")
                raise

    write_batch = write

    def unit(self, connection: sqlite3.Connection) -> AbstractContextManager[object]:
        """What is run within it is committed together: here, with the rest of its transaction."""
        return nullcontext(connection)

    @contextmanager
    def migration(self) -> Iterator[sqlite3.Connection]:
        """Like `write`, but creates the file if there is none."""
        with self._translated():
            create_private(self._path)
        with self.write() as connection:
            yield connection

    def now(self, connection: sqlite3.Connection) -> int:
        """The time of this host, or of the given clock: milliseconds."""
        del connection
        return self._clock()

    def own_time(self) -> int:
        """The same: no question to the database is needed."""
        return self._clock()

    def run_rows(
        self, connection: sqlite3.Connection, query: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
    ) -> int:
        """Add rows, MAX_ROWS a statement: its text differs by their number alone, so that it stays prepared.

        `:rows` in the query stands for the columns and the values.
        """
        added = 0
        for start in range(0, len(rows), MAX_ROWS):
            some = rows[start : start + MAX_ROWS]
            values = list(chain.from_iterable(some))
            added += connection.execute(_with_values(query, tuple(columns), len(some)), values).rowcount
        return added

    def disk(self) -> DiskSpace | None:
        """The disk that the file is on."""
        return disk_space(self._path)

    def hold_reserve(self) -> None:
        """See `files.hold_reserve`."""
        with self._translated():
            hold_reserve(self._path)

    def release_reserve(self) -> int:
        """See `files.release_reserve`."""
        with self._translated():
            return release_reserve(self._path)

    def exists(self) -> bool:
        """Whether there is a file at all."""
        return self._path.exists()

    def has_schema(self, connection: sqlite3.Connection) -> bool:
        """Whether the outbox was ever migrated."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
        return connection.execute(query).fetchone() is not None

    def run_script(self, connection: sqlite3.Connection, script: str) -> None:
        """Run the statements of a migration in the open transaction."""
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                connection.execute(statement)
                statement = ""

    def copy_into(self, path: Path) -> None:
        """Copy one state of the file into another; those who write go on."""
        with self.read() as connection, closing(sqlite3.connect(path)) as copy:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()  # from here on it sees one state
            try:
                connection.backup(copy)
            except sqlite3.DatabaseError as error:  # which of the two files it is about, SQLite does not say
                raise OutboxError(f"the copy cannot be written: {error}; look at the disks of both files") from error

    def checkpoint(self) -> None:
        """Move what the log holds into the file, as far as no reader needs it.

        Most of it while others write; under the write lock only what was written meanwhile, so that nothing is left and
        the log starts again.
        """
        process = self._process()
        with self._translated():
            reader = process.idle_reader() or connect(self._path, self.wait_seconds)
            try:
                _checkpoint(reader)
            finally:
                process.readers.append(reader)
        with self._writer() as writer:
            _checkpoint(writer)

    def vacuum(self, pages: int) -> bool:
        """Give up to so many pages that nothing uses any more back to the disk; whether another time gives more."""
        with self._writer() as connection:
            before = _free_pages(connection)
            # A script: it is stepped to its end, where `execute` would stop after the first page.
            connection.executescript(f"PRAGMA incremental_vacuum({pages:d})")
            return 0 < _free_pages(connection) < before

    def truncate_log(self) -> None:
        """Move all of the log into the file and cut the log to nothing, so that no old page is left in it."""
        with self._writer() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def notify(self) -> None:
        """Notify a deliverer of this host."""
        self._process().notifier.notify()

    def wait_for_notification(self, seconds: float) -> bool:
        """Wait until something was stored; whether that is why it ended."""
        with self._translated():
            return self._process().notifier.wait(seconds)

    def close(self) -> None:
        """Close what this process opened. The store can be used again afterwards."""
        process = self._by_pid.pop(os.getpid(), None)
        if process is not None:
            for connection in (*process.readers, process.writer):
                if connection is not None:
                    connection.close()
            process.lock.close()
            process.notifier.close()

    @contextmanager
    def _writer(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, under the lock."""
        process = self._process()
        with self._translated():
            if process.writer is None:
                self._path.stat()  # before the lock, whose file would be created next to an outbox that is not there
            with process.lock.held(self.wait_seconds):
                process.writer = process.writer or connect(self._path, self.wait_seconds)
                yield process.writer

    def _process(self) -> _Process:
        process = self._by_pid.get(os.getpid())
        if process is None:
            for inherited in self._by_pid.values():
                inherited.lock.close_file()
            process = self._by_pid.setdefault(os.getpid(), _Process(self._path))
        return process

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self.row_errors as error:
            raise OutboxError(f"the outbox refused a row: {type(error).__name__}") from error
        except (sqlite3.DatabaseError, OSError) as error:
            raise OutboxUnavailableError(self._problem(error)) from error

    def _problem(self, error: Exception) -> str:
        if self._path.parent.is_dir() and not self._path.exists():
            return (
                f"there is no outbox at {self._path.absolute()}; set LEADBRIDGE_DATABASE_URL to where it is, or create "
                "it with `leadbridge migrate`"
            )
        fix = next((fix for text, fix in _FIXES.items() if text in str(error)), "look at its folder and disk")
        return f"the outbox {self.name} cannot be used: {error}; {fix}"


class _Process:
    """What one process holds open."""

    def __init__(self, path: Path) -> None:
        self.lock = WritersLock(path.with_name(f"{path.name}.lock"))
        self.notifier = PipeNotifier(path.with_name(f"{path.name}.notify"))
        self.writer: sqlite3.Connection | None = None
        self.readers: list[sqlite3.Connection] = []

    def idle_reader(self) -> sqlite3.Connection | None:
        """A reading connection that waits for use."""
        try:
            return self.readers.pop()
        except IndexError:
            return None


@cache
def _with_values(query: str, columns: tuple[str, ...], rows: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    return query.replace(":rows", f"({', '.join(columns)}) VALUES {', '.join([one] * rows)}")


def _free_pages(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0])


def _checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _system_time() -> int:
    return time.time_ns() // 1_000_000
