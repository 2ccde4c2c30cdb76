"""The presets there are: the user's own, judged at once, and ours, each read when a mapping first asks for it.

Reading them all would cost every start and every command a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from bridge import intake, mapping
from bridge.documents import yaml_files
from bridge.errors import LeadbridgeError
from bridge.intake import Preset

SHIPPED: Final = Path(__file__).parents[1] / "presets"
OWN_PRESETS: Final = "presets"
"""The folder of the user's own presets, next to the mappings."""


class Presets(Mapping[str, Preset]):
    """Holds presets by their names; one of the user's takes the place of ours with its name."""

    def __init__(self, own: Mapping[str, Preset]) -> None:
        self._own = dict(own)
        self._files = _shipped_files()

    def __getitem__(self, name: str) -> Preset:
        """The preset of this name. Raises KeyError, and LeadbridgeError when one of ours is broken."""
        return self._own[name] if name in self._own else _shipped(self._files[name])

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._own.keys() | self._files.keys()))

    def __len__(self) -> int:
        return len(self._own.keys() | self._files.keys())

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._files

    @property
    def are_shipped(self) -> bool:
        """Whether none of them is the user's."""
        return not self._own

    def with_own(self, more: Mapping[str, Preset]) -> Presets:
        """The same with some more of the user's own."""
        return Presets({**self._own, **more})


@cache
def _shipped_files() -> Mapping[str, Path]:
    return {path.stem: path for path in yaml_files(SHIPPED)}


@lru_cache(maxsize=256)
def _shipped(path: Path) -> Preset:
    preset = intake.load_preset(path.read_text(encoding="utf-8"), str(path))
    if isinstance(preset, list):
        raise LeadbridgeError(f"the preset {path.stem!r} of this version is broken: {preset[0].message}")
    return preset


class PresetSummaries(Mapping[str, mapping.PresetSummary]):
    """What mappings must know of each preset, read when first used."""

    def __init__(self, presets: Mapping[str, Preset]) -> None:
        self._presets = presets

    def __getitem__(self, name: str) -> mapping.PresetSummary:
        return _summary(self._presets[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._presets)

    def __len__(self) -> int:
        return len(self._presets)


def _summary(preset: Preset) -> mapping.PresetSummary:
    roles = frozenset[str]() if preset.verify is None else intake.roles(preset.verify)
    return mapping.PresetSummary(
        name=preset.name,
        roles=roles,
        verified=preset.verify is not None,
        handshake_roles=preset.roles - roles,
        fetches=preset.fetch is not None,
        kinds=preset.recipe.all_kinds,
    )


def preset_texts(presets: Mapping[str, Preset], mappings: Path | None) -> dict[str, str]:
    """The YAML of each preset as it is active."""
    texts = {}
    for name in presets:
        files = [SHIPPED / f"{name}.yaml"]
        if mappings is not None:
            files.insert(0, mappings / OWN_PRESETS / f"{name}.yaml")
        texts[name] = next((path.read_text(encoding="utf-8") for path in files if path.is_file()), "")
    return texts
