"""One open transaction of the outbox: named queries with named parameters, and their rows."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from bridge.errors import OutboxUnavailableError
from bridge.outbox.engine.text import storable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager


class Row(Protocol):
    """One row of a result, its columns by name."""

    def __getitem__(self, column: str, /) -> Any:
        """The value of a column."""

    def keys(self) -> Iterable[str]:
        """The names of the columns."""


Made = TypeVar("Made")


def from_row(kind: type[Made], row: Row | Mapping[str, Any], /, **others: object) -> Made:
    """An object of this dataclass: its fields are the row's columns of the same names, except for those in `others`."""
    return kind(**{name: row[name] for name in _names(cast("Hashable", kind)) if name not in others}, **others)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


class Transaction:
    """One open transaction: named queries with named parameters."""

    __slots__ = ("_connection", "_queries", "_store")

    def __init__(self, connection: Any, store: Any, queries: Mapping[str, str]) -> None:
        self._connection = connection
        self._store = store
        self._queries = queries

    @property
    def connection(self) -> Any:
        """The driver's own connection, for what no named query can say: moving whole tables."""
        return self._connection

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgres`."""
        return str(self._store.dialect)

    def now(self) -> int:
        """The time at this moment, so after any lock taken before: milliseconds UTC."""
        return int(self._store.now(self._connection))

    @property
    def own_time(self) -> int | None:
        """The time when no question to the database is needed to know it, else None: a query may then return it."""
        time: int | None = self._store.own_time()
        return time

    def rows(self, query: str, /, **parameters: object) -> Sequence[Row]:
        """All rows of a query."""
        rows: Sequence[Row] = self._connection.execute(self._queries[query], _bound(parameters)).fetchall()
        return rows

    def ids(self, ids: Iterable[int]) -> object:
        """Ids as the parameter `:ids` of a query that says `IN ({ids})`."""
        return json.dumps(list(ids)) if self.dialect == "sqlite" else list(ids)

    def row(self, query: str, /, **parameters: object) -> Row | None:
        """The first row of a query, None if it has none."""
        rows = self.rows(query, **parameters)
        return rows[0] if rows else None

    def needed_row(self, query: str, /, **parameters: object) -> Row:
        """The first row of a query that always has one. Raises OutboxUnavailableError when it has none."""
        row = self.row(query, **parameters)
        if row is None:
            raise OutboxUnavailableError(f"the outbox gave no row for {query}")
        return row

    def run(self, query: str, /, **parameters: object) -> int:
        """Run a statement; how many rows it touched."""
        return int(self._connection.execute(self._queries[query], _bound(parameters)).rowcount)

    def run_many(self, query: str, parameters: Sequence[Mapping[str, object]]) -> int:
        """Run a statement once per set of parameters; how many rows were touched in all."""
        if not parameters:
            return 0
        cursor = self._connection.cursor()
        cursor.executemany(self._queries[query], parameters)
        return int(cursor.rowcount)

    def run_each(self, query: str, parameters: Sequence[Mapping[str, object]], /, **shared: object) -> int:
        """Run a statement for each set of parameters (alike in their names); how many rows were touched in all.

        On SQLite it runs once per set. On PostgreSQL, where each run would cost a plan, it runs once: each of the
        parameters is an array that holds those of all sets. Those `shared` by all are given once on both.
        """
        if not parameters:
            return 0
        if self.dialect == "sqlite":
            return self.run_many(query, [{**shared, **one} for one in parameters])
        return self.run(query, **shared, **{name: [one[name] for one in parameters] for name in parameters[0]})

    def run_rows(self, query: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
        """Run an INSERT of several rows; how many were added. `:rows` in it stands for the columns and the values."""
        return 0 if not rows else int(self._store.run_rows(self._connection, self._queries[query], columns, rows))

    def packed_rows(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
        """Rows as one parameter of a query of PostgreSQL that names their columns."""
        return str(self._store.packed_rows(columns, rows))

    def unit(self) -> AbstractContextManager[object]:
        """A part of a batch (`Outbox.write_batch`) that is committed together, or not at all."""
        unit: AbstractContextManager[object] = self._store.unit(self._connection)
        return unit

    def has_schema(self) -> bool:
        """Whether the tables exist at all."""
        return bool(self._store.has_schema(self._connection))

    def run_script(self, script: str) -> None:
        """Run the statements of a migration."""
        self._store.run_script(self._connection, script)


def _bound(parameters: Mapping[str, object]) -> Mapping[str, object]:
    """The parameters with their texts as a database can hold them: what is looked for may be anything, too."""
    return {name: storable(value) if isinstance(value, str) else value for name, value in parameters.items()}
