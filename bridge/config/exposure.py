"""Whether others on this host can read a file."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/mounts")


def is_exposed(path: Path) -> bool:
    """Whether anybody on this host can read this file.

    Not what a container got as a secret: Docker and Kubernetes mount those with the mode 0444 or 0644 by default, in
    memory and for that container alone (https://docs.docker.com/engine/swarm/secrets/,
    https://kubernetes.io/docs/concepts/configuration/secret/).
    """
    with suppress(OSError):
        real = path.resolve()
        passable = all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)
        mounts = MOUNTS.read_text() if MOUNTS.exists() else ""
        return bool(passable and real.stat().st_mode & stat.S_IROTH and file_system_of(real, mounts) != "tmpfs")
    return False


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system that a path is on, by the text of /proc/mounts; empty if unknown."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _, mounted, found, *_ = [*line.split(), "", "", ""]
        mounted = mounted.replace("\\040", " ")
        if len(mounted) >= len(best) and (path == Path(mounted) or Path(mounted) in path.parents):
            best, kind = mounted, found
    return kind
