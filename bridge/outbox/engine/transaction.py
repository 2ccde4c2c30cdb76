"""One open transaction of the outbox: named queries with named parameters, and their rows."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from contextlib import nullcontext
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast

from bridge.errors import OutboxUnavailableError
from bridge.outbox.engine.text import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from bridge.outbox.engine.queries import Dialect


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


class Transaction(ABC):
    """One open transaction: named queries with named parameters.

    `connection` is the driver's own, for what no named query can say: moving whole tables.
    """

    __slots__ = ("_clock", "_queries", "connection")
    dialect: ClassVar[Dialect]

    def __init__(self, connection: Any, queries: Mapping[str, str], clock: Callable[[], int] | None) -> None:
        self.connection = connection
        self._queries = queries
        self._clock = clock

    def now(self) -> int:
        """The time at this moment, so after any lock taken before: milliseconds UTC."""
        return self._clock() if self._clock else int(self.needed_row("database_time")["now"])

    @property
    def own_time(self) -> int | None:
        """The time when no question to the database is needed to know it, else None: a query may then return it."""
        return self._clock() if self._clock else None

    def rows(self, query: str, /, **parameters: object) -> Sequence[Row]:
        """All rows of a query."""
        rows: Sequence[Row] = self.connection.execute(self._queries[query], _bound(parameters)).fetchall()
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
        return int(self.connection.execute(self._queries[query], _bound(parameters)).rowcount)

    def run_many(self, query: str, parameters: Sequence[Mapping[str, object]]) -> int:
        """Run a statement once per set of parameters; how many rows were touched in all."""
        if not parameters:
            return 0
        cursor = self.connection.cursor()
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
        return self._add_rows(self._queries[query], tuple(columns), rows) if rows else 0

    def packed_rows(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
        """Rows as one parameter of a query of PostgreSQL that names their columns."""
        raise NotImplementedError

    def unit(self) -> AbstractContextManager[object]:
        """A part of a batch (`Outbox.write_batch`) that is committed together, or not at all."""
        return nullcontext(self)  # with the rest of its transaction

    def run_script(self, script: str) -> None:
        """Run the statements of a migration."""
        for statement in self._statements(script):
            self.connection.execute(statement)

    @abstractmethod
    def _add_rows(self, query: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]) -> int:
        """See `run_rows`; the query's text, and at least one row."""

    @abstractmethod
    def _statements(self, script: str) -> Iterable[str | bytes]:
        """The statements of a script, each as the driver takes it."""


def _bound(parameters: Mapping[str, object]) -> Mapping[str, object]:
    """The parameters with their texts as a database can hold them: what is looked for may be anything, too."""
    return {name: storable(value) if isinstance(value, str) else value for name, value in parameters.items()}
