"""The files of a folder that users write."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_BYTES: Final = 16_777_216
"""As much as the largest body; a larger file is not read."""


def yaml_files(folder: Path) -> list[Path]:
    """Every `*.yaml` of a folder, sorted; none where there is no such folder.

    Raises OSError when it cannot be read, with descriptors used up for example: `Path.glob` finds nothing then, from
    Python 3.12 on (https://docs.python.org/3/library/pathlib.html#pathlib.Path.glob).
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(folder / name for name in names if name.endswith(".yaml"))


def read_text(path: Path) -> str:
    """A file's text. Raises UnicodeDecodeError, and OSError also for a pipe, which may block, and for a device."""
    with open(path, encoding="utf-8", opener=_open_file) as file:
        return file.read()


def read_below(folder: Path, name: str) -> bytes:
    """The file of this name in a folder or below it. Raises OSError as `read_text` does, and for one elsewhere."""
    if "\0" in name:
        raise OSError(errno.EINVAL, "no file has a NUL in its name")
    path = os.path.realpath(folder / name)  # unlike `Path.resolve`, it takes a link that leads to itself
    if not path.startswith(os.path.realpath(folder) + os.sep):
        raise OSError(errno.EACCES, "it is not in the folder of the file that names it")
    with open(path, "rb", opener=_open_file) as file:
        return file.read()


def _open_file(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_size <= MAX_FILE_BYTES:
        return descriptor
    os.close(descriptor)
    if stat.S_ISREG(found.st_mode):
        raise OSError(errno.EFBIG, f"it is larger than {MAX_FILE_BYTES} bytes")
    raise OSError(errno.EINVAL, "it is a folder, a pipe or a device")
