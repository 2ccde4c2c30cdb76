"""The person of an event: each part from paths, or from the answers by their names or types."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import as_text
from bridge.intake.paths import compile_sources
from bridge.model import Answer, Contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bridge.expressions import Scope
    from bridge.model import Problem

    Picker = Callable[[Scope, Sequence[Answer]], Iterator[Any]]

_EDGES: Final = re.compile(r"[\s_\-:?*!.,]+")


def compile_contact(node: Mapping[str, Any], where: str, problems: list[Problem]) -> dict[str, tuple[Picker, ...]]:
    """The parts of `contact:`; a part is one way of finding it or a list of ways, tried in order."""
    parts = {}
    for part, ways in node.items():
        listed = ways if isinstance(ways, list) else [ways]
        parts[part] = tuple(_picker(way, f"{where}.{part}", problems) for way in listed)
    return parts


def read_contact(parts: Mapping[str, Sequence[Picker]], scope: Scope, answers: Sequence[Answer]) -> Contact:
    """The contact of one event; a blank part is absent. Numbers become text (some senders send phones so)."""
    return Contact(**{part: _first_text(pickers, scope, answers) for part, pickers in parts.items()})


def _picker(way: Any, where: str, problems: list[Problem]) -> Picker:
    if isinstance(way, str):
        sources = compile_sources(way, where, problems)
        return lambda scope, _: (source(scope) for source in sources)
    if "answer" in way:
        names = [_folded(name) for name in _listed(way["answer"])]
        return lambda _, answers: _by_name(names, answers)
    types = frozenset(_listed(way["type"]))
    return lambda _, answers: (answer.value for answer in answers if answer.type in types)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _by_name(names: Sequence[str], answers: Sequence[Answer]) -> Iterator[Any]:
    for name in names:
        for answer in answers:
            if name in (_folded(answer.key), _folded(answer.label)):
                yield answer.value


def _folded(name: str) -> str:
    """A name without regard to letter case, spaces, underscores, hyphens and edge punctuation."""
    return _EDGES.sub(" ", name).strip().casefold()


def _first_text(pickers: Sequence[Picker], scope: Scope, answers: Sequence[Answer]) -> str | None:
    for picker in pickers:
        for value in picker(scope, answers):
            for item in value if isinstance(value, list) else (value,):
                text = "" if isinstance(item, list | dict | bool) else as_text(item).strip()
                if text:
                    return text
    return None
