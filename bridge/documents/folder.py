"""The YAML files of a folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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
