"""The person of an event: each part from paths, or from the answers by their names or types. The right one or none.

Ways are tried in the order in which the preset writes them. Answers that are found by their type and those that have
a usual name are of equal rank: where two of them hold different texts, nobody can tell which is the person's, and the
part is left out as ambiguous, with the questions named. A question that names somebody else (a friend, a colleague),
or for an address somebody who may not be the person (a doctor), never gives a part. Hidden fields and the URL's
parameters come after all that the preset names; last comes the only address of a form that has no e-mail question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bridge.address import written
from bridge.intake.events.contact_texts import fitness, identity, texts_of
from bridge.intake.events.own_address import names_a_stranger
from bridge.intake.events.positions import Way
from bridge.intake.events.usual_names import PARTS, folded, part_named, usual_names
from bridge.intake.paths import compile_sources, listed
from bridge.model import Contact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.expressions import Scope, Source
    from bridge.intake.events.positions import Lookups, Places, Positions
    from bridge.intake.events.questions import NamedField
    from bridge.model import Problem

USUAL: Final = "usual"
_ADDRESS: Final = re.compile(r"[^@\s,;:<>\"{}\[\]]{1,64}+@[^@\s,;<>\"{}.]{1,190}+(\.[^@\s,;<>\"{}.]{1,63}+)++")
_ORDERED: Final = ("phone", "company")
"""Parts of which a person may well have several: of differently named ones the likeliest name counts."""


@dataclass(slots=True, eq=False)
class Answered:
    """One event while its contact is looked for: its answers and the questions asked, with their positions.

    `tracking` and the query hold named values that are not answers. Filled for each part: `spares`, the first text that
    cannot be used; `rivals`, the questions among which nobody can choose; `others`, those about somebody else.
    """

    scope: Scope
    known: tuple[NamedField, ...]
    values: Sequence[Any]
    questions: tuple[NamedField, ...]
    positions_of: Mapping[tuple[NamedField, ...], Positions]
    positions: Positions
    tracking: Mapping[str, Any]
    spares: dict[str, str] = field(default_factory=dict)
    rivals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, place: int) -> str:
        """An answer's question as people know it, with its key."""
        known = self.known[place]
        return f"{known.label} ({known.key})" if known.label and known.label != known.key else known.key


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWays:
    """A compiled `contact:`: for each part its ways in order; `usual` are the lookups of parts with usual names."""

    parts: Mapping[str, tuple[Way, ...]]
    usual: Mapping[str, int]


def compile_contact(node: Any, where: str, problems: list[Problem], lookups: Lookups) -> ContactWays:
    """The parts of `contact:`; a part is one way of finding it or a list of ways, tried in order.

    What is looked for among the answers is added to `lookups`.
    """
    if node == USUAL:
        node = dict.fromkeys(PARTS, USUAL)
    usual: dict[str, int] = {}
    parts = {
        part: tuple(_ways(part, listed(ways), f"{where}.{part}", problems, lookups, usual))
        for part, ways in node.items()
    }
    return ContactWays(parts=parts, usual=usual)


def read_contact(ways: ContactWays, answered: Answered) -> tuple[Contact, dict[str, tuple[str, ...]]]:
    """The contact of one event, and for each part that is ambiguous the questions that compete.

    A blank part is absent. A text that cannot be used counts where there is no better one: the mapping refuses it.
    """
    found = {}
    for part, picks in answered.positions.picks:
        for pick in picks:
            text = pick(answered)
            if text:
                found[part] = text
                break
            if part in answered.rivals:
                break
    named = _named_values(answered)
    if named or answered.positions.has_hidden:
        found.update(_beyond_answers(ways.usual, found, answered, named))
    if "email" not in found and "email" in ways.usual and "email" not in answered.rivals:
        address = _only_address(ways.usual["email"], answered)
        found |= {"email": address} if address else {}
    for part, text in answered.spares.items():
        if part not in answered.rivals:
            found.setdefault(part, text)
    for part, names in answered.others.items():
        if part not in found:
            answered.rivals[part] = names
    return Contact(**found), answered.rivals


def _ways(
    part: str, ways: Sequence[Any], where: str, problems: list[Problem], lookups: Lookups, usual: dict[str, int]
) -> Iterator[Way]:
    types = {kind for way in ways if isinstance(way, dict) for kind in listed(way.get("type"))}
    is_usual = USUAL in ways
    names = usual_names(part) if is_usual else ()
    ranked, numbered = part in _ORDERED, part != "email"
    number = lookups.add(names, types, ranked=ranked, numbered=numbered) if is_usual or types else None
    if is_usual and number is not None:
        usual[part] = number
    done = False
    for way in ways:
        if isinstance(way, dict) and "answer" in way:
            fixed = [folded(name) for name in listed(way["answer"])]
            yield _among(part, lookups.add(fixed, ranked=True, numbered=numbered))
        elif isinstance(way, dict) and "ending" in way:
            yield _among(part, lookups.add_part(way["ending"], way["next_to"], way["unless"]))
        elif way == USUAL or isinstance(way, dict):
            if number is not None and not done:
                yield _among(part, number)
                done = True
                if is_usual and part in ("first_name", "last_name"):
                    yield _within_names(part, lookups.add(usual_names("full_name")))
        else:
            (source,) = compile_sources(way, where, problems) or (None,)
            if source is not None:
                yield _at(part, source)


def _at(part: str, source: Source) -> Way:
    """The first text at a path that can be used: what stands there is one person's."""
    fits = fitness(part)

    def pick(answered: Answered) -> str:
        for text in texts_of(part, source(answered.scope)):
            if fits(text):
                return text
            answered.spares.setdefault(part, text)
        return ""

    return Way(pick, None)


def _among(part: str, number: int) -> Way:
    """The one text among the answers that a lookup found, group by group."""
    fits = fitness(part)

    def pick(answered: Answered) -> str:
        places, values = answered.positions.places[number], answered.values
        if places.sole is not None and (value := values[places.sole]).__class__ is str and fits(sole := value.strip()):
            return str(sole)  # as in most forms
        for group in places.groups:
            found = []
            for place in group:
                for text in texts_of(part, values[place]):
                    if fits(text):
                        found.append((text, place))
                    else:
                        answered.spares.setdefault(part, text)
            if found:
                text, place = found[0]
                if len(found) > 1 and not _is_one(part, found, answered):
                    return ""
                return text if place in places.named or _is_sure(part, number, place, answered) else ""
        if places.others:
            _note_others(part, places, answered)
        return ""

    return Way(pick, number)


def _is_one(part: str, found: Sequence[tuple[str, int | str]], answered: Answered) -> bool:
    """Whether all texts are the same; else those that compete are noted, by their places or names."""
    if len(found) == 1:
        return True
    different = {identity(part, text): where for text, where in reversed(found)}
    if len(different) == 1:
        return True
    where = reversed(different.values())
    answered.rivals[part] = tuple([one if isinstance(one, str) else answered.name(one) for one in where])
    return False


def _is_sure(part: str, number: int, place: int, answered: Answered) -> bool:
    """Whether an answer is the person's own: it has a usual name, or nothing says that another one would be.

    Else those that compete are noted: an answer that is about somebody else, a usual question that was left blank.
    """
    if part != "email":
        return True
    places = answered.positions.places[number]
    rivals = [other for other in places.others if texts_of(part, answered.values[other])]
    names = [*map(answered.name, (place, *rivals, *sorted(places.named))), *_unanswered(number, answered)]
    if len(names) > 1:
        answered.rivals[part] = tuple(names)
    return len(names) == 1


def _unanswered(number: int, answered: Answered) -> list[str]:
    """The questions of usual names that were asked and have no answer."""
    if not answered.questions:
        return []
    places = answered.positions_of[answered.questions].places[number]
    keys = {known.key for known in answered.known}
    questions = [answered.questions[place] for place in sorted(places.named)]
    return [known.label or known.key for known in questions if known.key not in keys]


def _note_others(part: str, places: Places, answered: Answered) -> None:
    """Note the answers that hold somebody else's part, for the case that nothing else is found."""
    found = [place for place in places.others if texts_of(part, answered.values[place])]
    if found:
        answered.others[part] = tuple(map(answered.name, found))


def _within_names(part: str, number: int) -> Way:
    """A part of a name that stands inside an answer that is an object."""

    def pick(answered: Answered) -> str:
        values, found = answered.values, []
        for group in answered.positions.places[number].groups:
            for place in group:
                if isinstance(values[place], dict):
                    found += [(text, place) for text in texts_of(part, values[place])]
        return found[0][0] if found and _is_one(part, found, answered) else ""

    return Way(pick, number)


def _named_values(answered: Answered) -> list[tuple[str, str, Any]]:
    """The hidden fields, tracking and parameters of the URL that have a usual name: its part, the name, the value."""
    named = (*answered.tracking.items(), *answered.scope["query"].items())
    return [(part, name, value) for name, value in named if (part := part_named(name))]


def _beyond_answers(
    usual: Mapping[str, int],
    found: Mapping[str, str],
    answered: Answered,
    loose: Sequence[tuple[str, str, Any]],
) -> Iterator[tuple[str, str]]:
    """The parts not found yet that have a usual name among hidden fields, tracking and the URL's parameters."""
    for part, number in usual.items():
        if part in found or part in answered.rivals:
            continue
        places = answered.positions.places[number].hidden
        if places or loose:
            hidden = [(answered.name(place), answered.values[place]) for place in places]
            hidden += [(name, value) for known, name, value in loose if known == part]
            texts = [(text, name) for name, value in hidden for text in texts_of(part, value) if fitness(part)(text)]
            if texts and _is_one(part, texts, answered):
                yield part, texts[0][0]


def _only_address(number: int, answered: Answered) -> str:
    """The one address among the answers of a form without an e-mail question; none where several differ."""
    places = answered.positions.places[number]
    own = [answered.values[place] for group in places.groups for place in group]
    if any(not texts_of("email", value) or "@" in str(value) for value in own) or _unanswered(number, answered):
        return ""
    found = [
        (text, place)
        for place, value in enumerate(answered.values)
        for item in (value if isinstance(value, list) else (value,))
        if isinstance(item, str) and _ADDRESS.fullmatch(text := written(item).strip())
    ]
    if not found or places.others or not _is_one("email", found, answered):
        return ""
    text, place = found[0]
    known = answered.known[place]
    if not (known.is_about_others or names_a_stranger(known.label or known.key)):
        return text
    answered.others["email"] = (answered.name(place),)
    return ""
