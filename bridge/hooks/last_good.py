"""The last good texts: what a bad file runs on, in this process and, stored in the outbox, over a restart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

from bridge import intake, log
from bridge.documents import read_text
from bridge.errors import OutboxError
from bridge.hooks.presets import OWN_PRESETS, Presets
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bridge.intake import Preset
    from bridge.model import Problem
    from bridge.outbox import Outbox

_PRESET_KEY: Final = "presets/"
"""In a mapping set, the texts of the user's own presets stand next to the mappings under their paths."""


def stored_texts(store: Outbox) -> Mapping[str, str]:
    """The texts of the mapping set active by their names, none when there is none or the outbox is away."""
    try:
        active = registry.active_mapping_set(store)
    except OutboxError as error:
        log.get_logger().error("outbox.unavailable", error=str(error))
        return {}
    texts: dict[str, str] = orjson.loads(active[1]) if active is not None else {}
    return texts


def storing_once(store: Outbox, texts: Mapping[str, str]) -> Callable[[], int]:
    """A function that stores the texts at its first call and then knows their id. Storing them twice is harmless."""
    content = orjson.dumps(texts, option=orjson.OPT_SORT_KEYS)
    stored: list[int] = []

    def mapping_set_id() -> int:
        if not stored:
            registry.register_hooks(store, [name for name in texts if not name.startswith(_PRESET_KEY)])
            stored.append(registry.store_mapping_set(store, content))
        return stored[0]

    return mapping_set_id


def broken_presets(folder: Path) -> dict[str, tuple[Problem, ...]]:
    """The user's own presets that cannot be used, each with its problems."""
    found: dict[str, tuple[Problem, ...]] = {}
    for problem in intake.load_presets(folder / OWN_PRESETS)[1]:
        name = Path(problem.file).stem
        found[name] = (*found.get(name, ()), problem)
    return found


def restored(presets: Mapping[str, Preset], broken: Collection[str], last_good: Mapping[str, str]) -> Presets:
    """The presets, with the last good text of the user's own that are broken or gone."""
    known = {}
    for key, text in last_good.items():
        name = key.removeprefix(_PRESET_KEY)
        if key != name and (name in broken or name not in presets):
            preset = intake.load_preset(text, key)
            if not isinstance(preset, list):
                known[name] = preset
    return presets.with_own(known) if isinstance(presets, Presets) else Presets({**presets, **known})


def own_texts(
    folder: Path, broken: Collection[str], last_good: Mapping[str, str], names: Collection[str]
) -> dict[str, str]:
    """The texts of the user's own presets that mappings use, to be stored next to theirs."""
    texts = {}
    for name in names:
        key, path = _PRESET_KEY + name, folder / OWN_PRESETS / f"{name}.yaml"
        if name not in broken and path.is_file():
            texts[key] = read_text(path)
        elif key in last_good:
            texts[key] = last_good[key]
    return texts
