"""Bringing the tables up to date: numbered scripts, each once, all in one transaction.

`NNNN_what.DIALECT.sql`. Older code refuses tables that a newer script has changed, unless the script says in a line of
its own which code may still use them: `-- compatible with: 3`. A rolling upgrade needs that.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.errors import OutboxMovedError, OutboxVersionError

if TYPE_CHECKING:
    from bridge.outbox.engine.transaction import Row, Transaction

FOLDER: Final = Path(__file__).parent / "migrations"
IDENTITY_BYTES: Final = 32

_COMPATIBLE: Final = re.compile(r"^-- compatible with: *(\d+) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One script. `compatible_with` is the lowest version of the code that may use the tables after it."""

    version: int
    name: str
    script: str
    compatible_with: int


@cache
def migrations(dialect: str, folder: Path = FOLDER) -> tuple[Migration, ...]:
    """All scripts of a dialect in their order."""
    return tuple(_read(path) for path in sorted(folder.glob(f"*.{dialect}.sql")))


def _read(path: Path) -> Migration:
    name, script = path.name.split(".")[0], path.read_text("utf-8")
    version = int(name.split("_")[0])
    said = _COMPATIBLE.search(script)
    return Migration(version=version, name=name, script=script, compatible_with=int(said.group(1)) if said else version)


def missing(transaction: Transaction, known: tuple[Migration, ...], outbox: str) -> tuple[Migration, ...]:
    """What is to be applied.

    Raises OutboxVersionError when the tables are newer than this code can use, OutboxMovedError when they moved.
    """
    current = transaction.row("schema_version") if transaction.has_schema() else None
    if current is None:
        return known
    refuse(current, known, outbox)
    return tuple(migration for migration in known if migration.version > current["version"])


def run(transaction: Transaction, known: tuple[Migration, ...], outbox: str) -> list[int]:
    """Apply what is missing and give the versions applied. The caller holds the migration lock.

    Raises as `missing` does.
    """
    applied = missing(transaction, known, outbox)
    for migration in applied:
        transaction.run_script(migration.script)
        transaction.run(
            "applied_version",
            version=migration.version,
            compatible_with=migration.compatible_with,
            now=transaction.now(),
        )
    if applied:
        identity = secrets.token_bytes(IDENTITY_BYTES)
        transaction.run("give_identity", identity=identity, now=transaction.now())
    return [migration.version for migration in applied]


def refuse(current: Row, known: tuple[Migration, ...], outbox: str) -> None:
    """Refuse tables that are not for this code: OutboxMovedError, OutboxVersionError."""
    if current["moved_to"]:
        raise OutboxMovedError(
            f"the outbox {outbox} has moved to {current['moved_to']}; point LEADBRIDGE_DATABASE_URL there"
        )
    if current["compatible_with"] > known[-1].version:
        raise OutboxVersionError(
            f"the outbox {outbox} has schema {current['version']}, this code knows {known[-1].version}; "
            "upgrade Leadbridge"
        )
