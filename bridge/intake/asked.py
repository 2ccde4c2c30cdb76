"""The questions of a form, as its events tell them: read once, since every event of a form repeats them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bridge.expressions import compile_path, plain_steps
from bridge.intake.entries import Entries, Entry, aliases, compile_entries, read_entries
from bridge.model import Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.expressions import Scope, Source
    from bridge.model import Problem

MOST_FORMS: Final = 16
MOST_QUESTIONS: Final = 500
"""Of this many forms, each with at most so many questions, the questions are remembered."""

_CHAIN: Final = re.compile(r"(\w+(?:\.\w+)*)(?:\[\]|\.\w+)*")
"""A path whose value depends on nothing but what its plain beginning leads to."""


class Form(NamedTuple):
    """The questions asked, and for each of their names the entry it stands for."""

    questions: tuple[Question, ...]
    by_name: Mapping[str, Entry]


NO_FORM: Final = Form((), {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A compiled `asked:` of a preset. `roots` lead to all that the questions depend on; None: that is not known."""

    sources: tuple[Entries, ...]
    roots: tuple[Source, ...] | None
    remembered: list[tuple[list[Any], Form | None]] = field(default_factory=list)


def compile_asked(node: Any, problems: list[Problem]) -> Asked:
    """Compile `asked:`. What the paths get wrong is added to `problems`."""
    sources = compile_entries(node, "asked", problems)
    return Asked(sources=sources, roots=None if problems else _roots(node))


def read_form(asked: Asked, scope: Scope) -> Form | None:
    """The questions of this event's form, None where the event does not tell them."""
    if not asked.sources:
        return None
    if asked.roots is None:
        return _read(asked, scope)
    values = [root(scope) for root in asked.roots]
    for seen, form in tuple(asked.remembered):
        if seen == values:
            return form
    form = _read(asked, scope)
    if form is None or len(form.questions) <= MOST_QUESTIONS:
        asked.remembered[:] = [(values, form), *asked.remembered[: MOST_FORMS - 1]]
    return form


def _read(asked: Asked, scope: Scope) -> Form | None:
    found = [entries for entries in (read_entries(source, scope) for source in asked.sources) if entries is not None]
    if not found:
        return None
    listed = [entry for entries in found for entry in entries]
    by_name = {key: entry for entry in reversed(listed) for key in entry.keys}
    return Form(tuple(_as_question(entry) for entry in listed), by_name)


def _as_question(entry: Entry) -> Question:
    return Question(key=entry.keys[0], label=entry.label, aliases=aliases(entry.keys, entry.keys[0]))


def _roots(node: Any) -> tuple[Source, ...] | None:
    """What to compare: the beginnings of all lists and objects, where everything else is inside their items."""
    sources = [{"object": one} if isinstance(one, str) else one for one in _listed(node)]
    outer = [text for one in sources for name in ("list", "object") for text in _listed(one.get(name))]
    inner = [text for one in sources for name, part in one.items() if name in _PATHS for text in _texts(part)]
    chains = [_CHAIN.fullmatch(text) for text in outer]
    if not all(chains) or not all(_is_inside(text) for text in inner):
        return None
    return tuple(compile_path(text)[1] for text in dict.fromkeys(chain[1] for chain in chains if chain))


def _is_inside(text: str) -> bool:
    steps = plain_steps(text)
    return steps is not None and steps[0] in ("item", "key", "option")


_PATHS: Final = frozenset({"key", "label", "type", "value", "options"})


def _texts(node: Any) -> Iterator[str]:
    """Every text inside a part of a preset that holds paths."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list | dict):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _texts(inner)


def _listed(node: Any) -> Sequence[Any]:
    return node if isinstance(node, list) else [] if node is None else [node]
