"""The files of a SQLite outbox and what lies next to it: readable by their owner only, the folder's owner."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpace:
    """The disk of a SQLite outbox: its size and what is free of it, in bytes."""

    total: int
    free: int


def disk_space(path: Path) -> DiskSpace | None:
    """The disk on which a file is or would be, None where its folder is not there."""
    try:
        usage = shutil.disk_usage(path.absolute().parent)
    except OSError:
        return None
    return DiskSpace(total=usage.total, free=usage.free)


RESERVE_BYTES: Final = 32 * 1024 * 1024
"""Room for what the log (16 MB at most) moves into the file, and for what purging or erasing somebody then writes."""


def hold_reserve(path: Path) -> None:
    """Take room that stays free for commands which make room, in a file next to an outbox; once there is plenty.

    Without it a full disk stays full: to delete, SQLite writes to its log first. Raises OSError.
    """
    disk, reserve = disk_space(path), _reserve(path)
    if disk is None or disk.free < 4 * _reserve_bytes(disk) or not hasattr(os, "posix_fallocate"):
        return
    descriptor = open_private(reserve)
    try:
        if os.fstat(descriptor).st_size < _reserve_bytes(disk):
            os.posix_fallocate(descriptor, 0, _reserve_bytes(disk))
    finally:
        os.close(descriptor)


def release_reserve(path: Path) -> int:
    """On a disk that is full or nearly so, give the reserve back to it: how many bytes. Raises OSError."""
    disk, reserve = disk_space(path), _reserve(path)
    if disk is None or disk.free >= _reserve_bytes(disk) or not reserve.exists():
        return 0
    size = reserve.stat().st_size
    reserve.unlink(missing_ok=True)
    return size


def _reserve(path: Path) -> Path:
    return path.with_name(f"{path.name}.reserve")


def _reserve_bytes(disk: DiskSpace) -> int:
    """As much as RESERVE_BYTES, on a small disk a tenth of it."""
    return min(RESERVE_BYTES, disk.total // 10)


ACCESS: Final = os.O_RDWR | os.O_CLOEXEC


def create_private(path: Path) -> None:
    """Create an empty file that its owner alone can read, unless there is one. Raises OSError.

    One that is there is not even opened: closing it would end every lock that this process holds on it, and the next
    process that closes the outbox would delete the log (-wal) from under it, with what is in it.
    https://www.sqlite.org/howtocorrupt.html (section 2.2)
    """
    with suppress(FileExistsError):
        os.close(_created(path))


def open_private(path: Path) -> int:
    """A descriptor of a file for reading and writing; where there is none it is created, readable by its owner only.

    Not for a database's file, see `create_private`. Raises OSError.
    """
    with suppress(FileExistsError):
        return _created(path)
    return os.open(path, ACCESS)


def _created(path: Path) -> int:
    descriptor = os.open(path, ACCESS | os.O_CREAT | os.O_EXCL, 0o600)
    give_to_folder_owner(path)
    return descriptor


def give_to_folder_owner(path: Path) -> None:
    """When root made a file, give it to the owner and group of its folder, so that the service's user can open it.

    SQLite does the same for the log and the index it makes next to a file. Raises OSError.
    https://www.sqlite.org/src/file/src/os_unix.c (robustFchown)
    """
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid, follow_symlinks=False)
