"""Whole columns on their way to PostgreSQL, in the form that its own functions read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from bridge.outbox.engine.arrays import arrays, register

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as opened:
        register(opened)
        yield opened


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", (1, None, -1, 2**63 - 1, -(2**63))),
        ("text", ("", None, "Zoë 🎉", '{a,"b"}', "NULL")),
        ("bytea", (b"", None, b"\0\xff\\x", b"{}")),
        ("bigint", ()),
        ("text", ()),
        ("bytea", ()),
        ("bigint", (None, None)),
    ],
)
def test_a_column_comes_back_as_it_was_given(connection: Connection, kind: str, values: Sequence[object]) -> None:
    query = f"SELECT unnest(%(given)s::{kind}[])"
    rows = connection.execute(query, arrays(query, {"given": values})).fetchall()
    assert tuple(row[0] for row in rows) == values


def test_an_array_of_another_type_is_left_to_the_driver(connection: Connection) -> None:
    query = "SELECT unnest(%(given)s::boolean[])"
    assert connection.execute(query, arrays(query, {"given": (True, None)})).fetchall() == [(True,), (None,)]


def test_a_number_that_is_too_large_is_refused_as_data(connection: Connection) -> None:
    query = "SELECT unnest(%(given)s::bigint[])"
    with pytest.raises(psycopg.DataError, match="out of range"):
        connection.execute(query, arrays(query, {"given": (2**63,)}))
