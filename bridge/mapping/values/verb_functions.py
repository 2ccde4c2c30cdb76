"""What each verb of the table does: from the field as written to a function over one value."""

from __future__ import annotations

import json
import re
from dataclasses import replace as replace_fields
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bridge.documents import closest
from bridge.expressions import MISSING, chosen, comparable, compile_test, is_blank
from bridge.mapping.context import FormatError
from bridge.mapping.values import names, phones, sources
from bridge.mapping.values.countries import country_code
from bridge.mapping.values.formats import SHAPES, Format
from bridge.mapping.values.rewrites import closest_zone
from bridge.mapping.values.text import final_text, scalar_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Run, Step
    from bridge.mapping.values.formats import Form

JOINER: Final = ", "
MAX_PARSED: Final = 1_000_000

_SHOWN: Final = 8
"""So many entries of a table are named in a message."""

_UNMATCHED: Final = ("leave_out", "keep", "refuse")


def parse(node: Mapping[str, Any], _: Build, __: Path) -> Step:
    """A text that holds JSON or a list; anything that is not a text passes as it is."""
    read = _read_json if node["parse"] == "json" else _read_list
    return lambda value, run: read(value) if isinstance(value, str) else value


def _read_json(text: str) -> Any:
    try:
        if len(text) > MAX_PARSED:
            raise ValueError("too long")
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError("cannot_parse", "the text is no JSON") from error


def _read_list(text: str) -> list[str]:
    if text.lstrip().startswith("["):
        try:
            items = _read_json(text)
        except FormatError:
            items = None  # a text that only looks like a JSON list is split like any other
        if isinstance(items, list):
            return items
    parts = text.split("||") if "||" in text else text.split("\n") if "\n" in text.strip() else re.split(r"[;,]", text)
    return [part.strip() for part in parts if part.strip()]


def where(node: Mapping[str, Any], build: Build, path: Path) -> Step:
    """The items of a list whose parts all equal the values given."""
    tests = [(key, compile_test("is", value)) for key, value in node["where"].items()]

    def keep(value: Any, _: Run) -> Any:
        items = value if isinstance(value, list) else [value]
        fitting = [
            item
            for item in items
            if isinstance(item, dict) and all(test(item.get(key, MISSING)) for key, test in tests)
        ]
        return fitting or MISSING

    return keep


def take(node: Mapping[str, Any], _: Build, __: Path) -> Step:
    """A part of a list or of an object, or of each object in a list."""
    wanted = node["take"] if isinstance(node["take"], list) else [node["take"]]

    def follow(value: Any, _: Run) -> Any:
        for step in wanted:
            value = _part(value, step)
        return value

    return follow


def _part(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step), MISSING)
    if not isinstance(value, list):
        return value if step in ("first", "last", 0, -1) else MISSING
    if step == "first" or step == "last" or isinstance(step, int):
        position = step if isinstance(step, int) else 0 if step == "first" else -1
        return value[position] if -len(value) <= position < len(value) else MISSING
    return [item[step] for item in value if isinstance(item, dict) and step in item]


def split(node: Mapping[str, Any], _: Build, __: Path) -> Step:
    """A text cut at a separator."""
    separator = str(node["split"])

    def cut_up(text: str) -> list[str]:
        return [part.strip() for part in text.split(separator) if part.strip()]

    return lambda value, run: cut_up(scalar_text(value)) if not isinstance(value, list | dict) else value


def name(node: Mapping[str, Any], _: Build, __: Path) -> Step:
    """A part of a full name."""
    which = names.PARTS.index(node["name"])
    return lambda value, run: names.parts(value if isinstance(value, str) else final_text(value, " "))[which]


def lookup(node: Mapping[str, Any], build: Build, path: Path) -> Step:
    """The value next to the one found; what is not in the table goes the way of `unmatched`."""
    table: dict[str, Any] = {}
    for key, value in node["lookup"].items():
        known = comparable(key)
        if known in table:
            where = (*path, "lookup", key)
            message = f"{key!r} is in the table twice"
            build.add(where, "duplicate_key", message, "letter case does not matter: keep one", value=key, at_key=True)
        table[known] = MISSING if value is None else build.text((*path, "lookup", key), value)
    miss = _unmatched(node, build, path)

    def find(value: Any) -> Any:
        found = table.get(comparable(scalar_text(value)))
        return miss(value) if found is None else found

    return _one_by_one(find)


def _unmatched(node: Mapping[str, Any], build: Build, path: Path) -> Callable[[Any], Any]:
    wanted = node.get("unmatched", "leave_out")
    if isinstance(wanted, dict):
        fixed = build.text((*path, "unmatched", "value"), wanted["value"])
        return lambda value: fixed
    known = [repr(key) for key in node["lookup"]]
    more = f" or {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    what = f"the answer to {node['answer']!r}" if "answer" in node else "the value"
    message = f"{what} is none of {', '.join(known[:_SHOWN])}{more}, which `lookup` knows"
    match wanted:
        case "leave_out" | "refuse":
            fix = "add it to `lookup`, or say what is sent then: `unmatched: {value: TEXT}`"
            return _raiser("unmatched", message, fix, wanted)
        case "keep":
            return lambda value: value
    fixed = build.text((*path, "unmatched"), wanted)
    meant = closest(fixed.replace("-", "_"), _UNMATCHED)
    if meant:
        fix = f"write `unmatched: {meant}`, or `unmatched: {{value: {fixed}}}` for that text"
        build.add((*path, "unmatched"), "unmatched_word", f"{fixed!r} looks like {meant!r}", fix, value=fixed)
    return lambda value: fixed


def _raiser(code: str, message: str, fix: str, wanted: str) -> Callable[[Any], Any]:
    def fail(_: Any) -> Any:
        raise FormatError(code, message, fix, refuse=wanted == "refuse")

    return fail


def replace(node: Mapping[str, Any], build: Build, path: Path) -> Step:
    """Plain texts inside the value replaced by others."""
    pairs = [
        (old, "" if new is None else build.text((*path, "replace", old), new)) for old, new in node["replace"].items()
    ]
    for old, _ in pairs:
        if not old:
            build.add((*path, "replace", old), "empty_key", "an empty text cannot be replaced", at_key=True)

    def swap(value: Any) -> str:
        text = scalar_text(value)
        for old, new in pairs:
            if not old:
                continue
            if len(text) + text.count(old) * len(new) > MAX_PARSED:
                raise FormatError("too_long", "the text grows too long when replaced")
            text = text.replace(old, new)
        return text

    return _one_by_one(swap)


def as_format(node: Mapping[str, Any], build: Build, path: Path) -> Step:
    """The form that `as` names, read as `country`, `zone` and `read` say."""
    form, wanted = SHAPES[node["as"]], Format(zone=_zone(node, build, path), read=str(node.get("read", "")))
    country = node.get("country", "")
    if isinstance(country, dict):
        return _form_of_country(country, form, build, (*path, "country"))
    _check_country(str(country), build, (*path, "country"))
    read = form(replace_fields(wanted, country=str(country)))
    if node["as"] in ("boolean", "email"):
        return lambda value, run: read(chosen(value))  # several of one name are one tick, or one person's address
    return _one_by_one(read)


def _form_of_country(node: Mapping[str, Any], form: Callable[[Format], Form], build: Build, path: Path) -> Step:
    """The form in the country that the event names, or else in the default."""
    default = str(node.get("default", ""))
    _check_country(default, build, (*path, "default"))
    name = sources.named_source(node, build, path)
    source = sources.compile_source(name, node, build, path) if name else lambda run: MISSING

    def step(value: Any, run: Run) -> Any:
        return _one_by_one(form(Format(country=country_code(source(run)) or default)))(value, run)

    return step


def _check_country(country: str, build: Build, path: Path) -> None:
    if country and country not in phones.COUNTRIES:
        message = f"{country!r} is not a country code with phone numbers"
        meant = country_code(country)
        edit = build.document.at_value(path, meant) if meant else None
        build.add(
            path, "unknown_country", message, "" if edit else "two capitals: IN, GB, US", value=country, edit=edit
        )


def _zone(node: Mapping[str, Any], build: Build, path: Path) -> tzinfo | None:
    wanted = str(node.get("zone", ""))
    if not wanted:
        return None
    try:
        return ZoneInfo(wanted)
    except (OSError, ValueError, KeyError):
        place, near = (*path, "zone"), closest_zone(wanted)
        fix = f"did you mean {near!r}?" if near else "write a name like Asia/Kolkata, Europe/London or UTC"
        edit = build.document.at_value(place, near) if near else None
        build.add(place, "unknown_zone", f"unknown time zone {wanted!r}", fix, value=wanted, edit=edit)
        return None


def case(node: Mapping[str, Any], _: Build, __: Path) -> Step:
    """Another letter case."""
    change = {"upper": str.upper, "lower": str.lower, "title": _title}[node["case"]]
    return _one_by_one(lambda item: change(scalar_text(item)))


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" "))


def join(node: Mapping[str, Any], build: Build, path: Path) -> Step:
    """A list as one text."""
    separator = build.text((*path, "join"), node["join"])
    return lambda value, run: final_text(value, separator)


def cut(node: Mapping[str, Any], _: Build, __: Path) -> Step:
    """At most so many characters."""
    length = int(node["cut"])

    def shorten(value: Any, _: Run) -> Any:
        text = value if isinstance(value, str) else _joined(value)
        return text[:length].rstrip()

    return shorten


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return JOINER.join(part for part in (scalar_text(item) for item in value) if part)
    return scalar_text(value)


def _one_by_one(change: Callable[[Any], Any]) -> Step:
    """A step that changes a value, or each item of a list that is not blank."""

    def step(value: Any, _: Run) -> Any:
        if not isinstance(value, list):
            return change(value)
        items = [change(item) for item in value if not is_blank(item)]
        return [item for item in items if not is_blank(item)]

    return step
