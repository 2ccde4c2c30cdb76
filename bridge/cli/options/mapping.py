"""The mappings that an argument names, by file, folder or hook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bridge import config, log
from bridge.cli.output.text import print_problem
from bridge.documents import unknown_name
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks
from bridge.mapping import HOOK_NAME

if TYPE_CHECKING:
    from bridge.hooks.folder import MappingFile
    from bridge.hooks.presets import Presets
    from bridge.mapping import HookMapping


class MappingPath(click.Path):
    """A mapping file or a folder of them; the name of a hook stands for its file."""

    def __init__(self) -> None:
        super().__init__(exists=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path. Fails as click does when there is neither a file nor a hook of this name."""
        if isinstance(value, str) and HOOK_NAME.fullmatch(value) and not Path(value).exists():
            file = config.load(config.environment()).mappings / f"{value}.yaml"
            value = str(file) if file.is_file() else value
        return super().convert(value, param, ctx)


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
        more = f"there is neither a file of this name nor {str(path)!r}"
        raise unknown_name("mapping", name, hooks.mapping_files(path.parent), more)
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
