"""Where an event's answers are that something looks for: found by their names once, for all events with these names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bridge.intake.events.aliases import TRACKING, folded
from bridge.intake.events.fields import name_matcher
from bridge.intake.events.name_cache import MOST, Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from bridge.intake.events.questions import Known

    Lookup = Callable[[Mapping[str, list[int]], Sequence[Known]], tuple[int, ...]]
    """From the places of the answers by their names, and all answers, to the places of those that are looked for."""

MOST_LAYOUTS: Final = 8 * MOST
"""A form of thirty questions that may be left out has some hundreds; they share the names they are counted by."""

_IS_TRACKING: Final = name_matcher(TRACKING)


@dataclass(slots=True, eq=False, kw_only=True)
class Layout:
    """The places of what each lookup is after, by its number, and of the usual tracking, by its name."""

    places: tuple[tuple[int, ...], ...]
    tracking: tuple[tuple[str, int], ...]
    size: int


@dataclass(slots=True, eq=False)
class Lookups:
    """What a preset looks for among the answers: gathered while it is compiled."""

    all: list[Lookup] = field(default_factory=list)

    def add(self, lookup: Lookup) -> int:
        """Take up a lookup; returns its number."""
        self.all.append(lookup)
        return len(self.all) - 1


def compile_layouts(lookups: Lookups, *, tracking: bool) -> Remembered[tuple[Known, ...], Layout]:
    """The layout of answers of these names, in this order; with the usual tracking only where it is asked for."""
    return Remembered(lambda answers: _layout(lookups.all, answers, tracking=tracking), MOST_LAYOUTS)


def _layout(lookups: Sequence[Lookup], answers: Sequence[Known], *, tracking: bool) -> Layout:
    by_name: dict[str, list[int]] = {}
    for place, known in enumerate(answers if lookups else ()):
        for name in known.names:
            by_name.setdefault(name, []).append(place)
    return Layout(
        places=tuple([lookup(by_name, answers) for lookup in lookups]),
        tracking=_tracking(answers) if tracking else (),
        size=100 + sum([known.size for known in answers]),
    )


def _tracking(answers: Sequence[Known]) -> tuple[tuple[str, int], ...]:
    named = [
        (tracking_name(name), place)
        for place, known in enumerate(answers)
        for name in (known.key, known.label, *known.aliases)
    ]
    return tuple([(name, place) for name, place in named if name])


def tracking_name(name: str) -> str:
    """The name under which it is told where a lead came from, or nothing when it does not tell that."""
    usual_name = folded(name).replace(" ", "_")
    return usual_name if _IS_TRACKING(usual_name) else ""


def by_names(names: Iterable[str]) -> Lookup:
    """The answers that have one of these folded names, a number at the end or not, in the order of these names."""
    ranks = {name: rank for rank, name in enumerate(dict.fromkeys(names))}

    def look(by_name: Mapping[str, list[int]], _: Sequence[Known]) -> tuple[int, ...]:
        found = sorted(ranks.keys() & by_name.keys(), key=ranks.__getitem__)
        return tuple(dict.fromkeys([place for name in found for place in by_name[name]]))

    return look


def by_types(types: Collection[str]) -> Lookup:
    """The answers of one of these types."""
    return lambda _, answers: tuple([place for place, known in enumerate(answers) if known.type in types])
