"""The history of the mappings: every set that was ever in use, and what each changed."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from bridge.errors import LeadbridgeError
from bridge.outbox import registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A mapping set: its number, when (ms UTC) it was first in use, its texts by name, what it added and so on.

    A name is a hook's, or `presets/NAME` for a preset of the user's own.
    """

    number: int
    first_at: int
    is_active: bool
    texts: Mapping[str, str]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def concerns(self, name: str) -> bool:
        """Whether it is a new text of this name, or its end."""
        return name in (*self.added, *self.changed, *self.removed)


def versions(store: Outbox) -> tuple[Version, ...]:
    """Every version, oldest first. A text that came back is an old version, active again. Raises OutboxError."""
    found: list[Version] = []
    before: Mapping[str, str] = {}
    for one in registry.mapping_sets(store):
        texts: Mapping[str, str] = orjson.loads(one.content)
        found.append(
            Version(
                number=one.set_id,
                first_at=one.stored_at,
                is_active=one.is_active,
                texts=texts,
                added=tuple(sorted(texts.keys() - before.keys())),
                changed=tuple(sorted(name for name in texts.keys() & before.keys() if texts[name] != before[name])),
                removed=tuple(sorted(before.keys() - texts.keys())),
            )
        )
        before = texts
    return tuple(found)


def version(found: tuple[Version, ...], number: int) -> Version:
    """The version of this number. Raises LeadbridgeError."""
    for one in found:
        if one.number == number:
            return one
    known = f"{found[0].number} to {found[-1].number}" if found else "none yet"
    raise LeadbridgeError(f"there is no version {number} of the mappings; `leadbridge history` lists them: {known}")


def difference(before: str, after: str, *, names: tuple[str, str]) -> str:
    """The unified difference of two texts, "" if there is none."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), fromfile=names[0], tofile=names[1]
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
