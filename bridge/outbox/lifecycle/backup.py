"""A copy of a SQLite outbox, whole and consistent, made while the service runs."""

from __future__ import annotations

import os
import shlex
import socket
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.errors import OutboxError
from bridge.outbox.acts.audit import Actor
from bridge.outbox.acts.jobs import end_job, jobs_done, start_job
from bridge.outbox.engine.files import disk_space
from bridge.outbox.engine.opening import open_outbox
from bridge.outbox.lifecycle.after_restore import CAP

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox

KIND: Final = "backup"
"""The kind of the jobs that remember backups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made: the file, its host, and when."""

    path: str
    host: str
    made_at: int

    @property
    def is_seen(self) -> bool:
        """Whether the file is where it was written. It may lie on another host, or have been carried elsewhere."""
        return Path(self.path).exists()


def backup(outbox: Outbox, path: Path) -> int:
    """Copy the outbox into a new file that its owner alone can read; how many deliveries are open in it.

    The copy is as the outbox was at one moment; nobody waits for it. It carries a mark by which its first use is
    known, and the outbox remembers where it lies. Raises OutboxError for a file that is there already, for PostgreSQL,
    and when it cannot be written.
    """
    if path.exists():
        raise OutboxError(f"{str(path)!r} is there already; give the name of a new file")
    unfinished = path.with_name(f"{path.name}.unfinished")
    _refuse_small_disk(outbox, path)
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise OutboxError(f"{str(unfinished)!r} cannot be made: {error.strerror}") from error
    try:
        outbox.copy_into(unfinished)
        open_count = _mark(unfinished)
        _sync(unfinished)
        unfinished.rename(path)
        _sync(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise OutboxError(f"the copy {str(path)!r} cannot be written: {error}") from error
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    try:
        remember_backup(outbox, str(path.absolute()))
    except OutboxError as error:
        raise OutboxError(
            f"the copy {str(path)!r} is written and whole, but `forget` will not name it, since it could not be noted: "
            f"{error}; then run `leadbridge backup --note {shlex.quote(str(path))}`"
        ) from error
    return open_count


def _refuse_small_disk(outbox: Outbox, path: Path) -> None:
    """A copy that filled the disk would stop receiving, where it is the outbox's own."""
    disk = disk_space(path)
    if outbox.is_file and disk is not None and disk.free < outbox.size():
        raise OutboxError(
            f"the copy {str(path)!r} needs {outbox.size() / 1e6:.0f} MB, and its disk has {disk.free / 1e6:.0f} MB "
            "free; write it to another disk, or free some space"
        )


def backups(outbox: Outbox) -> tuple[Backup, ...]:
    """The backups that this outbox remembers, oldest first; those that were deleted since, too."""
    return tuple(
        Backup(path=one.subject, host=one.options["host"], made_at=one.started_at) for one in jobs_done(outbox, KIND)
    )


def remember_backup(outbox: Outbox, where: str) -> None:
    """Note that a backup was written now, by whichever tool; `where` is a path or an address for people."""
    host = socket.gethostname()
    actor = Actor(name=host, source="cli")
    end_job(outbox, start_job(outbox, KIND, (), subject=where, options={"host": host}, actor=actor).job_id)


def _mark(path: Path) -> int:
    """Mark the file as a copy, without companions next to it: a backup is one file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    copy = open_outbox(f"sqlite:///{path}")
    try:
        with copy.write() as transaction:
            transaction.run("mark_copied", copied_at=transaction.now())
            count = int(transaction.needed_row("open_total", cap=CAP)["total"])
    finally:
        copy.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    for companion in (".lock", ".notify"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + companion).unlink()
    return count


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
