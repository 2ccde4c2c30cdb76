"""The sender that an argument names: a preset or a mapping, with its verification scheme and its secrets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bridge import config, intake, log
from bridge.cli.output.terminal import echo
from bridge.documents import unknown_name
from bridge.errors import LeadbridgeError
from bridge.hooks import folder as hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bridge.hooks.folder import MappingFile
    from bridge.hooks.presets import Presets
    from bridge.intake import Preset, Scheme


class Sender:
    """Holds what is known of the sender that an argument names: a preset, and the mapping if it is one."""

    def __init__(self, preset: Preset, scheme: Scheme, file: MappingFile | None) -> None:
        self.preset, self.scheme, self.file = preset, scheme, file

    def secrets(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Role -> secrets, from `NAME` or `ROLE=NAME` each; without any, from the mapping's own names."""
        secret = _reported(config.SecretReader(config.environment()))
        if not names and self.file is not None and self.file.mapping is not None:
            named = self.file.mapping.secrets
            return {role: tuple(map(secret, named[role])) for role in intake.roles(self.scheme) if role in named}
        found: dict[str, list[str]] = {}
        for name in names:
            role, equals, variable = name.rpartition("=")
            found.setdefault(role if equals else self._role(), []).append(secret(variable))
        return {role: tuple(values) for role, values in found.items()}

    def _role(self) -> str:
        return min(intake.roles(self.scheme), default="signing")


def _reported(reader: config.SecretReader) -> Callable[[str], str]:
    """The same reader of secrets, which says on standard error what is not set and why."""

    def read(name: str) -> str:
        if reason := reader.why_empty(name):
            echo(f"leadbridge: {reason}", err=True)
        return reader(name)

    return read


def presets_next_to() -> tuple[Presets, Path]:
    """All presets, the user's own among them, and the folder of the mappings."""
    log.configure(level="error", stream=sys.stderr)
    folder = config.load(config.environment()).mappings
    return hooks.load_presets(folder), folder


def preset_of(name: str) -> Preset:
    """The preset of the mapping of this name, or the preset of this name. Raises LeadbridgeError."""
    presets, folder = presets_next_to()
    file = _mapping_file(name, folder, presets)
    if file is not None and file.mapping is not None:
        return presets[file.mapping.preset]
    if name not in presets:
        raise unknown_name("preset", name, presets, "`leadbridge presets` lists them")
    return presets[name]


def sender_of(name: str) -> Sender:
    """The sender that a preset's name, a mapping's name or a mapping file stands for. Raises LeadbridgeError.

    A mapping wins over a preset of the same name: hooks are often named after their sender.
    """
    presets, folder = presets_next_to()
    file = _mapping_file(name, folder, presets)
    if file is None and name in presets:
        scheme = presets[name].verify
        if scheme is None:
            raise LeadbridgeError(
                f"the mapping chooses how the preset {name!r} is verified: name the mapping (or its file) instead"
            )
        return Sender(presets[name], scheme, None)
    if file is None:
        known = (*presets, *hooks.mapping_files(folder))
        raise unknown_name("preset or mapping", name, known, "`leadbridge presets` lists the presets")
    if file.mapping is None:
        raise LeadbridgeError(f"{file.file} has errors; `leadbridge check` shows them")
    preset = presets[file.mapping.preset]
    own = preset.verify if file.mapping.verify is None else intake.read_scheme(file.mapping.verify, "", preset.verify)
    if own is None or isinstance(own, list):
        raise LeadbridgeError(f"{file.file} does not say how its requests are verified; add `verify:`")
    return Sender(preset, own, file)


def _mapping_file(name: str, folder: Path, presets: Mapping[str, Preset]) -> MappingFile | None:
    for path in (Path(name), folder / f"{name}.yaml"):
        if path.is_file():
            return hooks.read_file(path, presets)
    return None
