"""The person of an event: each part from paths, or from the answers by their names or types. The right one or none.

Ways are tried in the order in which the preset writes them. Answers that are found by their type and those that have
a usual name are of equal rank: where two of them hold different texts, nobody can tell which is the person's, and the
part is left out as ambiguous, with the questions named. A question that names somebody else (a friend, a colleague)
never gives a part. Hidden fields and the URL's parameters come after all that the preset names; last comes the only
address of a form that has no e-mail question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bridge.intake.events.contact_texts import first_text, identity, texts_of, usable
from bridge.intake.events.usual_names import PARTS, folded, usual_names
from bridge.intake.paths import compile_sources, listed
from bridge.model import Contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bridge.expressions import Scope
    from bridge.intake.events.layout import Layout, Lookups, Places
    from bridge.intake.events.questions import Known
    from bridge.model import Problem

    Picker = Callable[["Answered"], str]
    """From what was answered to a text; empty where none is."""

USUAL: Final = "usual"
_ADDRESS: Final = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>.]{1,190}(\.[^@\s,;<>.]{1,63})+")
_ORDERED: Final = ("phone", "company")
"""Parts of which a person may well have several: of differently named ones the likeliest name counts."""


@dataclass(slots=True, eq=False)
class Answered:
    """One event while its contact is looked for: its answers, with their layout and that of the questions asked.

    `loose` are named values that are no answers: tracking and the query. `rivals` are filled: for each part the
    questions among which nobody can choose.
    """

    scope: Scope
    known: Sequence[Known]
    values: Sequence[Any]
    layout: Layout
    asked: Sequence[Known]
    asked_layout: Callable[[], Layout]
    loose: Sequence[tuple[str, Any]]
    rivals: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, place: int) -> str:
        """An answer's question as people know it, with its key."""
        known = self.known[place]
        return f"{known.label} ({known.key})" if known.label and known.label != known.key else known.key


def compile_contact(node: Any, where: str, problems: list[Problem], lookups: Lookups) -> dict[str, tuple[Picker, ...]]:
    """The parts of `contact:`; a part is one way of finding it or a list of ways, tried in order.

    What is looked for among the answers is added to `lookups`.
    """
    if node == USUAL:
        node = dict.fromkeys(PARTS, USUAL)
    return {
        part: tuple(_pickers(part, listed(ways), f"{where}.{part}", problems, lookups)) for part, ways in node.items()
    }


def read_contact(
    parts: Mapping[str, Sequence[Picker]], answered: Answered
) -> tuple[Contact, dict[str, tuple[str, ...]]]:
    """The contact of one event, and for each part that is ambiguous the questions that compete.

    A blank part is absent. A text that cannot be used counts where there is no better one: the mapping refuses it.
    """
    found = {}
    for part, pickers in parts.items():
        spare = ""
        for pick in pickers:
            text = pick(answered)
            if part in answered.rivals:
                break
            if text and usable(part, text):
                found[part] = text
                break
            spare = spare or text
        else:
            if spare:
                found[part] = spare
            elif part in answered.others:
                answered.rivals[part] = answered.others[part]
    return Contact(**found), answered.rivals


def _pickers(part: str, ways: Sequence[Any], where: str, problems: list[Problem], lookups: Lookups) -> Iterator[Picker]:
    types = {kind for way in ways if isinstance(way, dict) for kind in listed(way.get("type"))}
    is_usual = USUAL in ways
    names = usual_names(part) if is_usual else ()
    number = lookups.add(names, types, ranked=part in _ORDERED) if is_usual or types else None
    done = False
    for way in ways:
        if isinstance(way, dict) and "answer" in way:
            yield _among(part, lookups.add([folded(name) for name in listed(way["answer"])], ranked=True))
        elif way == USUAL or isinstance(way, dict):
            if number is not None and not done:
                yield _among(part, number)
                done = True
                if is_usual and part in ("first_name", "last_name"):
                    yield _within_names(part, lookups.add(usual_names("full_name")))
        else:
            (source,) = compile_sources(way, where, problems) or (None,)
            if source is not None:
                yield lambda answered, source=source: first_text(part, source(answered.scope))  # type: ignore[misc]
    if is_usual and number is not None:
        yield _hidden(part, number)
        if part == "email":
            yield _only_address(number)


def _among(part: str, number: int) -> Picker:
    """The one text among the answers that a lookup found, group by group."""

    def pick(answered: Answered) -> str:
        places = answered.layout.places[number]
        spare = ""
        for group in places.groups:
            found: dict[str, tuple[str, int]] = {}
            for place in group:
                for text in texts_of(part, answered.values[place]):
                    if usable(part, text):
                        found.setdefault(identity(part, text), (text, place))
                    else:
                        spare = spare or text
            if len(found) > 1:
                answered.rivals[part] = _names(answered, [place for _, place in found.values()])
                return ""
            for text, place in found.values():
                return text if _is_sure(part, number, places, place, answered) else ""
        return spare if not _note_others(part, places, answered) else ""

    return pick


def _is_sure(part: str, number: int, places: Places, place: int, answered: Answered) -> bool:
    """Whether an answer is the person's own: it has a usual name, or nothing says that another one would be.

    Else those that compete are noted: an answer that is about somebody else, a usual question that was left blank.
    """
    if place in places.named or part != "email":
        return True
    rivals = [other for other in places.others if texts_of(part, answered.values[other])]
    rivals += sorted(places.named)
    names = [*_names(answered, [place, *rivals]), *_unanswered(number, answered)]
    if len(names) > 1:
        answered.rivals[part] = tuple(names)
    return len(names) == 1


def _unanswered(number: int, answered: Answered) -> list[str]:
    """The questions of usual names that were asked and have no answer."""
    if not answered.asked:
        return []
    places = answered.asked_layout().places[number]
    keys = {known.key for known in answered.known}
    asked = [answered.asked[place] for place in sorted(places.named)]
    return [known.label or known.key for known in asked if known.key not in keys]


def _note_others(part: str, places: Places, answered: Answered) -> bool:
    """Note the answers that hold somebody else's part, for the case that nothing else is found."""
    found = [place for place in places.others if texts_of(part, answered.values[place])]
    if found:
        answered.others[part] = _names(answered, found)
    return bool(found)


def _within_names(part: str, number: int) -> Picker:
    """A part of a name that stands inside an answer that is an object."""

    def pick(answered: Answered) -> str:
        places = [place for group in answered.layout.places[number].groups for place in group]
        objects = [(place, value) for place in places if isinstance(value := answered.values[place], dict)]
        found = {identity(part, text): place for place, value in objects for text in texts_of(part, value)}
        if len(found) > 1:
            answered.rivals[part] = _names(answered, list(found.values()))
            return ""
        return next((text for _, value in objects for text in texts_of(part, value)), "")

    return pick


def _hidden(part: str, number: int) -> Picker:
    """By a usual name among the hidden fields, what tells where a lead came from, and the URL's parameters."""
    names = frozenset(usual_names(part))

    def pick(answered: Answered) -> str:
        hidden = [(answered.name(place), answered.values[place]) for place in answered.layout.places[number].hidden]
        hidden += [(name, value) for name, value in answered.loose if folded(name) in names]
        found: dict[str, tuple[str, str]] = {}
        for name, value in hidden:
            for text in texts_of(part, value):
                if usable(part, text):
                    found.setdefault(identity(part, text), (text, name))
        if len(found) > 1:
            answered.rivals[part] = tuple([name for _, name in found.values()])
            return ""
        return next((text for text, _ in found.values()), "")

    return pick


def _only_address(number: int) -> Picker:
    """The one address among the answers of a form without an e-mail question; none where several differ."""

    def pick(answered: Answered) -> str:
        places = answered.layout.places[number]
        own = [answered.values[place] for group in places.groups for place in group]
        if any(not texts_of("email", value) or "@" in str(value) for value in own) or _unanswered(number, answered):
            return ""
        found: dict[str, tuple[str, int]] = {}
        for place, value in enumerate(answered.values):
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, str) and "@" in item and _ADDRESS.fullmatch(item.strip()):
                    found.setdefault(identity("email", item), (item.strip(), place))
        if len(found) > 1:
            answered.rivals["email"] = _names(answered, [place for _, place in found.values()])
        if len(found) != 1 or places.others:
            return ""
        ((text, place),) = found.values()
        if answered.known[place].is_about_others:
            answered.others["email"] = _names(answered, [place])
            return ""
        return text

    return pick


def _names(answered: Answered, places: Sequence[int]) -> tuple[str, ...]:
    """The questions at these places; of one that holds several texts its name stands as often."""
    return tuple([answered.name(place) for place in places])
