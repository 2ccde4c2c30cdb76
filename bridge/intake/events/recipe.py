"""How a preset reads an event, compiled from its YAML: every path checked once, at load."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import as_text, star_pattern
from bridge.intake.body.form import query_pairs
from bridge.intake.events.contact import USUAL, Answered, compile_contact, read_contact
from bridge.intake.events.fields import Fields, compile_fields, read_fields
from bridge.intake.events.positions import Lookups, Positions, compile_positions, tracking_name
from bridge.intake.events.questions import QuestionsRecipe, compile_questions, read_form
from bridge.intake.events.values import with_texts
from bridge.intake.paths import compile_condition, compile_first, compile_ids, first_of
from bridge.model import Answer, Event, Kind
from bridge.times import Unit, read_instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bridge.expressions import Condition, Scope, Source
    from bridge.expressions.name_cache import NameCache
    from bridge.intake.events.contact import ContactWays
    from bridge.intake.events.questions import Form, NamedField
    from bridge.model import Problem

_AS_ANSWER: Final = partial(tuple.__new__, Answer)
"""`Answer._make` without its frame in Python: an event brings dozens."""

LONGEST_QUERY: Final = 8_192
"""So many characters of the query of a page's address are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The compiled part of a preset; its words are those of the YAML, explained in the schema.

    `kinds` are those of whole types, `patterns` those of types with a star; `tracking` is None for the usual one.
    `positions_of` finds where among the answers the contact and the usual tracking are.
    """

    split: Source | None
    id: Source | None
    type: Source | None
    rules: tuple[tuple[Condition, Kind], ...]
    kinds: Mapping[str, Kind]
    patterns: tuple[tuple[Callable[[str], object], Kind], ...]
    otherwise: Kind
    at: Source | None
    created: Source | None
    unit: Unit
    contact: ContactWays
    answers: tuple[Fields, ...]
    questions: QuestionsRecipe
    tracking: tuple[Fields, ...] | None
    page: Source | None
    captions: Source | None
    positions_of: NameCache[tuple[NamedField, ...], Positions]
    volatile: tuple[str, ...]

    @property
    def all_kinds(self) -> frozenset[Kind]:
        """Every kind that an event of this preset can have."""
        typed = (*self.kinds.values(), *(kind for _, kind in self.patterns))
        return frozenset((self.otherwise, *(kind for _, kind in self.rules), *typed))


def compile_recipe(node: Mapping[str, Any], problems: list[Problem]) -> Recipe:
    """Compile a preset that its schema found good. What the paths get wrong is added to `problems`."""
    kinds, at = node.get("kinds", {}), node.get("at", {})
    types = {name: Kind(kind) for name, kind in kinds.get("types", {}).items()}
    tracking, lookups = node.get("tracking"), Lookups()
    rules = [
        (compile_condition(rule["when"], f"kinds.rules.{number}.when", problems), Kind(rule["kind"]))
        for number, rule in enumerate(kinds.get("rules", ()))
    ]
    contact = compile_contact(node.get("contact", {}), "contact", problems, lookups)
    return Recipe(
        split=compile_first(node["split"], "split", problems, ("request",)) if "split" in node else None,
        id=first_of(compile_ids(node["id"], "id", problems)) if "id" in node else None,
        type=compile_first(node["type"], "type", problems) if "type" in node else None,
        rules=tuple(rules),
        kinds={name: kind for name, kind in types.items() if "*" not in name},
        patterns=tuple((star_pattern(name), kind) for name, kind in types.items() if "*" in name),
        otherwise=Kind(kinds.get("otherwise", Kind.SUBMISSION)),
        at=compile_first(at["from"], "at.from", problems) if at else None,
        created=compile_first(at["created"], "at.created", problems) if "created" in at else None,
        unit=Unit(at.get("unit", Unit.ISO)),
        contact=contact,
        answers=compile_fields(node.get("answers"), "answers", problems),
        questions=compile_questions(node.get("questions"), node.get("answers"), problems),
        tracking=None if tracking == USUAL else compile_fields(tracking, "tracking", problems),
        page=compile_first(node["page"], "page", problems) if "page" in node else None,
        captions=compile_first(node["captions"], "captions", problems) if "captions" in node else None,
        positions_of=compile_positions(lookups, contact.parts, tracking=tracking == USUAL),
        volatile=tuple(node.get("volatile", ())),
    )


def read_item(recipe: Recipe, item: int, scope: Scope) -> Event:
    """One event from a scope of `body`, `request`, `header` and `query`."""
    form = read_form(recipe.questions, scope)
    known, values = _values(recipe.answers, form, scope)
    positions = recipe.positions_of[known]
    tracking = _tracking(recipe, positions, values, scope)
    answered = Answered(
        scope=scope,
        known=known,
        values=values,
        questions=form.fields,
        positions_of=recipe.positions_of,
        positions=positions,
        tracking=tracking,
    )
    contact, ambiguous = read_contact(recipe.contact, answered)
    kind_name = _text(recipe.type, scope)
    kind = _kind(recipe, kind_name, scope)
    return Event(
        item=item,
        kind=kind,
        id=_text(recipe.id, scope),
        type=kind_name,
        at=None if recipe.at is None else _at(recipe, recipe.at, kind, scope),
        contact=contact,
        ambiguous=ambiguous,
        answers=tuple(map(_AS_ANSWER, zip(positions.keys, values, *positions.names, strict=True))),
        questions=form.questions,
        tracking=tracking,
        body=scope["body"],
        request=scope["request"],
        headers=scope["header"],
        query=scope["query"],
        volatile=recipe.volatile,
        captions=_text(recipe.captions, scope) or "",
    )


def _text(source: Source | None, scope: Scope) -> str | None:
    if source is None:
        return None
    value = source(scope)
    if value.__class__ is str:
        return str(value).strip() or None
    return None if isinstance(value, list | dict | bool) else as_text(value).strip() or None


def _at(recipe: Recipe, source: Source, kind: Kind, scope: Scope) -> int | None:
    """The sender's time; that of the first submission stands in for it, but not for an update's."""
    found = read_instant(source(scope), recipe.unit)
    if found is None and recipe.created is not None and kind is not Kind.UPDATE:
        return read_instant(recipe.created(scope), recipe.unit)
    return found


def _kind(recipe: Recipe, name: str | None, scope: Scope) -> Kind:
    """The first rule that holds, else the kind of this type, else `otherwise`."""
    for holds, kind in recipe.rules:
        if holds(scope):
            return kind
    if name is None:
        return recipe.otherwise
    if name in recipe.kinds:
        return recipe.kinds[name]
    return next((kind for matches, kind in recipe.patterns if matches(name)), recipe.otherwise)


def _values(sources: Sequence[Fields], form: Form, scope: Scope) -> tuple[tuple[NamedField, ...], list[Any]]:
    """What each answer is called in the form, and its value."""
    known, values = [], []
    for source in sources:
        for name, value, _ in read_fields(source, scope) or ():
            field = form.known[name]
            known.append(field)
            values.append(with_texts(value, field.texts) if field.texts else value)
    return tuple(known), values


def _tracking(recipe: Recipe, positions: Positions, values: Sequence[Any], scope: Scope) -> dict[str, Any]:
    """What is known of where the lead came from; of equal names the first that is not blank counts.

    The usual one is among the answers, hidden ones too, and the query's parameters. The page's address comes last.
    """
    if recipe.tracking is None:
        named = [(name, values[place]) for name, place in positions.tracking]
        named += [(tracking_name(name), value) for name, value in scope["query"].items()]
    else:
        named = []
        for source in recipe.tracking:
            named += [(name.keys[0], value) for name, value, _ in read_fields(source, scope) or ()]
    if recipe.page is not None:
        named += _of_page(recipe.page(scope))
    found: dict[str, Any] = {}
    for name, value in named:
        if name and value not in (None, "") and name not in found:
            found[name] = value
    return found


def _of_page(address: Any) -> list[tuple[str, str]]:
    """The campaign parameters in the query of a page's address; some senders put it into a list of one."""
    if isinstance(address, list) and len(address) == 1:
        address = address[0]
    if not isinstance(address, str):
        return []
    query = address.partition("#")[0].partition("?")[2][:LONGEST_QUERY]
    return [(tracking_name(name), value) for name, value in query_pairs(query)]
