"""The questions of a form, as its events list them: read once, since every event of a form repeats them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bridge.expressions import compile_path, plain_steps
from bridge.expressions.name_cache import NameCache
from bridge.intake.events.fields import Fields, Name, aliases, compile_fields, read_fields
from bridge.intake.events.other_people import is_about_others
from bridge.intake.events.usual_names import known_as
from bridge.intake.events.values import NO_TEXTS
from bridge.intake.paths import listed
from bridge.model import Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.expressions import Scope, Source
    from bridge.model import Problem

MOST_FORMS: Final = 16
MOST_BYTES: Final = 64 * 1024
"""Of this many forms the questions are cached, as far as their definition takes no more bytes than that as JSON."""

_CHAIN: Final = re.compile(r"(\w+(?:\.\w+)*+)(?:\[\](?:\.\w+)*+)*+")
"""A path whose value depends on nothing but what its plain start leads to."""


@dataclass(slots=True, eq=False, kw_only=True)
class NamedField:
    """What the answers of a name are called in their form: one object for all of them, while it is remembered.

    `names` are all of that as people may write it, and `texts` those of the question's options by their ids.
    `is_about_others` where one of them says that somebody else's data is asked for.
    """

    key: str
    label: str
    type: str
    aliases: tuple[str, ...]
    names: frozenset[str]
    texts: Mapping[str, str]
    is_about_others: bool
    size: int


class _Question(NamedTuple):
    """One question that was asked, with the texts of its options."""

    name: Name
    texts: Mapping[str, str]


@dataclass(slots=True, eq=False)
class Form:
    """The questions asked, None where an event does not have them, and what each name of an answer is in this form.

    `fields` are the questions, named as answers are.
    """

    questions: tuple[Question, ...] | None
    known: NameCache[Name, NamedField]
    fields: tuple[NamedField, ...]


def _form(questions: Sequence[_Question] | None, by_name: Mapping[str, _Question]) -> Form:
    known: NameCache[Name, NamedField] = NameCache(lambda name: _known(name, by_name))
    if questions is None:
        return Form(None, known, ())
    return Form(
        tuple([_as_question(question.name) for question in questions]),
        known,
        tuple([known[question.name] for question in questions]),
    )


NO_FORM: Final = _form(None, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsRecipe:
    """A compiled `questions:` of a preset. `roots` lead to what all questions depend on, and to no answers.

    Without such, None, the questions of every event are read, and its form is known by them.
    """

    sources: tuple[Fields, ...]
    roots: tuple[Source, ...] | None
    cache: list[tuple[Any, Form]] = field(default_factory=list)


def compile_questions(node: Any, answers: Any, problems: list[Problem]) -> QuestionsRecipe:
    """Compile `questions:`, next to what stands under `answers:`. What the paths get wrong is added to `problems`."""
    sources = compile_fields(node, "questions", problems)
    roots = None if problems else _roots(node)
    if roots is None or any(path.startswith(roots) for path in _outer(answers)):
        return QuestionsRecipe(
            sources=sources, roots=None
        )  # the same items hold the answers, which differ in every event
    return QuestionsRecipe(sources=sources, roots=tuple([compile_path(root)[1] for root in roots]))


def read_form(recipe: QuestionsRecipe, scope: Scope) -> Form:
    """The form of this event; NO_FORM where the event does not list its questions."""
    if not recipe.sources:
        return NO_FORM
    if recipe.roots is None:
        questions = _questions(recipe, scope)
        return _cached(recipe, questions) or _cache(recipe, questions, questions)
    values = [root(scope) for root in recipe.roots]
    return _cached(recipe, values) or _cache(recipe, values, _questions(recipe, scope))


def _cached(recipe: QuestionsRecipe, definition: Any) -> Form | None:
    for seen, form in recipe.cache.copy():
        if seen == definition:
            return form
    return None


def _cache(recipe: QuestionsRecipe, definition: Any, questions: list[_Question] | None) -> Form:
    """The form with these questions, cached under its definition."""
    form = NO_FORM if questions is None else _form_of(questions)
    size = _size(questions or ()) if definition is questions else len(repr(definition))
    if size <= MOST_BYTES:
        recipe.cache[:] = [(definition, form), *recipe.cache[: MOST_FORMS - 1]]
    return form


def _size(questions: Sequence[_Question]) -> int:
    return sum(question.name.size + sum(map(len, question.texts.values())) for question in questions)


def _questions(recipe: QuestionsRecipe, scope: Scope) -> list[_Question] | None:
    found = [fields for fields in (read_fields(source, scope) for source in recipe.sources) if fields is not None]
    return [_Question(name, texts) for fields in found for name, _, texts in fields] if found else None


def _form_of(questions: list[_Question]) -> Form:
    by_name = {key: question for question in reversed(questions) for key in question.name.keys}
    return _form(questions, by_name)


def _as_question(name: Name) -> Question:
    return Question(key=name.keys[0], label=name.label, aliases=aliases(name.keys, name.keys[0]))


def _known(name: Name, by_name: Mapping[str, _Question]) -> NamedField:
    """A name joined to the question that shares one of its keys.

    The question's key counts, since older bodies carry the less stable one; and its label, where there is none.
    """
    key, label, kind, keys, texts = name.keys[0], name.label, name.type, name.keys, NO_TEXTS
    question = next((by_name[each] for each in keys if each in by_name), None)
    if question is not None:
        found, texts = question
        key, label, kind, keys = found.keys[0], label or found.label, kind or found.type, (*found.keys, *keys)
    return named_field(key, label, kind, aliases(keys, key), texts)


def named_field(
    key: str, label: str, kind: str, others: tuple[str, ...], texts: Mapping[str, str] = NO_TEXTS
) -> NamedField:
    """What answers of these names are called; `kind` is their type, `others` are their aliases."""
    names = known_as((key, label, *others))
    return NamedField(
        key=key,
        label=label,
        type=kind,
        aliases=others,
        names=names,
        texts=texts,
        is_about_others=is_about_others((key, label, *others)),
        size=100 + sum(map(len, (key, label, kind, *others, *names))),
    )


def _roots(node: Any) -> tuple[str, ...] | None:
    """What to compare: the beginnings of all lists and objects, where everything else is inside their items."""
    inner = [text for one in _sources(node) for name, part in one.items() if name in _PATHS for text in _texts(part)]
    chains = [_CHAIN.fullmatch(text) for text in _outer(node)]
    if not all(chains) or not all(_is_inside(text) for text in inner):
        return None
    return tuple(dict.fromkeys(chain[1] for chain in chains if chain))


def _outer(node: Any) -> list[str]:
    """The paths of all lists and objects."""
    return [text for one in _sources(node) for name in ("list", "object") for text in listed(one.get(name))]


def _sources(node: Any) -> list[dict[str, Any]]:
    return [{"object": one} if isinstance(one, str) else one for one in listed(node)]


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
