"""What an author most likely meant by a value of the wrong kind, as the change of the file that says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import available_timezones

from bridge import documents
from bridge.documents import flow, quoted
from bridge.mapping.values.countries import country_code
from bridge.mapping.values.foreign_paths import from_foreign
from bridge.mapping.values.habits import from_template, meant_by_fixed
from bridge.mapping.values.withdrawals import whole_withdrawal

if TYPE_CHECKING:
    from bridge.documents import Document, Path
    from bridge.mapping.build import Build
    from bridge.model import Edit

EXAMPLES: Final = {
    "token": "NAME",
    "preset": "typeform`, or another sender that the page Try and `leadbridge presets` list: `preset: NAME",
    "list": "Newsletter",
    "journey": "Welcome",
    "tag": "Customer",
}

_SOURCE_LISTS: Final = frozenset({"answer", "from", "header", "query"})
_SOURCES: Final = _SOURCE_LISTS | {"value", "first_of"}
_CONDITION: Final = "and one test"
_TARGETS: Final = {
    **dict.fromkeys(("list", "journey", "name", "tag", "untag"), ""),
    **dict.fromkeys(("subscribe", "unsubscribe"), "list"),
    "trigger": "journey",
}
"""What names one target and no list of them, with the key that the name stands under, "" for the text itself."""


def rewrite(document: Document, path: Path, wanted: str, value: Any) -> Edit | None:
    """The change that makes a value of the wrong type fit; `wanted` is what the schema takes there, in words."""
    name = str(path[-1]) if path else ""
    if path[:1] == ("withdraw",) and len(path) < 3:
        return whole_withdrawal(document)
    if isinstance(value, str) and _is_quoted_keys(value) and any(one in wanted for one in ("keys with", _CONDITION)):
        return document.at_value(path, value)
    if name in _TARGETS and "actions" in path and isinstance(value, list) and _are_names(value):
        return _one_action_each(document, path, value)
    if name in ("subscribe", "trigger") and isinstance(value, str | int):
        part = "list" if name == "subscribe" else "journey"
        return document.at_value(path, f"{{{part}: {_written(document, path)}}}")
    if len(path) == 2 and path[0] == "actions" and value in ("subscribe", "trigger"):
        return document.at_value(path, f"{value}: {{{'list' if value == 'subscribe' else 'journey'}: Name in Zoho}}")
    if name == "unsubscribe" and isinstance(value, str | int):
        return document.at_value(path, f"{{list: {_written(document, path)}}}")
    if len(path) == 2 and path[0] == "actions" and value == "do_not_mail":
        return document.at_value(path, "do_not_mail: true")
    if "a path" in wanted and isinstance(value, list) and value:
        template = from_template(document.source(path)) if isinstance(value[0], list) else None
        return document.at_value(path, template) if template else _first_of(document, path, value)
    if name in _SOURCE_LISTS and isinstance(value, list) and not {"consent", "when"}.isdisjoint(path):
        return _any_of(document, path, value)
    if name in _SOURCE_LISTS and isinstance(value, list):
        each = ", ".join(f"{{{name}: {quoted(str(item))}}}" for item in value)
        return document.at_entry(path, f"first_of: [{each}]")
    if name == "value" and isinstance(value, list):
        return document.at_value(path, quoted(", ".join(map(str, value))))
    if name == "consent" and not isinstance(value, dict | list):
        question = "The question of the form" if isinstance(value, bool | None) else str(value)
        return document.at_value(path, f"{{answer: {quoted(question)}}}")
    if name == "lookup" and isinstance(value, str | int):
        return document.at_value(path, f"{{{_written(document, path)}: What to send for it}}")
    if name == "country" and (code := country_code(value)):
        return document.at_value(path, code)
    if path == ("verify",) and value in ("token", "secret", "query", "query_token"):
        return document.at_value(path, "{query_token: token}")
    if path == ("verify",) and value in ("header", "header_token"):
        return document.at_value(path, "{header_token: X-Token}")
    if _CONDITION in wanted and isinstance(value, str | int):
        return document.at_value(path, f"{{answer: {_written(document, path)}, present: true}}")
    if "a path" in wanted and isinstance(value, int | float):
        return document.at_value(path, f"{{value: {_written(document, path)}}}")
    return None


def _are_names(values: list[Any]) -> bool:
    return all(isinstance(one, str | int) for one in values)


def _first_of(document: Document, path: Path, values: list[Any]) -> Edit | None:
    """A list in the place of a source: its only element, or the first of them that is not blank."""
    sources = [flow(one) if isinstance(one, dict) else str(one) for one in values]
    return document.at_value(path, sources[0] if len(sources) == 1 else f"{{first_of: [{', '.join(sources)}]}}")


def _any_of(document: Document, path: Path, values: list[Any]) -> Edit | None:
    """The condition once for each of its questions, of which one must hold; consent has a test of its own."""
    condition: Any = document.data
    for step in path[:-1]:
        condition = condition[step]
    tested = condition if len(condition) > 1 else {**condition, "agreed": True}
    return document.at_value(path[:-1], flow({"any": [{**tested, path[-1]: one} for one in values]}))


def rewrite_path(document: Document, path: Path, text: str) -> Edit | None:
    """The change that makes something of a bare text that is not a path."""
    if path not in document.values:
        path = path[:-1]  # a bare text in the place of a condition
    if is_quoted_source(text):
        return document.at_value(path, text)
    if (source := from_template(text) or from_foreign(text)) is not None:
        is_named = path and path[-1] == "from" and source.startswith("{")
        return document.at_entry(path, source[1:-1]) if is_named else document.at_value(path, source)
    if path == ("each",):
        return document.at_value(path, f"body.{text}")
    key, colon, rest = text.partition(":")
    if colon and key in (*_SOURCE_LISTS, "value"):
        return document.at_value(path, f"{{{key}: {quoted(rest.strip())}}}")
    if path and path[-1] == "from":
        return document.at_entry(path, f"answer: {quoted(text)}")
    return document.at_value(path, f"{{answer: {quoted(text)}}}")


def check_fixed(text: str, build: Build, path: Path, *, is_entry: bool = False) -> None:
    """Note a fixed text that is a source in quotes or another tool's template, and would be sent as it stands.

    `is_entry`: it stands behind `answer:` or `value:`, which is then replaced as well.
    """
    meant = text[1:-1] if is_quoted_source(text) else meant_by_fixed(text)
    if meant:
        document = build.document
        edit = document.at_entry(path, meant) if is_entry else document.at_value(path, f"{{{meant}}}")
        build.add(path, "bad_path", f"{text!r} is read as a fixed text, not as a source", value=text, edit=edit)


def is_quoted_source(text: str) -> bool:
    """Whether a text in quotes is a source in braces, as `"{answer: Name}"`."""
    return text.startswith("{") and not _SOURCES.isdisjoint(_keys_of(text))


def _is_quoted_keys(text: str) -> bool:
    """Whether a text in quotes is keys with their values: `"{list: Newsletter}"`, `"subscribe: {list: Newsletter}"`."""
    return ": " in text and any(re.fullmatch(r"[a-z_]+", key) for key in _keys_of(text))


def _keys_of(text: str) -> dict[str, Any]:
    inner = documents.load(text, file="")
    return inner.data if not inner.found and isinstance(inner.data, dict) else {}


def closest_zone(text: str) -> str:
    """The time zone whose city or whole name this most likely is; "" for none."""
    wanted = text.strip().replace(" ", "_").casefold()
    zones = sorted(available_timezones())
    by_city = {zone.rpartition("/")[2].casefold(): zone for zone in zones if "/" in zone}
    return by_city.get(wanted, "") or documents.closest(text, zones)


def _one_action_each(document: Document, path: Path, names: list[Any]) -> Edit | None:
    """The action once for each of its lists, journeys or tags."""
    item = path[: path.index("actions") + 2]
    start, end = document.values.get(item), document.ends.get(item)
    change = document.at_value(path, "")
    if start is None or end is None or change is None or not names:
        return None
    part = _TARGETS[str(path[-1])]
    written = [f"{{{part}: {quoted(str(name))}}}" if part else quoted(str(name)) for name in names]
    whole = document.source(item)
    before = change.line - start[0], change.column - (start[1] if change.line == start[0] else 1)
    lines, wanted = whole.splitlines(), document.source(path)
    offset = sum(len(line) + 1 for line in lines[: before[0]]) + before[1]
    copies = [whole[:offset] + one + whole[offset + len(wanted) :] for one in written]
    indent = " " * (start[1] - 3)
    return document.at_value(item, f"\n{indent}- ".join(copies))


def _written(document: Document, path: Path) -> str:
    return quoted(document.text(path))
