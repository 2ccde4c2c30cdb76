"""How a preset reads an event, compiled from its YAML: every path checked once, at load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import as_text
from bridge.intake.asked import NO_FORM, Asked, Form, compile_asked, read_form
from bridge.intake.contact import USUAL, compile_contact, read_contact
from bridge.intake.entries import Entries, Entry, aliases, compile_entries, name_matcher, read_entries, with_texts
from bridge.intake.instant import Unit, read_instant
from bridge.intake.paths import compile_condition, compile_ids, compile_sources, first_found
from bridge.intake.usual import TRACKING, folded
from bridge.model import Answer, Event, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bridge.expressions import Condition, Scope, Source
    from bridge.intake.contact import Picker
    from bridge.model import Problem

_IS_TRACKING: Final = name_matcher(TRACKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The compiled part of a preset; its words are those of the YAML, explained in the schema.

    `kinds` are those of whole types, `patterns` those of types with a star; `tracking` is None for the usual one.
    """

    split: tuple[Source, ...]
    id: tuple[Source, ...]
    type: tuple[Source, ...]
    rules: tuple[tuple[Condition, Kind], ...]
    kinds: Mapping[str, Kind]
    patterns: tuple[tuple[Callable[[str], object], Kind], ...]
    otherwise: Kind
    at: tuple[Source, ...]
    unit: Unit
    contact: Mapping[str, tuple[Picker, ...]]
    answers: tuple[Entries, ...]
    asked: Asked
    tracking: tuple[Entries, ...] | None
    volatile: tuple[str, ...]


def compile_recipe(node: Mapping[str, Any], problems: list[Problem]) -> Recipe:
    """Compile a preset that its schema found good. What the paths get wrong is added to `problems`."""
    kinds, at = node.get("kinds", {}), node.get("at", {})
    types = {name: Kind(kind) for name, kind in kinds.get("types", {}).items()}
    tracking = node.get("tracking")
    rules = [
        (compile_condition(rule["when"], f"kinds.rules.{number}.when", problems), Kind(rule["kind"]))
        for number, rule in enumerate(kinds.get("rules", ()))
    ]
    return Recipe(
        split=compile_sources(node.get("split"), "split", problems, ("request",)),
        id=compile_ids(node.get("id"), "id", problems),
        type=compile_sources(node.get("type"), "type", problems),
        rules=tuple(rules),
        kinds={name: kind for name, kind in types.items() if "*" not in name},
        patterns=tuple((_pattern(name), kind) for name, kind in types.items() if "*" in name),
        otherwise=Kind(kinds.get("otherwise", Kind.SUBMISSION)),
        at=compile_sources(at.get("from"), "at.from", problems),
        unit=Unit(at.get("unit", Unit.ISO)),
        contact=compile_contact(node.get("contact", {}), "contact", problems),
        answers=compile_entries(node.get("answers"), "answers", problems),
        asked=compile_asked(node.get("asked"), problems),
        tracking=None if tracking == USUAL else compile_entries(tracking, "tracking", problems),
        volatile=tuple(node.get("volatile", ())),
    )


def _pattern(name: str) -> Callable[[str], object]:
    return re.compile(re.escape(name).replace(r"\*", ".*")).fullmatch


def read_item(recipe: Recipe, item: int, scope: Scope) -> Event:
    """One event from a scope of `body`, `request`, `header` and `query`."""
    form = read_form(recipe.asked, scope)
    answers = _answers(recipe.answers, form or NO_FORM, scope)
    kind_name = _text(recipe.type, scope)
    return Event(
        item=item,
        kind=_kind(recipe, kind_name, scope),
        id=_text(recipe.id, scope),
        type=kind_name,
        at=_instant(recipe, scope),
        contact=read_contact(recipe.contact, scope, answers),
        answers=answers,
        asked=None if form is None else form.questions,
        tracking=_usual_tracking(answers, scope) if recipe.tracking is None else _tracking(recipe.tracking, scope),
        body=scope["body"],
        request=scope["request"],
        headers=scope["header"],
        query=scope["query"],
        volatile=recipe.volatile,
    )


def _text(sources: Sequence[Source], scope: Scope) -> str | None:
    value = first_found(sources, scope)
    return None if isinstance(value, list | dict | bool) else as_text(value).strip() or None


def _kind(recipe: Recipe, name: str | None, scope: Scope) -> Kind:
    """The first rule that holds, else the kind of this type, else `otherwise`."""
    for holds, kind in recipe.rules:
        if holds(scope):
            return kind
    if name is None:
        return recipe.otherwise
    matching = (kind for matches, kind in recipe.patterns if matches(name))
    return recipe.kinds.get(name) or next(matching, recipe.otherwise)


def _instant(recipe: Recipe, scope: Scope) -> int | None:
    return read_instant(first_found(recipe.at, scope), recipe.unit)


def _answers(sources: Sequence[Entries], form: Form, scope: Scope) -> tuple[Answer, ...]:
    """The answers, each joined to the question asked that shares one of its keys."""
    found = [entry for source in sources for entry in read_entries(source, scope) or ()]
    return tuple([_answer(entry, _question(entry, form.by_name)) for entry in found])


def _question(entry: Entry, questions: Mapping[str, Entry]) -> Entry | None:
    for key in entry.keys:
        if key in questions:
            return questions[key]
    return None


def _answer(entry: Entry, question: Entry | None) -> Answer:
    """The question's key counts, since older bodies carry the less stable one; and its label, where there is none."""
    key, label, kind, names, value = entry.keys[0], entry.label, entry.type, entry.keys, entry.value
    if question is not None:
        key, label, kind = question.keys[0], label or question.label, kind or question.type
        names = (*question.keys, *names)
        value = with_texts(value, question.texts) if question.texts else value
    return Answer(key=key, value=value, label=label, type=kind, aliases=aliases(names, key))


def _tracking(sources: Sequence[Entries], scope: Scope) -> dict[str, Any]:
    """What is known of where the lead came from; of equal names the first that is not blank counts."""
    found: dict[str, Any] = {}
    for source in sources:
        for entry in read_entries(source, scope) or ():
            if entry.value not in (None, "") and entry.keys[0] not in found:
                found[entry.keys[0]] = entry.value
    return found


def _usual_tracking(answers: Sequence[Answer], scope: Scope) -> dict[str, Any]:
    """The answers, hidden ones among them, and the query's parameters that are named as tracking usually is."""
    named = [(name, answer.value) for answer in answers for name in (answer.key, answer.label, *answer.aliases)]
    found: dict[str, Any] = {}
    for name, value in (*named, *scope["query"].items()):
        usual_name = folded(name).replace(" ", "_")
        if _IS_TRACKING(usual_name) and value not in (None, "") and usual_name not in found:
            found[usual_name] = value
    return found
