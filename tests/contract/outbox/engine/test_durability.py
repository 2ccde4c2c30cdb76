"""What is committed is on disk, by the settings of each database."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from bridge.outbox import open_outbox
from bridge.outbox.engine import weak_settings


@pytest.mark.parametrize("url", ["sqlite_url", "durable_postgres_url"])
def test_an_outbox_has_no_weak_settings(url: str, request: pytest.FixtureRequest) -> None:
    store = open_outbox(request.getfixturevalue(url))
    store.migrate()
    assert weak_settings(store) == frozenset()
    store.close()


def test_a_database_that_does_not_wait_for_its_disk_is_made_to(durable_postgres_url: str) -> None:
    with psycopg.connect(durable_postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        off = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name))
        connection.execute(off)
    store = open_outbox(durable_postgres_url)
    store.migrate()
    assert weak_settings(store) == frozenset()
    store.close()
