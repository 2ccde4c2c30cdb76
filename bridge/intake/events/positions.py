"""Where an event's answers are that something looks for: found by their names once, for all events with these names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bridge.expressions import comparable
from bridge.expressions.name_cache import MOST, NameCache
from bridge.intake.events.fields import name_matcher
from bridge.intake.events.own_address import names_a_stranger, says_address
from bridge.intake.events.usual_names import TRACKING, folded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from bridge.intake.events.questions import NamedField

    Ways = Mapping[str, Sequence["Way"]]

MOST_POSITIONS: Final = 8 * MOST
"""A form of thirty questions that may be left out has some hundreds; they share the names they are counted by."""

_IS_TRACKING: Final = name_matcher(TRACKING)
_GAPS: Final = re.compile(r"[\s_\-:?*!.,/()]+")


@dataclass(slots=True, eq=False, kw_only=True)
class Places:
    """Where the answers stand that a lookup is after.

    `groups` hold those of equal rank, the likeliest group first; `named` are those that have one of its names;
    `others` those whose names say that they ask for somebody else's; `hidden` those of hidden fields. `sole` is the
    first group, where that is one answer that has one of the names; else none.
    """

    groups: tuple[tuple[int, ...], ...]
    named: frozenset[int]
    others: tuple[int, ...]
    hidden: tuple[int, ...]
    sole: int | None = field(init=False)

    def __post_init__(self) -> None:
        """Find `sole`."""
        first = self.groups[0] if self.groups else ()
        self.sole = first[0] if len(first) == 1 and first[0] in self.named else None


class Way(NamedTuple):
    """A way to find a part of a contact, and the lookup that it needs something from; None where it needs none."""

    pick: Callable[[Any], str]
    number: int | None


@dataclass(slots=True, eq=False, kw_only=True)
class Positions:
    """The places of what each lookup is after, by its number, and of the usual tracking, by its name.

    `keys` are those of the answers, `names` their labels, types and aliases. `picks` are, for each part of the contact,
    the ways that can find something among answers of these names.
    `has_hidden` says whether any lookup found a hidden field.
    """

    keys: tuple[str, ...]
    names: tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]
    places: tuple[Places, ...]
    picks: tuple[tuple[str, tuple[Callable[[Any], str], ...]], ...]
    has_hidden: bool
    tracking: tuple[tuple[str, int], ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """The answers that have one of these types or folded names.

    With `ranked` names, each name is a group of its own in this order; else all of them are one group. A name with a
    number at its end (`email 2`) is a rival of the first group; where there is none, it counts only if `numbered`.
    """

    ranks: dict[str, int]
    types: frozenset[str]
    ranked: bool
    numbered: bool

    def find(self, answers: Sequence[NamedField]) -> Places:
        """Their places among these answers."""
        found: list[tuple[int, int]] = []
        numbered: list[tuple[int, int]] = []
        named, others, hidden = [], [], []
        for place, known in enumerate(answers):
            near = self._rank(known.names)
            exact = None if near is None else self._rank(map(folded, (known.key, known.label, *known.aliases)))
            rank = near if exact is None else exact
            is_typed = known.type in self.types
            if rank is None and not is_typed:
                continue
            if "hidden" in known.type.casefold():
                hidden.append(place)
            elif known.is_about_others or (not self.numbered and self._may_be_others(known)):
                others.append(place)
            elif exact is None and not is_typed:
                numbered.append((rank or 0, place))
            else:
                found.append((len(self.ranks) if rank is None else rank, place))
                named += [] if exact is None else [place]
        if found:
            numbered = [(min(found)[0], place) for _, place in numbered]
        elif not self.numbered:
            numbered = []
        return Places(
            groups=self._groups(found + numbered),
            named=frozenset(named),
            others=tuple(others),
            hidden=tuple(hidden),
        )

    def _may_be_others(self, known: NamedField) -> bool:
        """Whether a question for an address may be about somebody else, by its label, else by its key.

        Builders call any such question `email` (Elementor) or by an id: a key without a word for one says nothing.
        """
        name = known.label or known.key
        if self._rank([folded(name)]) is not None:
            return False
        return names_a_stranger(name) and bool(known.label or says_address(name))

    def _rank(self, names: Iterable[str]) -> int | None:
        return min([self.ranks[name] for name in names if name in self.ranks], default=None)

    def _groups(self, found: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
        groups: dict[int, list[int]] = {}
        for rank, place in sorted(found):
            groups.setdefault(rank if self.ranked else 0, []).append(place)
        return tuple([tuple(sorted(places)) for places in groups.values()])


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLookup:
    """The answers whose key ends so, where its start has another such end and not a third: `1.3` next to `1.6`."""

    ending: str
    next_to: str
    unless: str

    def find(self, answers: Sequence[NamedField]) -> Places:
        """Their places among these answers, each a group of its own."""
        keys = {known.key for known in answers}
        starts = [(place, known.key.removesuffix(self.ending), known.key) for place, known in enumerate(answers)]
        found = [
            place
            for place, start, key in starts
            if start != key and start + self.next_to in keys and start + self.unless not in keys
        ]
        return Places(groups=tuple([(place,) for place in found]), named=frozenset(found), others=(), hidden=())


@dataclass(slots=True, eq=False)
class Lookups:
    """What a preset looks for among the answers: gathered while it is compiled."""

    all: list[Lookup | PartLookup] = field(default_factory=list)

    def add_part(self, ending: str, next_to: str, unless: str) -> int:
        """Add a lookup of parts of an answer; returns its number."""
        self.all.append(PartLookup(ending=ending, next_to=next_to, unless=unless))
        return len(self.all) - 1

    def add(
        self, names: Sequence[str], types: Collection[str] = (), *, ranked: bool = False, numbered: bool = True
    ) -> int:
        """Add a lookup; returns its number."""
        ranks = {name: rank for rank, name in enumerate(dict.fromkeys(names))}
        self.all.append(Lookup(ranks=ranks, types=frozenset(types), ranked=ranked, numbered=numbered))
        return len(self.all) - 1


def compile_positions(lookups: Lookups, ways: Ways, *, tracking: bool) -> NameCache[tuple[NamedField, ...], Positions]:
    """The positions of answers of these names, in this order; with the usual tracking only where it is asked for."""
    return NameCache(lambda answers: _positions(lookups.all, ways, answers, tracking=tracking), MOST_POSITIONS)


def _positions(
    lookups: Sequence[Lookup | PartLookup], ways: Ways, answers: Sequence[NamedField], *, tracking: bool
) -> Positions:
    places = tuple([lookup.find(answers) for lookup in lookups])
    useful = {None, *(number for number, found in enumerate(places) if found.groups or found.others)}
    picks = [(part, tuple([way.pick for way in some if way.number in useful])) for part, some in ways.items()]
    return Positions(
        keys=tuple([known.key for known in answers]),
        names=(
            tuple([known.label for known in answers]),
            tuple([known.type for known in answers]),
            tuple([known.aliases for known in answers]),
        ),
        places=places,
        picks=tuple([one for one in picks if one[1]]),
        has_hidden=any(found.hidden for found in places),
        tracking=_tracking(answers) if tracking else (),
        size=100 + sum([known.size for known in answers]),
    )


def _tracking(answers: Sequence[NamedField]) -> tuple[tuple[str, int], ...]:
    named = [
        (tracking_name(name), place)
        for place, known in enumerate(answers)
        for name in (known.key, known.label, *known.aliases)
    ]
    return tuple([(name, place) for name, place in named if name])


def tracking_name(name: str) -> str:
    """The tracking field that it names (where a lead came from), or nothing."""
    usual_name = _GAPS.sub(" ", comparable(name)).strip().replace(" ", "_")
    return usual_name if _IS_TRACKING(usual_name) else ""
