"""Connections to a SQLite file: how they are set up, and how the file is read on a disk without room."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PAGE_BYTES = 2_048
"""Half of what SQLite takes by itself: a commit writes each page it touched whole, a dozen even for one small webhook.

It makes half the log, for 1 % more in the file.
"""

CHECKPOINT_PAGES = 8_000
"""A writer only checkpoints the log itself when nobody else did it before it grew to this size (16 MB)."""


def connect(path: Path, wait_seconds: float) -> sqlite3.Connection:
    """A connection that may read and write. Raises sqlite3.Error, also where there is no file."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=wait_seconds,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_on_full_disk(path: Path, error: sqlite3.OperationalError) -> sqlite3.Connection:
    """A connection for one reading when there is no room even for the log's index; `error` is what `connect` raised.

    While the log is empty the file is complete, and is read as one that does not change. Raises `error` otherwise.
    https://www.sqlite.org/uri.html#uriimmutable
    """
    if "disk I/O" not in str(error) or _has_content(path.with_name(f"{path.name}-wal")):
        raise error
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    if not connection.execute("PRAGMA page_count").fetchone()[0]:  # only an empty file takes these; others are written
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
