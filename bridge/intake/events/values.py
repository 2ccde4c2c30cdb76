"""How an item's value is found: by the item's type, under a name that the item gives, or at a path."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import IntakeError
from bridge.expressions import MISSING, as_text, is_blank
from bridge.intake.body.json_text import read_json
from bridge.intake.paths import ROOTS, compile_first, compile_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bridge.expressions import Scope, Source
    from bridge.model import Problem

    Texts = Callable[[Scope], Mapping[str, str]]

NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
ITEM_ROOTS: Final = ("item", "key", *ROOTS)
_OPTION_ROOTS: Final = ("option",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Where an item's value is: by the item's type, else as `otherwise` says.

    With `under_type` it is, before that, what the item has under the name of its type.
    """

    by_type: Mapping[str, Source]
    under_type: bool
    otherwise: Source
    list_in_text: str
    unwrap: bool


def compile_values(fields: Mapping[str, Any], where: str, problems: list[Problem]) -> Values:
    """The `value:` of a source of entries. What the paths get wrong is added to `problems`."""
    node = fields.get("value", "item")
    table = node if isinstance(node, dict) else {"otherwise": node}
    by_type = {
        name: compile_first(paths, f"{where}.by_type.{name}", problems, ITEM_ROOTS)
        for name, paths in table.get("by_type", {}).items()
    }
    named_by = table.get("named_by")
    under_type = named_by is not None and named_by == fields.get("type")
    otherwise = compile_first(table.get("otherwise"), f"{where}.otherwise", problems, ITEM_ROOTS)
    present = compile_sources(table.get("present"), f"{where}.present", problems, ITEM_ROOTS)
    if present:
        otherwise = _first_there(present, otherwise)
    if named_by is not None and not under_type:
        otherwise = _named(compile_first(named_by, f"{where}.named_by", problems, ITEM_ROOTS), otherwise)
    return Values(
        by_type=by_type,
        under_type=under_type,
        otherwise=otherwise,
        list_in_text=fields.get("list_in_text", ""),
        unwrap=fields.get("unwrap", False),
    )


def value_source(values: Values, kind: str) -> Source:
    """How the value of items of this type is found; MISSING where there is none."""
    if kind in values.by_type:
        source = values.by_type[kind]
    elif values.under_type and kind:
        source = _under(kind, values.otherwise)
    else:
        source = values.otherwise
    return _unpacked(source, values) if values.list_in_text or values.unwrap else source


def _first_there(present: Sequence[Source], otherwise: Source) -> Source:
    """The first of the paths that is there counts, even if it leads to a blank."""

    def find(scope: Scope) -> Any:
        for source in present:
            value = source(scope)
            if value is not MISSING:
                return value
        return otherwise(scope)

    return find


def _named(named_by: Source, otherwise: Source) -> Source:
    """What the item has under a name found elsewhere, unless that is blank."""

    def find(scope: Scope) -> Any:
        name, item = word(named_by(scope)), scope["item"]
        value = item.get(name, MISSING) if name and isinstance(item, dict) else MISSING
        return otherwise(scope) if is_blank(value) else value

    return find


def _under(name: str, otherwise: Source) -> Source:
    """What the item has under a name, unless that is blank."""

    def find(scope: Scope) -> Any:
        item = scope["item"]
        value = item.get(name, MISSING) if isinstance(item, dict) else MISSING
        if (value.__class__ is str and value and not value.isspace()) or not is_blank(value):
            return value
        return otherwise(scope)

    return find


def _unpacked(source: Source, values: Values) -> Source:
    """The list that a text holds in place of the text, and what stands alone in a list in place of the list."""
    how, unwrap = values.list_in_text, values.unwrap

    def find(scope: Scope) -> Any:
        value = source(scope)
        if how and isinstance(value, str):
            value = _list_in(value, how)
        return value[0] if unwrap and isinstance(value, list) and len(value) == 1 else value

    return find


def _list_in(text: str, how: str) -> Any:
    """The list that a text holds, as `json` or between these separators, or the text itself."""
    if how != "json":
        return [part.strip() for part in text.split(how) if part.strip()] if how in text else text
    if not text.lstrip().startswith("["):
        return text
    try:
        value = read_json(text.encode("utf-8", "surrogatepass"))
    except IntakeError:
        return text  # somebody wrote a bracket
    return value if isinstance(value, list) else text


def compile_options(node: Any, where: str, problems: list[Problem]) -> Texts | None:
    """The `options:` of a source of entries: the texts of an item's choices by their ids."""
    if node is None:
        return None
    choices = compile_first(node["list"], f"{where}.list", problems, ITEM_ROOTS)
    id_of = compile_first(node["id"], f"{where}.id", problems, _OPTION_ROOTS)
    text_of = compile_first(node["text"], f"{where}.text", problems, _OPTION_ROOTS)

    def texts(scope: Scope) -> Mapping[str, str]:
        found = choices(scope)
        scopes = [{"option": choice} for choice in found] if isinstance(found, list) else []
        named = [(word(id_of(each)), word(text_of(each))) for each in scopes]
        return {name: text for name, text in named if name and text}

    return texts


def with_texts(value: Any, texts: Mapping[str, str]) -> Any:
    """The value, where ids of options, alone or in a list, are their texts."""
    if not texts:
        return value
    if isinstance(value, list):
        return [with_texts(item, texts) for item in value]
    if isinstance(value, str | int) and not isinstance(value, bool):
        return texts.get(word(value), value)
    return value


def word(value: Any) -> str:
    """A name as trimmed text; lists and objects are not names."""
    if value.__class__ is str:
        return str(value).strip()
    return "" if value is MISSING or isinstance(value, list | dict) else as_text(value).strip()
