"""The store for several hosts: PostgreSQL by psycopg, with a small pool per process and the server's own clock.

The pool connects in the thread that needs a connection, so a server that is down is known at once and one that
is back is used at once; nothing runs in the background, so a fork finds nothing half done.
"""

from __future__ import annotations

import select
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
from psycopg.rows import dict_row

from bridge.errors import OutboxError, OutboxUnavailableError
from bridge.outbox.engine.database import Outbox
from bridge.outbox.engine.postgres_address import shown_name
from bridge.outbox.engine.postgres_notifier import PostgresNotifier
from bridge.outbox.engine.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bridge.outbox.engine.database import Clock

    Connection = psycopg.Connection[dict[str, Any]]

MAX_CONNECTIONS = 8
STATEMENT_SECONDS = 30
CUSTOM_PLANS = "force_custom_plan"
"""A plan cached while the tables were empty is twenty times too slow once they hold a backlog."""

KEPT_PLANS = "force_generic_plan"
"""For adding a batch: it looks at nothing but unique keys, and its plan takes longer to make than to carry out."""

MIGRATION_LOCK = 5_283_991_706
"""Any number, as long as nothing else in the database uses it as an advisory lock."""

_ROW_ERRORS = (psycopg.IntegrityError, psycopg.DataError, OverflowError)
_KEEP_COMMITS_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)


class PostgresTransaction(Transaction):
    """A transaction of PostgreSQL. Of a batch, each statement is committed by itself, but for those within `unit`."""

    __slots__ = ()
    dialect = "postgres"

    def unit(self) -> AbstractContextManager[object]:
        """What is run within it is committed together, or not at all."""
        unit: AbstractContextManager[object] = self.connection.transaction()
        return unit

    def packed_rows(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
        """Rows as one parameter, for `json_populate_recordset`: one for each value takes the driver ten times as long.

        Raises psycopg.DataError for a number that no column takes.
        """
        try:
            return orjson.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=_as_bytea).decode()
        except orjson.JSONEncodeError as error:
            raise psycopg.DataError("a value is out of range") from error

    def _add_rows(self, query: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> int:
        """By one statement, which reads them from JSON."""
        return int(self.connection.execute(_with_rows(query, columns), (self.packed_rows(columns, rows),)).rowcount)

    def _statements(self, script: str) -> tuple[bytes, ...]:
        return (script.encode(),)


class PostgresOutbox(Outbox):
    """An outbox in one PostgreSQL database, connected to at first use."""

    transaction_type = PostgresTransaction

    def __init__(self, url: str, *, clock: Clock | None, wait_seconds: float, migrations: Path) -> None:
        super().__init__(shown_name(url), clock=clock, wait_seconds=wait_seconds, migrations=migrations)
        self._url = url

    def copy_into(self, path: Path) -> None:
        """Not from here: the server has its own tools."""
        raise OutboxError(
            f"{str(path)!r} cannot hold a PostgreSQL database; use pg_dump, and after bringing it back run "
            "`leadbridge migrate --restored` before the service starts"
        )

    @contextmanager
    def _to_read(self) -> Iterator[Connection]:
        with self._translated(), self._borrowed(self._open().pool) as connection, connection.transaction():
            yield connection

    _to_write = _to_read

    @contextmanager
    def _to_write_batch(self) -> Iterator[Connection]:
        """A connection of its own kind."""
        with self._translated(), self._borrowed(self._open().batch) as connection:
            yield connection

    @contextmanager
    def _to_migrate(self) -> Iterator[Connection]:
        """Like `_to_write`, one process at a time."""
        with self._to_write() as connection:
            connection.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            yield connection

    def _opened(self) -> _Opened:
        return _Opened(self._connect)

    @contextmanager
    def _borrowed(self, pool: _Pool) -> Iterator[Connection]:
        if not pool.room.acquire(timeout=self.wait_seconds):
            raise OutboxUnavailableError(f"all connections to {self.name} are busy; try again")
        try:
            connection = pool.idle_one() or self._connect(pool.plans)
            try:
                yield connection
            finally:
                pool.give_back(connection)
        finally:
            pool.room.release()

    def _connect(self, plans: str = CUSTOM_PLANS) -> Connection:
        connection = psycopg.connect(
            self._url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=max(2, round(self.wait_seconds)),
            application_name="leadbridge",
        )
        try:
            self._prepare(connection)
            connection.execute(f"SET plan_cache_mode = {plans}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        connection.execute(f"SET lock_timeout = {round(self.wait_seconds * 1000)}")
        connection.execute(f"SET statement_timeout = {STATEMENT_SECONDS * 1000}")
        connection.execute(f"SET idle_in_transaction_session_timeout = {STATEMENT_SECONDS * 1000}")
        connection.execute("SET jit = off")  # statements take less than a millisecond, compiling them takes twenty
        connection.execute(_KEEP_COMMITS_DURABLE)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _ROW_ERRORS as error:
            # Not the driver's text: it may quote a person's data.
            raise OutboxError(f"the outbox refused a row: {type(error).__name__}") from error
        except psycopg.Error as error:
            # InterfaceError: the connection was lost and is used once more on the way out.
            text = error.diag.message_primary or str(error).strip().partition("\n")[0] or type(error).__name__
            raise OutboxUnavailableError(f"the outbox {self.name} cannot be used: {text}") from error


@cache
def _with_rows(query: str, columns: tuple[str, ...]) -> str:
    table, names = query.split()[2], ", ".join(columns)
    rows = f"({names}) SELECT {names} FROM json_populate_recordset(CAST(NULL AS {table}), %s)"  # noqa: S608 - our own names
    return query.replace("%(rows)s", rows)


def _as_bytea(value: object) -> str:
    """Bytes as PostgreSQL reads them from text.

    https://www.postgresql.org/docs/current/datatype-binary.html
    """
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"a {type(value).__name__} cannot be stored")


class _Opened:
    """What one process holds open."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self.notifier = PostgresNotifier(connect)
        self.pool = _Pool(MAX_CONNECTIONS, CUSTOM_PLANS)
        self.batch = _Pool(1, KEPT_PLANS)

    def close(self) -> None:
        """Close all of it."""
        self.pool.drop_idle()
        self.batch.drop_idle()
        self.notifier.close()


class _Pool:
    """Connections that plan alike: at most `size`, the idle ones at hand."""

    def __init__(self, size: int, plans: str) -> None:
        self.room = threading.Semaphore(size)
        self.plans = plans
        self._idle: list[Connection] = []

    def idle_one(self) -> Connection | None:
        """A connection that waits for use, less those the server has closed meanwhile."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                return None
            if not _has_news(connection):
                return connection
            connection.close()
        return None

    def give_back(self, connection: Connection) -> None:
        """Return a connection to the pool. One that is lost takes the others with it: the server was restarted."""
        if connection.closed or connection.broken:
            connection.close()
            self.drop_idle()
        else:
            self._idle.append(connection)

    def drop_idle(self) -> None:
        """Close what is not in use."""
        while self._idle:
            self._idle.pop().close()


def _has_news(connection: Connection) -> bool:
    """Whether the server sent something nobody asked for: it says goodbye so."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
