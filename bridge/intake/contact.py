"""The person of an event: each part from paths, or from the answers by their names or types."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import as_text
from bridge.intake import usual
from bridge.intake.paths import compile_sources
from bridge.intake.usual import folded
from bridge.model import Contact, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bridge.expressions import Scope
    from bridge.model import Answer

    Picker = Callable[[Scope, "Answers"], Iterator[Any]]

_ADDRESS: Final = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+")
USUAL: Final = "usual"


class Answers:
    """An event's answers, found by any of their names. The index is made when it is first asked for."""

    __slots__ = ("_by_name", "all")

    def __init__(self, answers: Sequence[Answer]) -> None:
        self.all = answers
        self._by_name: dict[str, list[Any]] | None = None

    def named(self, names: Mapping[str, int]) -> Iterator[Any]:
        """The values of the answers whose key, label or alias is one of these, both folded, a number at the end or not.

        In the order of the numbers that the names stand for.
        """
        if self._by_name is None:
            self._by_name = {}
            for answer in self.all:
                for each in _known_as((answer.key, answer.label, *answer.aliases)):
                    self._by_name.setdefault(each, []).append(answer.value)
        for name in sorted(names.keys() & self._by_name.keys(), key=names.__getitem__):
            yield from self._by_name[name]


@lru_cache(maxsize=4096)
def _known_as(names: tuple[str, ...]) -> frozenset[str]:
    """What an answer with these names may be called. Every event of a form has the same."""
    all_folded = [folded(name) for name in names]
    return frozenset(all_folded) | frozenset(map(usual.unnumbered, all_folded))


def _ranks(names: Iterable[str]) -> Mapping[str, int]:
    return {name: rank for rank, name in enumerate(dict.fromkeys(names))}


def compile_contact(node: Any, where: str, problems: list[Problem]) -> dict[str, tuple[Picker, ...]]:
    """The parts of `contact:`; a part is one way of finding it or a list of ways, tried in order."""
    if node == USUAL:
        node = dict.fromkeys(usual.NAMES, USUAL)
    parts = {}
    for part, ways in node.items():
        listed = ways if isinstance(ways, list) else [ways]
        parts[part] = tuple(_picker(part, way, f"{where}.{part}", problems) for way in listed)
    return parts


def read_contact(parts: Mapping[str, Sequence[Picker]], scope: Scope, answers: Sequence[Answer]) -> Contact:
    """The contact of one event; a blank part is absent. Numbers become text (some senders send phones so)."""
    found = Answers(answers)
    return Contact(**{part: _first_text(pickers, scope, found) for part, pickers in parts.items()})


def _picker(part: str, way: Any, where: str, problems: list[Problem]) -> Picker:
    if way == USUAL:
        return _usual(part)
    if isinstance(way, str):
        sources = compile_sources(way, where, problems)
        return lambda scope, _: (source(scope) for source in sources)
    ways = {"answer", "type", "looks_like"} & set(way)
    if len(ways) != 1:
        cure = "write one of answer, type and looks_like"
        problems.append(Problem(code="no_source", message="it is not said which answer", cure=cure, path=where))
        return lambda _, answers: iter(())
    if "looks_like" in way:
        return lambda _, answers: _addresses(answers)
    inner = compile_sources(way.get("part"), f"{where}.part", problems, None)
    if "answer" in way:
        names = _ranks(folded(name) for name in _listed(way["answer"]))
        found: Picker = lambda _, answers: answers.named(names)  # noqa: E731
    else:
        types = frozenset(_listed(way["type"]))
        found = lambda _, answers: (answer.value for answer in answers.all if answer.type in types)  # noqa: E731
    if not inner:
        return found
    return lambda scope, answers: (
        source(value) for value in found(scope, answers) if isinstance(value, dict) for source in inner
    )


def _usual(part: str) -> Picker:
    """By the usual names, then inside answers that are objects, then by the look of the only address."""
    names = _ranks(usual.NAMES[part])
    asked, keys = usual.INSIDE.get(part, ((), ()))
    questions = _ranks(asked)

    def pick(_: Scope, answers: Answers) -> Iterator[Any]:
        yield from answers.named(names)
        objects = [value for value in answers.named(questions) if isinstance(value, dict)]
        if part == "phone":
            yield from map(_joined_phone, objects)
        yield from (inner for value in objects for key, inner in value.items() if folded(key) in keys)
        if part == "email":
            yield from _addresses(answers)

    return pick


def _joined_phone(value: Mapping[str, Any]) -> str:
    """A number in pieces as one text; nothing where it is whole, or has other pieces."""
    pieces = [as_text(value.get(name)).strip() for name in ("country", "area", "phone")]
    return " ".join(piece for piece in pieces if piece) if pieces[1] and pieces[2] else ""


def _addresses(answers: Answers) -> Iterator[str]:
    """The one address among the answers; none where several differ, since nobody can tell whose they are."""
    texts = {answer.value.strip() for answer in answers.all if isinstance(answer.value, str)}
    found = {text.casefold(): text for text in texts if _ADDRESS.fullmatch(text)}
    if len(found) == 1:
        yield from found.values()


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _first_text(pickers: Sequence[Picker], scope: Scope, answers: Answers) -> str | None:
    for picker in pickers:
        for value in picker(scope, answers):
            for item in value if isinstance(value, list) else (value,):
                text = "" if isinstance(item, list | dict | bool) else as_text(item).strip()
                if text:
                    return text
    return None
