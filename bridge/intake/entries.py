"""Named values of an event: its answers, the questions asked, tracking. Either a list of items or an object."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bridge.errors import IntakeError
from bridge.expressions import MISSING, as_text, is_blank
from bridge.intake.parse import read_json
from bridge.intake.paths import ROOTS, compile_sources, first_found
from bridge.intake.usual import TRACKING
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bridge.expressions import Scope, Source

    Names = Callable[[str], object]

NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
_ITEM_ROOTS: Final = ("item", "key", *ROOTS)
_OPTION_ROOTS: Final = ("option",)


class Entry(NamedTuple):
    """One named value; `keys` are all the names the sender gives it, the preferred one first.

    `texts` are those of its options, by their ids: an asked question's serve the answer to it.
    """

    keys: tuple[str, ...]
    label: str
    type: str
    value: Any
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Where an item's value is: by the item's type, else under the item's key of a name found, else at a path.

    `present` are paths of which the first that is there counts, even if it leads to a blank. `list_in_text` tells how
    a text may hold a list: `json`, or what stands between its parts. With `unwrap` a list of one is that one.
    """

    by_type: Mapping[str, tuple[Source, ...]]
    named_by: tuple[Source, ...]
    present: tuple[Source, ...]
    paths: tuple[Source, ...]
    list_in_text: str
    unwrap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The choices of an item: ids in its value are replaced by their texts."""

    choices: tuple[Source, ...]
    id: tuple[Source, ...]
    text: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A compiled `answers:`, `asked:` or `tracking:` of a preset; its words are explained in the schema."""

    lists: tuple[Source, ...]
    objects: tuple[Source, ...]
    key: tuple[Source, ...]
    label: tuple[Source, ...]
    type: tuple[Source, ...]
    values: Values
    options: Options | None
    only: Names | None
    without: Names | None
    alias_after: str


def compile_entries(node: Any, where: str, problems: list[Problem]) -> tuple[Entries, ...]:
    """One source of entries or a list of them; a bare path means an object."""
    if node is None:
        return ()
    sources = node if isinstance(node, list) else [node]
    return tuple(_compile(source, f"{where}.{number}", problems) for number, source in enumerate(sources))


def _compile(node: Any, where: str, problems: list[Problem]) -> Entries:
    if isinstance(node, str):
        node = {"object": node}
    if not {"list", "object"} & set(node):
        cure = "say list: or object:"
        problems.append(Problem(code="no_source", message="it is not said where the values are", cure=cure, path=where))

    def sources(name: str, default: str | None = None) -> tuple[Source, ...]:
        return compile_sources(node.get(name, default), f"{where}.{name}", problems, _ITEM_ROOTS)

    is_object = "object" in node
    return Entries(
        lists=compile_sources(node.get("list"), f"{where}.list", problems),
        objects=compile_sources(node.get("object"), f"{where}.object", problems),
        key=sources("key", "key" if is_object else None),
        label=sources("label", "key" if is_object else None),
        type=sources("type"),
        values=_compile_values(node, f"{where}.value", problems),
        options=_compile_options(node.get("options"), f"{where}.options", problems),
        only=_names(node.get("only")),
        without=_names(node.get("except")),
        alias_after=node.get("alias_after", ""),
    )


def _names(node: Any) -> Names | None:
    if not node:
        return None
    return name_matcher(TRACKING if node == "usual" else node)


def name_matcher(names: Sequence[str]) -> Names:
    """A test whether a case-folded name is one of these; a star stands for any part of one."""
    patterns = [re.escape(name.casefold()).replace(r"\*", ".*") for name in names]
    return re.compile("|".join(patterns), re.DOTALL).fullmatch


def _compile_values(entries: Mapping[str, Any], where: str, problems: list[Problem]) -> Values:
    node = entries.get("value", "item")
    table = node if isinstance(node, dict) else {"otherwise": node}
    by_type = {
        name: compile_sources(paths, f"{where}.by_type.{name}", problems, _ITEM_ROOTS)
        for name, paths in table.get("by_type", {}).items()
    }
    return Values(
        by_type=by_type,
        named_by=compile_sources(table.get("named_by"), f"{where}.named_by", problems, _ITEM_ROOTS),
        present=compile_sources(table.get("present"), f"{where}.present", problems, _ITEM_ROOTS),
        paths=compile_sources(table.get("otherwise"), f"{where}.otherwise", problems, _ITEM_ROOTS),
        list_in_text=entries.get("list_in_text", ""),
        unwrap=entries.get("unwrap", False),
    )


def _compile_options(node: Any, where: str, problems: list[Problem]) -> Options | None:
    if node is None:
        return None
    return Options(
        choices=compile_sources(node["list"], f"{where}.list", problems, _ITEM_ROOTS),
        id=compile_sources(node["id"], f"{where}.id", problems, _OPTION_ROOTS),
        text=compile_sources(node["text"], f"{where}.text", problems, _OPTION_ROOTS),
    )


def read_entries(entries: Entries, scope: Scope) -> list[Entry] | None:
    """The entries of an event in the sender's order, or None when the event has no such list or object."""
    pairs = list(_pairs(entries, scope))
    if not pairs and not _is_there(entries, scope):
        return None
    inner, found = dict(scope), []
    for inner["key"], inner["item"] in pairs:
        entry = _entry(entries, inner)
        if entry is not None:
            found.append(entry)
    return found


def _pairs(entries: Entries, scope: Scope) -> Iterator[tuple[str, Any]]:
    for source in entries.lists:
        value = source(scope)
        for item in value if isinstance(value, list) else ():
            yield "", item
    for source in entries.objects:
        value = source(scope)
        yield from value.items() if isinstance(value, dict) else ()


def aliases(names: Sequence[str], key: str) -> tuple[str, ...]:
    """The names other than the key, each once."""
    return tuple(dict.fromkeys([name for name in names if name != key])) if len(names) > 1 else ()


def _is_there(entries: Entries, scope: Scope) -> bool:
    return any(isinstance(source(scope), list | dict) for source in (*entries.lists, *entries.objects))


def _entry(entries: Entries, scope: Scope) -> Entry | None:
    """One item as an entry, or None when it has no name or is not asked for."""
    keys = [_word(source(scope)) for source in entries.key]
    label = _word(first_found(entries.label, scope)) if entries.label else ""
    if entries.alias_after:
        keys += [key.partition(entries.alias_after)[2] for key in keys]
    names = tuple(dict.fromkeys(filter(None, keys))) or ((label,) if label else ())
    if not names or not _is_wanted(entries, names[0]):
        return None
    kind = _word(first_found(entries.type, scope)) if entries.type else ""
    value, texts = _value(entries.values, kind, scope), NO_TEXTS
    if entries.options is not None:
        texts = _option_texts(entries.options, scope)
        value = with_texts(value, texts)
    return Entry(names, label, kind, value, texts)


def _is_wanted(entries: Entries, name: str) -> bool:
    if entries.only is not None and not entries.only(name.casefold()):
        return False
    return entries.without is None or not entries.without(name.casefold())


def _value(values: Values, kind: str, scope: Scope) -> Any:
    """The value as JSON: a missing one is null."""
    if kind in values.by_type:
        found = first_found(values.by_type[kind], scope)
    else:
        found = _named(values.named_by, scope) if values.named_by else MISSING
        if is_blank(found):
            there = (source(scope) for source in values.present)
            found = next((value for value in there if value is not MISSING), first_found(values.paths, scope))
    if values.list_in_text and isinstance(found, str):
        found = _list_in(found, values.list_in_text)
    if values.unwrap and isinstance(found, list) and len(found) == 1:
        found = found[0]
    return None if found is MISSING else found


def _list_in(text: str, how: str) -> Any:
    """The list that a text holds, or the text itself."""
    if how != "json":
        return [part.strip() for part in text.split(how) if part.strip()] if how in text else text
    if not text.lstrip().startswith("["):
        return text
    try:
        value = read_json(text.encode("utf-8", "surrogatepass"))
    except IntakeError:
        return text  # somebody wrote a bracket
    return value if isinstance(value, list) else text


def _named(sources: tuple[Source, ...], scope: Scope) -> Any:
    name, item = _word(first_found(sources, scope)), scope["item"]
    return item.get(name, MISSING) if name and isinstance(item, dict) else MISSING


def _option_texts(options: Options, scope: Scope) -> dict[str, str]:
    choices = first_found(options.choices, scope)
    scopes = [{"option": choice} for choice in choices] if isinstance(choices, list) else []
    texts = {_word(first_found(options.id, each)): _word(first_found(options.text, each)) for each in scopes}
    return {name: text for name, text in texts.items() if name and text}


def with_texts(value: Any, texts: Mapping[str, str]) -> Any:
    """The value, where ids of options, alone or in a list, are their texts."""
    if not texts:
        return value
    if isinstance(value, list):
        return [with_texts(item, texts) for item in value]
    if isinstance(value, str | int) and not isinstance(value, bool):
        return texts.get(_word(value), value)
    return value


def _word(value: Any) -> str:
    """A name as trimmed text; lists and objects are no names."""
    if value.__class__ is str:
        return str(value).strip()
    return "" if isinstance(value, list | dict) else as_text(value).strip()
