"""Arrays for PostgreSQL in its binary form: a whole column of a batch in a few steps.

The driver's own arrays take some microseconds an element, which is most of what a batch would cost.
https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/adt/arrayfuncs.c (array_recv)
"""

from __future__ import annotations

import re
import struct
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final

from psycopg import DataError
from psycopg.adapt import Dumper
from psycopg.pq import Format

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

_HEAD: Final = struct.Struct(">iiIii").pack
_EMPTY: Final = struct.Struct(">iiI").pack
_LENGTH: Final = struct.Struct(">i").pack
_INTEGER: Final = struct.Struct(">iq").pack
_NULL: Final = _LENGTH(-1)
_CAST: Final = re.compile(r"%\(([a-z_]+)\)s::(bigint|text|bytea)\[\]")


class Integers:
    """An array of `bigint`, with None for NULL."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values

    def packed(self) -> list[bytes]:
        """Each element with its length. Raises DataError for a number that is too large."""
        try:
            return [_NULL if value is None else _INTEGER(8, value) for value in self.values]
        except struct.error:
            raise DataError("a number is out of range") from None


class Blobs(Integers):
    """An array of `bytea`."""

    __slots__ = ()

    def packed(self) -> list[bytes]:
        """Each element with its length."""
        return [_NULL if value is None else _LENGTH(len(value)) + value for value in self.values]


class Texts(Integers):
    """An array of `text`."""

    __slots__ = ()

    def packed(self) -> list[bytes]:
        """Each element with its length."""
        encoded = [None if value is None else value.encode() for value in self.values]
        return [_NULL if value is None else _LENGTH(len(value)) + value for value in encoded]


def arrays(query: str, columns: Mapping[str, Sequence[object]]) -> dict[str, object]:
    """The columns as parameters of a query for this driver, each of the type that the query casts it to."""
    kinds = _kinds(query)
    return {name: kinds.get(name, list)(values) for name, values in columns.items()}


@cache
def _kinds(query: str) -> Mapping[str, type[Integers]]:
    by_name = {"bigint": Integers, "text": Texts, "bytea": Blobs}
    return {name: by_name[kind] for name, kind in _CAST.findall(query)}


class _ArrayDumper(Dumper):
    format = Format.BINARY
    element_oid: ClassVar[int]

    def dump(self, obj: Any) -> bytes:
        if not obj.values:
            return _EMPTY(0, 0, self.element_oid)
        return b"".join([_HEAD(1, 1, self.element_oid, len(obj.values), 1), *obj.packed()])


class _IntegersDumper(_ArrayDumper):
    oid, element_oid = 1016, 20


class _TextsDumper(_ArrayDumper):
    oid, element_oid = 1009, 25


class _BlobsDumper(_ArrayDumper):
    oid, element_oid = 1001, 17


def register(connection: Connection[Any]) -> None:
    """Let a connection take these arrays."""
    for kind, dumper in ((Integers, _IntegersDumper), (Texts, _TextsDumper), (Blobs, _BlobsDumper)):
        connection.adapters.register_dumper(kind, dumper)
