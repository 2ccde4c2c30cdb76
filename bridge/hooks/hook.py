"""A hook: one URL that takes webhooks, with all that is needed to read what comes to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.intake import Preset, Scheme
    from bridge.mapping import HookMapping
    from bridge.model import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One URL that takes webhooks: how it is verified and read, and its mapping.

    `doubts` are what is wrong with its secrets although it can take requests.
    """

    name: str
    preset: Preset
    scheme: Scheme
    secrets: Mapping[str, tuple[str, ...]]
    mapping: HookMapping
    doubts: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedHook:
    """A hook that cannot take requests for now, and why."""

    name: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """All hooks of this process.

    `texts` are the mapping files in use, and `mapping_set_id` gives the id under which the outbox stores them. `stale`
    are the problems of files that are bad, whose hooks run on their last good text, `preset_problems` those of
    the user's own presets.
    """

    by_name: Mapping[str, Hook | ClosedHook]
    mapping_set_id: Callable[[], int]
    texts: Mapping[str, str] = field(default_factory=dict)
    stale: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    preset_problems: tuple[Problem, ...] = ()
