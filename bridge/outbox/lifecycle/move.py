"""Moving up: everything of a SQLite outbox goes into an empty PostgreSQL database, and the file is closed for good.

Nobody writes the file meanwhile, and all of it arrives or nothing. Only when the rows on both sides have been counted
is the file marked; from then on every program that still holds it open is refused by the file itself.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import OutboxError
from bridge.model import MINUTE_MS
from bridge.outbox.registry.processes import processes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction

RUNNING_MS: Final = MINUTE_MS

LEFT_BEHIND: Final = frozenset({"schema_version", "processes"})
"""Tables that each database has for itself."""

WRITTEN_FIRST: Final = ("requests", "calls", "tokens", "active")
"""Whoever still runs on the file would write one of these before anything leaves it or is answered."""


def move(source: Outbox, target: Outbox) -> Mapping[str, int]:
    """Move everything and close the source; the rows of each table, counted on both sides.

    A move that was broken off after everything had arrived is finished. Raises OutboxError when a process still runs
    on the source, when the target is not empty, or when the counts differ; the source is then as it was.
    """
    if not source.is_file or target.is_file:
        raise OutboxError(
            "only a SQLite outbox moves, and only to PostgreSQL; write --to postgresql://user@host/database"
        )
    _refuse_running(source)
    target.migrate()
    with source.write() as old:
        tables = _tables(old)
        here = {table: _count(old, table) for table in tables}
        with target.write() as new:
            if not _has_arrived(old, new, here):
                _refuse_filled(new, tables, target.name)
                _copy(old, new, tables)
            _verify_counts(new, here)
        _close(old, target.name)
    return here


def _refuse_running(source: Outbox) -> None:
    seen = processes(source, within_ms=RUNNING_MS)
    alive = [f"{one.role} {one.host}:{one.pid}" for one in seen if one.host != socket.gethostname() or _runs(one.pid)]
    if alive:
        raise OutboxError(f"the service still runs on {source.name} ({', '.join(alive)}); stop it first")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def _tables(old: Transaction) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    names = [str(row["name"]) for row in old.connection.execute(query)]
    return [name for name in names if name not in LEFT_BEHIND]


def _count(transaction: Transaction, table: str) -> int:
    row = transaction.connection.execute(f"SELECT COUNT(*) AS total FROM {table}").fetchone()  # noqa: S608 - our own name
    return int(row["total"])


def _has_arrived(old: Transaction, new: Transaction, here: Mapping[str, int]) -> bool:
    """Whether an earlier try brought everything and was broken off before the source was closed."""
    is_same = bytes(old.needed_row("identity")["identity"]) == bytes(new.needed_row("identity")["identity"])
    return is_same and all(_count(new, table) == count for table, count in here.items())


def _refuse_filled(new: Transaction, tables: list[str], name: str) -> None:
    filled = [table for table in tables if table != "about" and _count(new, table)]
    if filled:
        raise OutboxError(f"the outbox {name} is not empty ({', '.join(filled)}); give an empty database")


def _copy(old: Transaction, new: Transaction, tables: list[str]) -> None:
    """Copy the rows. Times stay; what holds calls back lasts longer where the new clock is ahead of the old."""
    new.connection.execute("SET LOCAL statement_timeout = 0")
    new.connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    new.connection.execute("DELETE FROM about")
    for table in tables:
        _copy_table(old.connection, new.connection, table)
    ahead_ms = max(0, new.now() - old.now())
    for statement in ("shift_windows", "shift_locks"):
        new.run(statement, ahead_ms=ahead_ms, now=old.now())


def _copy_table(old: Any, new: Any, table: str) -> None:
    columns = [str(row["name"]) for row in old.execute(f"PRAGMA table_info({table})")]
    listed = ", ".join(columns)
    rows = old.execute(f"SELECT {listed} FROM {table}")  # noqa: S608 - our own names
    with new.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row))
    sequence = (
        new.execute("SELECT pg_get_serial_sequence(%s, 'id') AS name", [table]).fetchone() if "id" in columns else None
    )
    if sequence and sequence["name"]:
        last = old.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
        new.execute("SELECT setval(%s, %s)", [sequence["name"], max(1, last["seq"] if last else 1)])


def _verify_counts(new: Transaction, here: Mapping[str, int]) -> None:
    there = {table: _count(new, table) for table in here}
    wrong = [f"{table}: {there[table]} of {count}" for table, count in here.items() if there[table] != count]
    if wrong:
        raise OutboxError(f"not every row has arrived ({', '.join(wrong)}); nothing was moved")


def _close(old: Transaction, target: str) -> None:
    old.run("mark_moved", moved_to=target)
    for table in WRITTEN_FIRST:
        for action in ("INSERT", "UPDATE"):
            old.connection.execute(
                f"CREATE TRIGGER moved_{table}_{action.lower()} BEFORE {action} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the outbox has moved'); END"
            )
