"""The disk under a SQLite outbox: what is free, what the outbox takes, and whether the file system can be relied on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bridge.outbox import Outbox

LOW_BYTES: Final = 1_000_000_000
"""Less than this free is a matter for today."""

SCARCE_BYTES: Final = 200_000_000
"""Less than this free wakes somebody: a full disk answers every webhook 503."""

NETWORK: Final = ("nfs", "cifs", "smb", "9p", "fuse.", "afs", "ceph", "gluster", "lustre")
"""SQLite's locks cannot be relied on there: https://www.sqlite.org/faq.html (question 5)."""

VOLATILE: Final = ("tmpfs", "ramfs", "overlay")
"""What is stored there ends with the machine or with the container."""

MOUNTS: Final = Path("/proc/mounts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The folder of an outbox, the type of its file system (empty if not known), and bytes free and taken."""

    folder: Path
    file_system: str
    free: int
    taken: int

    @property
    def is_network(self) -> bool:
        """Whether it is on another host."""
        return self.file_system.startswith(NETWORK)

    @property
    def is_volatile(self) -> bool:
        """Whether what is stored there is lost with a restart of the machine or a new container."""
        return self.file_system in VOLATILE


def disk_of(store: Outbox) -> Disk | None:
    """The disk under a SQLite outbox; None for PostgreSQL, and where the folder is not there."""
    if not store.is_file:
        return None
    path = Path(store.name).absolute()
    if not path.parent.is_dir():
        return None
    parts = [path, path.with_name(path.name + "-wal")]
    return Disk(
        folder=path.parent,
        file_system=file_system_of(path.parent, MOUNTS.read_text(encoding="utf-8") if MOUNTS.exists() else ""),
        free=shutil.disk_usage(path.parent).free,
        taken=sum(part.stat().st_size for part in parts if part.exists()),
    )


def file_system_of(folder: Path, mounts: str) -> str:
    """The type of the file system a folder is on, by the text of /proc/mounts; empty if it is not there."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, mounted, found, *_ = [*line.split(), "", "", ""]
        mounted = mounted.replace("\\040", " ")
        if len(mounted) >= len(best) and (folder == Path(mounted) or Path(mounted) in folder.parents):
            best, kind = mounted, found
    return kind
