"""Named values of an event: its answers, the questions asked, tracking. Either a list of items or an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import TooLargeError
from bridge.expressions import MISSING, star_pattern
from bridge.expressions.name_cache import NameCache
from bridge.intake.events.usual_names import TRACKING, part_named
from bridge.intake.events.values import (
    ITEM_ROOTS,
    NO_TEXTS,
    Values,
    compile_options,
    compile_values,
    value_source,
    with_texts,
    word,
)
from bridge.intake.paths import compile_first, compile_sources, listed
from bridge.model import DEFAULT_LIMITS, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bridge.expressions import Scope, Source
    from bridge.intake.events.values import Texts

    Names = Callable[[str], object]
    FieldValue = tuple["Name", Any, Mapping[str, str]]
    """A named value, and the texts of its options by their ids: an asked question's serve the answer to it."""


_DEEPEST_GROUP: Final = 2
"""Objects inside each other beyond these are values."""


@dataclass(slots=True, eq=False, kw_only=True)
class Name:
    """What items are called that bring the same words: one object for all of them, while it is remembered.

    `keys` are all the names the sender gives them, the preferred one first; none where they have no name or are not
    asked for. `value` finds an item's value.
    """

    keys: tuple[str, ...]
    label: str
    type: str
    value: Source
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A compiled `answers:`, `questions:` or `tracking:` of a preset; its words are explained in the schema.

    `parts` finds what an item is called, and `names` knows what the words found come to. With `groups`, what stands in
    an object inside counts as well: `user[email]`.
    """

    lists: tuple[Source, ...]
    objects: tuple[Source, ...]
    parts: Callable[[Scope], tuple[Any, ...]]
    names: NameCache[tuple[str, ...], Name]
    texts: Texts | None
    groups: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Naming:
    """What is made of the words of an item: the places of its keys, label and type among them, None without any."""

    keys: tuple[int, ...]
    label: int | None
    type: int | None
    alias_after: str
    only: Names | None
    without: Names | None
    values: Values


def compile_fields(node: Any, where: str, problems: list[Problem]) -> tuple[Fields, ...]:
    """One source of entries or a list of them; a bare path means an object."""
    return tuple(_compile(source, f"{where}.{number}", problems) for number, source in enumerate(listed(node)))


def _compile(node: Any, where: str, problems: list[Problem]) -> Fields:
    if isinstance(node, str):
        node = {"object": node}
    if not {"list", "object"} & set(node):
        fix = "say list: or object:"
        problems.append(Problem(code="no_source", message="it is not said where the values are", fix=fix, path=where))
    parts, naming = _compile_naming(node, where, problems)
    return Fields(
        lists=compile_sources(node.get("list"), f"{where}.list", problems),
        objects=compile_sources(node.get("object"), f"{where}.object", problems),
        parts=_together(parts),
        names=NameCache(lambda parts: _name(naming, parts)),
        texts=compile_options(node.get("options"), f"{where}.options", problems),
        groups=bool(node.get("groups")),
    )


def _compile_naming(node: Mapping[str, Any], where: str, problems: list[Problem]) -> tuple[tuple[Source, ...], _Naming]:
    """The words that make a name, each found once, and what is made of them."""
    default = "key" if "object" in node else None
    keys = [(path,) for path in listed(node.get("key", default))]
    label, kind = tuple(listed(node.get("label", default))), tuple(listed(node.get("type")))
    parts: dict[tuple[str, ...], Source] = {}
    for part, paths in (*(("key", key) for key in keys), ("label", label), ("type", kind)):
        if paths and paths not in parts:
            parts[paths] = compile_first(list(paths), f"{where}.{part}", problems, ITEM_ROOTS)
    order = list(parts)
    naming = _Naming(
        keys=tuple(order.index(key) for key in keys),
        label=order.index(label) if label else None,
        type=order.index(kind) if kind else None,
        alias_after=node.get("alias_after", ""),
        only=_names(node.get("only")),
        without=_names(node.get("except")),
        values=compile_values(node, f"{where}.value", problems),
    )
    return tuple(parts.values()), naming


def _together(sources: Sequence[Source]) -> Callable[[Scope], tuple[Any, ...]]:
    """What all sources find. Most items have few: to read these takes no loop."""
    match sources:
        case [one]:
            return lambda scope: (one(scope),)
        case [one, two]:
            return lambda scope: (one(scope), two(scope))
        case [one, two, three]:
            return lambda scope: (one(scope), two(scope), three(scope))
    return lambda scope: tuple([source(scope) for source in sources])


def _names(node: Any) -> Names | None:
    if not node:
        return None
    return name_matcher(TRACKING if node == "usual" else node)


def name_matcher(names: Sequence[str]) -> Names:
    """A test whether a case-folded name is one of these; a star stands for any part of one."""
    patterns = [star_pattern(name.casefold()) for name in names]
    return lambda name: any(fits(name) for fits in patterns)


def _name(naming: _Naming, parts: tuple[str, ...]) -> Name:
    keys = [parts[place].strip() for place in naming.keys]
    if naming.alias_after:
        keys += [key.partition(naming.alias_after)[2].removesuffix("]") for key in keys]
    label = "" if naming.label is None else parts[naming.label].strip()
    kind = "" if naming.type is None else parts[naming.type].strip()
    names = tuple(dict.fromkeys(filter(None, keys))) or ((label,) if label else ())
    return Name(
        keys=names if names and _is_wanted(naming, names[0]) else (),
        label=label,
        type=kind,
        value=value_source(naming.values, kind),
        size=100 + sum(map(len, parts)),
    )


def _is_wanted(naming: _Naming, name: str) -> bool:
    if naming.only is not None and not naming.only(name.casefold()):
        return False
    return naming.without is None or not naming.without(name.casefold())


def read_fields(fields: Fields, scope: Scope) -> list[FieldValue] | None:
    """The entries of an event in the sender's order, or None when the event has no such list or object."""
    pairs = _pairs(fields, scope)
    if pairs is None:
        return None
    names, texts_of, read_parts = fields.names, fields.texts, fields.parts
    inner, found = dict(scope), []
    for inner["key"], inner["item"] in pairs:
        parts = read_parts(inner)
        try:
            name = names.get(parts)
        except TypeError:  # a list or an object where a name should be
            name = None
        if name is None:
            name = names[tuple(map(word, parts))]
        if not name.keys:
            continue
        value, texts = name.value(inner), NO_TEXTS
        if value is MISSING:
            value = None
        if texts_of is not None:
            texts = texts_of(inner)
            value = with_texts(value, texts)
        found.append((name, value, texts))
    return found


def _pairs(fields: Fields, scope: Scope) -> list[tuple[str, Any]] | None:
    """The items, each with its key where it stands in an object; None where there is neither list nor object."""
    pairs: list[tuple[str, Any]] = []
    is_there = False
    for source in fields.lists:
        value = source(scope)
        if isinstance(value, list):
            is_there = True
            pairs += [("", item) for item in value]
        elif isinstance(value, dict):
            is_there = True
    for source in fields.objects:
        value = source(scope)
        if isinstance(value, dict):
            is_there = True
            pairs += _grouped(value) if fields.groups else value.items()
        elif isinstance(value, list):
            is_there = True
    if len(pairs) > DEFAULT_LIMITS.answers:
        raise TooLargeError(f"an event holds more than {DEFAULT_LIMITS.answers} answers")
    return pairs if is_there else None


def _grouped(fields: Mapping[str, Any], depth: int = _DEEPEST_GROUP) -> Iterator[tuple[str, Any]]:
    """All fields, and after each object that is no part of a contact (`name: {first, last}`) those inside it."""
    for key, value in fields.items():
        yield key, value
        if isinstance(value, dict) and depth and not part_named(key):
            yield from ((f"{key}[{inner}", item) for inner, item in _closed(_grouped(value, depth - 1)))


def _closed(fields: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """With the bracket after the first of their names: `b` in `a[b]`, `b[c]` in `a[b][c]`."""
    for key, value in fields:
        first, bracket, rest = key.partition("[")
        yield f"{first}]{bracket}{rest}", value


def aliases(names: Sequence[str], key: str) -> tuple[str, ...]:
    """The names other than the key, each once."""
    return tuple(dict.fromkeys([name for name in names if name != key])) if len(names) > 1 else ()
