"""A field: a source, the verbs that shape its value, and what a blank means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bridge.documents import quoted
from bridge.expressions import MISSING, is_blank
from bridge.mapping.context import FormatError
from bridge.mapping.values import sources, verbs
from bridge.mapping.values.conditions import compile_condition
from bridge.mapping.values.kinds import check_kinds
from bridge.mapping.values.text import MAX_TEXT, clean, final_text
from bridge.mapping.values.verb_functions import JOINER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Condition, Place, Run, Source, Step


LONGEST_NAME: Final = 255
"""Far longer than the name of any field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One compiled field. `value` gives the text to send, empty when the field is to be left out.

    `shown` is the source and `verbs` the verb of each step as written, for people. `fixed` is the value of a field
    that is the same for every event, and then all there is to it. `texts` are the texts written in the mapping that
    it may send, each with its place: a fixed value, those of a lookup, the default.
    """

    name: str
    place: Place
    source: Source
    shown: str = ""
    verbs: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    default: str = ""
    required: bool = False
    when: Condition | None = None
    fixed: str = ""
    texts: tuple[tuple[str, Place], ...] = ()
    value: Callable[[Run], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile `value`."""
        object.__setattr__(self, "value", _compiled(self))  # the dataclass is frozen; this is still its making


def _compiled(field: Field) -> Callable[[Run], str]:
    """The whole of a field as one function. What is in the way is noted: as a problem if the field is required."""
    source, steps, default, required, when = field.source, field.steps, field.default, field.required, field.when
    if field.fixed:
        return fixed_text(field.fixed)

    def value(run: Run) -> str:
        if when is not None and not when(run):
            return ""
        noted = len(run.warnings) if required else 0
        try:
            found = source(run)
            for step in steps:
                if (found.__class__ is not str or not found or found.isspace()) and is_blank(found):
                    found = MISSING
                    break
                found = step(found, run)
            if found.__class__ is str and len(found) <= MAX_TEXT and found.isprintable():
                text = found.strip() or default  # as `final_text` says, for most values
            else:
                text = default if found is MISSING or found is None else final_text(found, JOINER) or default
        except FormatError as error:
            _note(field, run, error)
            return ""
        if required and not text:
            _refuse(field, run, noted)
        return text

    return value


def fixed_text(text: str) -> Callable[[Run], str]:
    """The value of a field that is the same for every event."""
    return lambda run: text


def _note(field: Field, run: Run, error: FormatError) -> None:
    if error.refuse or field.required:
        run.refuse(field.place, error.code, f"{field.name} is missing: {error}", error.fix)
    else:
        run.warn(field.place, error.code, f"{field.name} is left out: {error}", error.fix)


def _refuse(field: Field, run: Run, noted: int) -> None:
    """The reason is what the source just noted, if it did; else that nothing was there."""
    if len(run.warnings) > noted:
        note = run.warnings.pop()
        run.refuse(field.place, note.code, f"{field.name} is required: {note.message}", note.fix)
    else:
        fix = "say what is sent then: `default: TEXT`"
        run.refuse(field.place, "required", f"{field.name} is required, and {field.shown} is blank", fix)


def compile_field(name: str, node: Any, build: Build, path: Path) -> Field | None:
    """Read a field: a bare path, or a source with verbs. None after noting why it cannot be read."""
    if build.is_broken(path):
        return None
    place = build.place(path)
    if isinstance(node, str):
        return Field(name=name, place=place, source=sources.path_source(node, build, path), shown=node)
    if not isinstance(node, dict):
        text = build.text(path, node)
        build.add(path, "not_a_path", sources.not_a_path(text), f"{{value: {quoted(text)}}}", value=text)
        return None
    source_name = sources.named_source(node, build, path)
    if not source_name:
        return None
    if "lookup" in node:
        check_kinds(node, "lookup", build, path)
    return Field(
        name=name,
        place=place,
        source=_source(source_name, node, build, path),
        shown=_shown(source_name, node),
        verbs=verbs.described_steps(node),
        steps=verbs.compile_steps(node, build, path),
        default=build.text((*path, "default"), node["default"]).strip() if "default" in node else "",
        required=node.get("required", False) is True,
        when=compile_condition(node["when"], build, (*path, "when")) if "when" in node else None,
        fixed=clean(build.text((*path, "value"), node["value"])) if set(node) == {"value"} else "",
        texts=tuple(_texts(node, build, path)),
    )


def check_name(name: str, build: Build, path: Path) -> None:
    """Note a name that no field of Zoho can have."""
    if name != clean(name) or not name or len(name) > LONGEST_NAME:
        build.add(path, "field_name", f"{name!r} cannot be a field's name", "use the name Zoho shows", at_key=True)


def _texts(node: Mapping[str, Any], build: Build, path: Path) -> Iterator[tuple[str, Place]]:
    """What this node may come to, as far as it is written down. A text that verbs change further is not known."""
    if not set(node).isdisjoint(("split", "name", "replace", "as", "case", "join", "cut")):
        return
    if "lookup" in node:
        for key, value in node["lookup"].items():
            if value is not None:
                yield _written((*path, "lookup", key), value, build)
        other = node.get("unmatched")
        if isinstance(other, dict):
            yield _written((*path, "unmatched", "value"), other["value"], build)
        elif other is not None and other not in ("leave_out", "keep", "refuse"):
            yield _written((*path, "unmatched"), other, build)
    elif "value" in node:
        yield _written((*path, "value"), node["value"], build)
    for number, item in enumerate(node.get("first_of", ()) if "lookup" not in node else ()):
        if isinstance(item, dict):
            yield from _texts(item, build, (*path, "first_of", number))
    if "default" in node:
        yield _written((*path, "default"), node["default"], build)


def _written(path: Path, value: Any, build: Build) -> tuple[str, Place]:
    return clean(build.text(path, value)), build.place(path)


def _source(name: str, node: Mapping[str, Any], build: Build, path: Path) -> Source:
    if name != "first_of":
        return sources.compile_source(name, node, build, path)
    below = (*path, "first_of")
    found = [compile_field(f"first_of[{i}]", item, build, (*below, i)) for i, item in enumerate(node["first_of"])]
    choices = [choice for choice in found if choice is not None]
    return lambda run: _first(choices, run)


def _shown(name: str, node: Mapping[str, Any]) -> str:
    if name != "first_of":
        return f"{name}: {node[name]}"
    return "first_of: " + ", ".join(
        next((_shown(key, item) for key in sources.NAMES if key in item), "") if isinstance(item, dict) else str(item)
        for item in node[name]
    )


def _first(choices: list[Field], run: Run) -> Any:
    """The first value that is there. What earlier choices lacked is then of no interest and forgotten."""
    noted, missed = len(run.warnings), len(run.missed)
    for choice in choices:
        value = choice.value(run)
        if value:
            del run.warnings[noted:]
            del run.missed[missed:]
            return value
    return MISSING
