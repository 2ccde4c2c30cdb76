"""The mappings that an argument names, by file, folder or hook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bridge import config, log
from bridge.cli.output.text import print_problem
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks

if TYPE_CHECKING:
    from bridge.hooks.folder import MappingFile
    from bridge.hooks.presets import Presets
    from bridge.mapping import HookMapping


def presets_for(folder: Path) -> Presets:
    """Ours, and the user's own next to a mapping file or in a folder of them."""
    log.configure(level="error", stream=sys.stderr)
    return hooks.load_presets(folder if folder.is_dir() else folder.parent)


def mappings_folder() -> Path:
    """The folder of LEADBRIDGE_MAPPINGS. Raises LeadbridgeError when there is none."""
    folder = config.load(config.environment()).mappings
    if not folder.is_dir():
        raise LeadbridgeError(f"there is no folder {str(folder)!r}; set LEADBRIDGE_MAPPINGS or name the files")
    return folder


def mapping_named(name: str) -> tuple[MappingFile, Presets]:
    """A mapping by its file or its hook's name, and the presets it may use. Raises LeadbridgeError."""
    path = Path(name)
    if not path.is_file():
        path = mappings_folder() / f"{name}.yaml"
    if not path.is_file():
        raise LeadbridgeError(f"there is no mapping {name!r}: neither a file of this name nor {str(path)!r}")
    presets = presets_for(path)
    return hooks.read_file(path, presets), presets


def usable(file: MappingFile) -> HookMapping:
    """The file's mapping. Prints its problems and raises LeadbridgeError when there is none."""
    for problem in file.problems:
        if file.mapping is None:
            print_problem(problem)
    if file.mapping is None:
        raise LeadbridgeError(f"{file.file} cannot be used before these problems are fixed")
    return file.mapping
