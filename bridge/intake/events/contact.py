"""The person of an event: each part from paths, or from the answers by their names or types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import as_text
from bridge.intake.events import aliases as usual
from bridge.intake.events.aliases import folded
from bridge.intake.events.positions import by_names, by_types
from bridge.intake.paths import compile_sources, listed
from bridge.model import Contact, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from bridge.expressions import Scope
    from bridge.intake.events.positions import Lookups

    Picker = Callable[[Scope, Sequence[Any], Sequence[tuple[int, ...]]], str]
    """From the scope, the answers' values and the places that the lookups found, to a text; empty where none is."""

_ADDRESS: Final = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+")
USUAL: Final = "usual"


def compile_contact(node: Any, where: str, problems: list[Problem], lookups: Lookups) -> dict[str, tuple[Picker, ...]]:
    """The parts of `contact:`; a part is one way of finding it or a list of ways, tried in order.

    What is looked for among the answers is added to `lookups`.
    """
    if node == USUAL:
        node = dict.fromkeys(usual.NAMES, USUAL)
    return {
        part: tuple(_picker(part, way, f"{where}.{part}", problems, lookups) for way in listed(ways))
        for part, ways in node.items()
    }


def read_contact(
    parts: Mapping[str, Sequence[Picker]], scope: Scope, values: Sequence[Any], places: Sequence[tuple[int, ...]]
) -> Contact:
    """The contact of one event; a blank part is absent. Numbers become text (some senders send phones so)."""
    found = {}
    for part, pickers in parts.items():
        for pick in pickers:
            text = pick(scope, values, places)
            if text:
                found[part] = text
                break
    return Contact(**found)


def _picker(part: str, way: Any, where: str, problems: list[Problem], lookups: Lookups) -> Picker:
    if way == USUAL:
        return _usual(part, lookups)
    if isinstance(way, str):
        sources = compile_sources(way, where, problems)
        return lambda scope, *_: _first_text(source(scope) for source in sources)
    ways = {"answer", "type", "looks_like"} & set(way)
    if len(ways) != 1:
        fix = "write one of answer, type and looks_like"
        problems.append(Problem(code="no_source", message="it is not said which answer", fix=fix, path=where))
        return lambda *_: ""
    if "looks_like" in way:
        return lambda _, values, __: _only_address(values)
    by_name = "answer" in way
    number = lookups.add(
        by_names(map(folded, listed(way["answer"]))) if by_name else by_types(frozenset(listed(way["type"])))
    )
    inner = compile_sources(way.get("part"), f"{where}.part", problems, None)
    if not inner:
        return _placed(number)
    return lambda _, values, places: _first_text(
        source(values[place]) for place in places[number] if isinstance(values[place], dict) for source in inner
    )


def _placed(number: int) -> Picker:
    """The first of the answers that a lookup found, by its number."""

    def pick(_: Scope, values: Sequence[Any], places: Sequence[tuple[int, ...]]) -> str:
        for place in places[number]:
            text = _text(values[place])
            if text:
                return text
        return ""

    return pick


def _usual(part: str, lookups: Lookups) -> Picker:
    """By the usual names, then inside answers that are objects, then by the look of the only address."""
    number = lookups.add(by_names(usual.NAMES[part]))
    asked, keys = usual.INSIDE.get(part, ((), ()))
    inside = lookups.add(by_names(asked))
    is_email = part == "email"

    def pick(_: Scope, values: Sequence[Any], places: Sequence[tuple[int, ...]]) -> str:
        for place in places[number]:
            text = _text(values[place])
            if text:
                return text
        text = ""
        for place in places[inside]:
            if isinstance(values[place], dict):
                text = _inside(part, [values[each] for each in places[inside]], keys)
                break
        return text or (_only_address(values) if is_email else "")

    return pick


def _inside(part: str, values: Sequence[Any], keys: Collection[str]) -> str:
    """The part of a contact that stands inside an answer that is an object."""
    objects = [value for value in values if isinstance(value, dict)]
    if part == "phone":
        whole = _first_text(map(_joined_phone, objects))
        if whole:
            return whole
    return _first_text(inner for value in objects for key, inner in value.items() if folded(key) in keys)


def _joined_phone(value: Mapping[str, Any]) -> str:
    """A number in pieces as one text; nothing where it is whole, or has other pieces."""
    pieces = [as_text(value.get(name)).strip() for name in ("country", "area", "phone")]
    return " ".join(piece for piece in pieces if piece) if pieces[1] and pieces[2] else ""


def _only_address(values: Sequence[Any]) -> str:
    """The one address among the answers; none where several differ, since nobody can tell whose they are."""
    texts = {value.strip() for value in values if isinstance(value, str)}
    found = {text.casefold(): text for text in texts if _ADDRESS.fullmatch(text)}
    return next(iter(found.values())) if len(found) == 1 else ""


def _first_text(values: Iterable[Any]) -> str:
    for value in values:
        text = _text(value)
        if text:
            return text
    return ""


def _text(value: Any) -> str:
    """A value as trimmed text; of a list the first that is one. True and false are none, nor are objects."""
    if value.__class__ is str:
        return str(value).strip()
    for item in value if isinstance(value, list) else (value,):
        text = "" if isinstance(item, list | dict | bool) else as_text(item).strip()
        if text:
            return text
    return ""
