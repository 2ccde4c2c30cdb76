"""How a preset reads an event, compiled from its YAML: every path checked once, at load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.expressions import as_text
from bridge.intake.contact import compile_contact, read_contact
from bridge.intake.entries import Entries, Entry, compile_entries, read_entries
from bridge.intake.instant import Unit, read_instant
from bridge.intake.paths import compile_condition, compile_sources, first_found
from bridge.model import Answer, Event, Kind, Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.expressions import Condition, Scope, Source
    from bridge.intake.contact import Picker
    from bridge.model import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The compiled part of a preset; its words are those of the YAML, explained in the schema."""

    split: tuple[Source, ...]
    id: tuple[Source, ...]
    type: tuple[Source, ...]
    rules: tuple[tuple[Condition, Kind], ...]
    kinds: Mapping[str, Kind]
    otherwise: Kind
    at: tuple[Source, ...]
    unit: Unit
    contact: Mapping[str, tuple[Picker, ...]]
    answers: tuple[Entries, ...]
    asked: tuple[Entries, ...]
    tracking: tuple[Entries, ...]
    volatile: tuple[str, ...]


def compile_recipe(node: Mapping[str, Any], problems: list[Problem]) -> Recipe:
    """Compile a preset that its schema found good. What the paths get wrong is added to `problems`."""
    kinds, at = node.get("kinds", {}), node.get("at", {})
    rules = [
        (compile_condition(rule["when"], f"kinds.rules.{number}.when", problems), Kind(rule["kind"]))
        for number, rule in enumerate(kinds.get("rules", ()))
    ]
    return Recipe(
        split=compile_sources(node.get("split"), "split", problems, ("request",)),
        id=compile_sources(node.get("id"), "id", problems),
        type=compile_sources(node.get("type"), "type", problems),
        rules=tuple(rules),
        kinds={name: Kind(kind) for name, kind in kinds.get("types", {}).items()},
        otherwise=Kind(kinds.get("otherwise", Kind.SUBMISSION)),
        at=compile_sources(at.get("from"), "at.from", problems),
        unit=Unit(at.get("unit", Unit.ISO)),
        contact=compile_contact(node.get("contact", {}), "contact", problems),
        answers=compile_entries(node.get("answers"), "answers", problems),
        asked=compile_entries(node.get("asked"), "asked", problems),
        tracking=compile_entries(node.get("tracking"), "tracking", problems),
        volatile=tuple(node.get("volatile", ())),
    )


def read_item(recipe: Recipe, item: int, scope: Scope) -> Event:
    """One event from a scope of `body`, `request`, `header` and `query`."""
    asked = _asked(recipe.asked, scope)
    answers = _answers(recipe.answers, asked or [], scope)
    kind_name = _text(recipe.type, scope)
    return Event(
        item=item,
        kind=_kind(recipe, kind_name, scope),
        id=_text(recipe.id, scope),
        type=kind_name,
        at=_instant(recipe, scope),
        contact=read_contact(recipe.contact, scope, answers),
        answers=answers,
        asked=None if asked is None else tuple(Question(key=entry.keys[0], label=entry.label) for entry in asked),
        tracking=_tracking(recipe.tracking, scope),
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
    return recipe.kinds.get(name or "", recipe.otherwise)


def _instant(recipe: Recipe, scope: Scope) -> int | None:
    return read_instant(first_found(recipe.at, scope), recipe.unit)


def _asked(sources: Sequence[Entries], scope: Scope) -> list[Entry] | None:
    found = [entries for entries in (read_entries(source, scope) for source in sources) if entries is not None]
    return [entry for entries in found for entry in entries] if found else None


def _answers(sources: Sequence[Entries], asked: Sequence[Entry], scope: Scope) -> tuple[Answer, ...]:
    """The answers, each joined to the question asked that shares one of its keys."""
    questions = {key: question for question in reversed(asked) for key in question.keys}
    found = [entry for source in sources for entry in read_entries(source, scope) or ()]
    return tuple(_answer(entry, _question(entry, questions)) for entry in found)


def _question(entry: Entry, questions: Mapping[str, Entry]) -> Entry | None:
    return next((questions[key] for key in entry.keys if key in questions), None)


def _answer(entry: Entry, question: Entry | None) -> Answer:
    """The question's key counts, since older bodies carry the less stable one; and its label, where there is none."""
    if question is None:
        return Answer(key=entry.keys[0], value=entry.value, label=entry.label, type=entry.type)
    kind = entry.type or question.type
    return Answer(key=question.keys[0], value=entry.value, label=entry.label or question.label, type=kind)


def _tracking(sources: Sequence[Entries], scope: Scope) -> dict[str, Any]:
    """What is known of where the lead came from; of equal names the first that is not blank counts."""
    found: dict[str, Any] = {}
    for source in sources:
        for entry in read_entries(source, scope) or ():
            if entry.value not in (None, "") and entry.keys[0] not in found:
                found[entry.keys[0]] = entry.value
    return found
