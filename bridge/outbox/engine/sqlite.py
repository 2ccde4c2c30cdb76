"""The embedded store: one SQLite file, its writers one at a time.

Rules that were measured: WAL; synchronous FULL (an answered event survives a loss of power); every transaction that
writes starts with BEGIN IMMEDIATE under one `flock`; connections belong to the process that made them.
https://www.sqlite.org/wal.html https://www.sqlite.org/howtocorrupt.html (section 2.6: not across a fork)
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from bridge.errors import OutboxError, OutboxUnavailableError
from bridge.outbox.engine.database import OPENED, Outbox
from bridge.outbox.engine.files import DiskSpace, create_private, disk_space, hold_reserve, release_reserve
from bridge.outbox.engine.notifier import PipeNotifier
from bridge.outbox.engine.sqlite_connection import connect, connect_on_full_disk
from bridge.outbox.engine.transaction import Transaction
from bridge.outbox.engine.write_lock import WritersLock, let_waits_be_ended
from bridge.times import now_ms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bridge.outbox.engine.database import Clock

MAX_ROWS = 32

_ROW_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError)

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


class SqliteTransaction(Transaction):
    """A transaction of SQLite."""

    __slots__ = ()
    dialect = "sqlite"

    def _add_rows(self, query: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> int:
        """MAX_ROWS a statement: its text differs by their number alone, so that it stays prepared."""
        added = 0
        for start in range(0, len(rows), MAX_ROWS):
            some = rows[start : start + MAX_ROWS]
            values = list(chain.from_iterable(some))
            added += self.connection.execute(_with_values(query, columns, len(some)), values).rowcount
        return added

    def _statements(self, script: str) -> Iterator[str]:
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                yield statement
                statement = ""


class SqliteOutbox(Outbox):
    """An outbox in one SQLite file, connected to at first use."""

    transaction_type = SqliteTransaction

    def __init__(self, path: Path, *, clock: Clock | None, wait_seconds: float, migrations: Path) -> None:
        super().__init__(str(path), clock=clock or now_ms, wait_seconds=wait_seconds, migrations=migrations)
        self._path = path
        let_waits_be_ended()

    @contextmanager
    def _to_read(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that sees one state of the outbox."""
        process: _Opened = self._open()
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
    def _to_write(self) -> Iterator[sqlite3.Connection]:
        with self._writer() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # some errors have ended the transaction already
                    connection.execute("ROLLBACK")
                raise

    _to_write_batch = _to_write

    @contextmanager
    def _to_migrate(self) -> Iterator[sqlite3.Connection]:
        """Like `_to_write`, but creates the file if there is none."""
        with self._translated():
            create_private(self._path)
        with self._to_write() as connection:
            yield connection

    @property
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

    def _exists(self) -> bool:
        return self._path.exists()

    def copy_into(self, path: Path) -> None:
        """Copy one state of the file into another; those who write go on."""
        with self._to_read() as connection, closing(sqlite3.connect(path)) as copy:
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
        process: _Opened = self._open()
        with self._translated():
            reader = process.idle_reader() or connect(self._path, self.wait_seconds)
            try:
                _checkpoint(reader)
            finally:
                process.readers.append(reader)
        with self._writer() as writer:
            _checkpoint(writer)

    def vacuum(self, *, pages: int) -> bool:
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

    @contextmanager
    def _writer(self) -> Iterator[sqlite3.Connection]:
        """The connection that writes, under the lock."""
        process: _Opened = self._open()
        with self._translated():
            if process.writer is None:
                self._path.stat()  # before the lock, whose file would be created next to an outbox that is not there
            with process.lock.held(self.wait_seconds):
                process.writer = process.writer or connect(self._path, self.wait_seconds)
                yield process.writer

    def _opened(self) -> _Opened:
        for (pid, name), inherited in list(self._of_processes.items()):
            if name == OPENED and pid != os.getpid():
                inherited.lock.close_file()
        return _Opened(self._path)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _ROW_ERRORS as error:
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


class _Opened:
    """What one process holds open."""

    def __init__(self, path: Path) -> None:
        self.lock = WritersLock(path.with_name(f"{path.name}.lock"))
        self.notifier = PipeNotifier(path.with_name(f"{path.name}.notify"))
        self.writer: sqlite3.Connection | None = None
        self.readers: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close all of it."""
        for connection in (*self.readers, self.writer):
            if connection is not None:
                connection.close()
        self.lock.close()
        self.notifier.close()

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
