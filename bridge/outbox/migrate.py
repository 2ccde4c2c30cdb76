"""Bringing the tables up to date: numbered scripts, each once, all in one transaction."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.errors import OutboxMovedError, OutboxVersionError

if TYPE_CHECKING:
    from bridge.outbox.database import Row, Transaction

FOLDER = Path(__file__).parent / "migrations"

COMPATIBLE_WITH = {1: 1}
"""For each version the lowest version of the code that can still use its tables: a rolling upgrade needs it."""

NEWEST = max(COMPATIBLE_WITH)

IDENTITY_BYTES = 32


def run(transaction: Transaction) -> list[int]:
    """Apply what is missing and give the versions applied. The caller holds the lock that keeps others out.

    Raises OutboxVersionError when the tables are newer than this code can use, OutboxMovedError when they moved.
    """
    current = transaction.row("schema_version") if transaction.has_schema() else None
    if current:
        _refuse_newer(current)
    missing = [version for version in sorted(COMPATIBLE_WITH) if not current or version > current["version"]]
    for version in missing:
        (script,) = FOLDER.glob(f"{version:04d}_*.{transaction.dialect}.sql")
        transaction.run_script(script.read_text("utf-8"))
        transaction.run(
            "applied_version", version=version, compatible_with=COMPATIBLE_WITH[version], now=transaction.now()
        )
    if missing:
        identity = secrets.token_bytes(IDENTITY_BYTES)
        transaction.run("give_identity", identity=identity, now=transaction.now())
    return missing


def _refuse_newer(current: Row) -> None:
    if current["moved_to"]:
        raise OutboxMovedError
    if current["compatible_with"] > NEWEST:
        raise OutboxVersionError(
            f"the outbox has schema {current['version']}, this code knows {NEWEST}; upgrade Leadbridge"
        )
