"""Bringing the tables up to date: numbered scripts, each once, all in one transaction.

`NNNN_what.DIALECT.sql`. Older code refuses tables that a newer script has changed, unless the script says in a line of
its own which code may still use them: `-- compatible with: 3`. A rolling upgrade needs that. The digest of each applied
script is stored, so that tables made by another text of the same script are refused.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.errors import OutboxMovedError, OutboxVersionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.engine.transaction import Row, Transaction

FOLDER: Final = Path(__file__).parent / "migrations"
IDENTITY_BYTES: Final = 32

_PROSE: Final = re.compile(r"(?:--[^\n]*|\s)+")
_COMPATIBLE: Final = re.compile(r"^-- compatible with: *(\d+) *$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One script. `compatible_with` is the lowest version of the code that may use the tables after it."""

    version: int
    name: str
    script: str
    compatible_with: int

    @property
    def digest(self) -> bytes:
        """SHA-256 of the script without its comments and white space."""
        return hashlib.sha256(_PROSE.sub(" ", self.script).strip().encode()).digest()


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
    current = current_version(transaction, known, outbox)
    return tuple(migration for migration in known if migration.version > current)


def current_version(transaction: Transaction, known: tuple[Migration, ...], outbox: str) -> int:
    """The version of the tables, 0 if there are none. Raises as `missing` does."""
    applied = transaction.rows("schema_versions") if transaction.needed_row("has_schema")["found"] else ()
    if applied:
        _refuse(applied, known, outbox)
    return int(applied[-1]["version"]) if applied else 0


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
            digest=migration.digest,
        )
    if applied:
        identity = secrets.token_bytes(IDENTITY_BYTES)
        transaction.run("give_identity", identity=identity, now=transaction.now())
    return [migration.version for migration in applied]


def _refuse(applied: Sequence[Row], known: tuple[Migration, ...], outbox: str) -> None:
    """Refuse tables that are not for this code: OutboxMovedError, OutboxVersionError."""
    current = applied[-1]
    if current["moved_to"]:
        raise OutboxMovedError(
            f"the outbox {outbox} has moved to {current['moved_to']}; point LEADBRIDGE_DATABASE_URL there"
        )
    if current["compatible_with"] > known[-1].version:
        raise OutboxVersionError(
            f"the outbox {outbox} has schema {current['version']}, this code knows {known[-1].version}; "
            "upgrade Leadbridge"
        )
    scripts = {migration.version: migration for migration in known}
    for row in applied:
        script = scripts.get(row["version"])
        if script and ("digest" not in row.keys() or bytes(row["digest"]) != script.digest):  # noqa: SIM118
            raise OutboxVersionError(
                f"the tables of the outbox {outbox} were made by another text of the script {script.name} than this "
                "code has; run the build that made them until nothing is open, then start with a new outbox"
            )
