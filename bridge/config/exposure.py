"""What the file system of a file means for it: who can read it, and whether it outlasts the host or the container."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/mounts")
PERISHABLE: Final = {
    "tmpfs": "in memory",
    "ramfs": "in memory",
    "overlay": "in the container's own layer",
    "aufs": "in the container's own layer",
}
"""File systems whose files do not outlast the host's or the container's next start."""

DURABLE: Final = "put the file on a disk or a volume of its own, or set LEADBRIDGE_DATABASE_URL to a PostgreSQL"


def is_exposed(path: Path) -> bool:
    """Whether anybody on this host can read this file.

    Not what a container got as a secret: Docker and Kubernetes mount those with the mode 0444 or 0644 by default, in
    memory and for that container alone (https://docs.docker.com/engine/swarm/secrets/,
    https://kubernetes.io/docs/concepts/configuration/secret/).
    """
    with suppress(OSError):
        real = path.resolve()
        passable = all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)
        return bool(passable and real.stat().st_mode & stat.S_IROTH and file_system_of(real) != "tmpfs")
    return False


def file_system_of(path: Path) -> str:
    """The type of the file system that a path is on, by /proc/mounts; empty if unknown."""
    best, kind = "", ""
    mounts = MOUNTS.read_text() if MOUNTS.exists() else ""
    for line in mounts.splitlines():
        _, mounted, found, *_ = [*line.split(), "", "", ""]
        mounted = mounted.replace("\\040", " ")
        if len(mounted) >= len(best) and (path == Path(mounted) or Path(mounted) in path.parents):
            best, kind = mounted, found
    return kind


def perishable(url: str) -> str:
    """Why a SQLite outbox at this URL is lost with the host or the container; empty where nothing says that it is.

    A container that was given no volume stores it in its own layer or in memory.
    """
    if not url.startswith("sqlite:///"):
        return ""
    folder = Path(url.removeprefix("sqlite:///")).absolute().parent
    why = PERISHABLE.get(kind := file_system_of(folder), "")
    return f"{folder} is {why} ({kind}): a restart can lose what was answered" if why else ""
