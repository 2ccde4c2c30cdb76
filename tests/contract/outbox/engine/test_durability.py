"""What is committed is on disk, by the settings of each database."""

from __future__ import annotations

import psycopg
from psycopg import sql

from bridge.outbox import Outbox, open_outbox
from bridge.outbox.engine import weak_settings


def test_an_outbox_has_no_weak_settings(outbox: Outbox) -> None:
    assert weak_settings(outbox) == frozenset()


def test_a_database_that_does_not_wait_for_its_disk_is_made_to(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        off = sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name))
        connection.execute(off)
    store = open_outbox(postgres_url)
    store.migrate()
    assert weak_settings(store) == frozenset()
    store.close()
