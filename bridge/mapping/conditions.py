"""Conditions: a source and one test, the same under `consent`, `when`, an action's `when` and a field's `when`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import TESTS, compile_test
from bridge.mapping import sources
from bridge.mapping.text import final_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.document import Path
    from bridge.mapping.build import Build
    from bridge.mapping.run import Condition

_SCALAR: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"]}

TEST_DOCS: Final[dict[str, tuple[Mapping[str, Any], str]]] = {
    "is": ({"type": ["string", "number", "boolean", "null"]}, "The value is this; letter case does not matter."),
    "is_not": ({"type": ["string", "number", "boolean", "null"]}, "The value is anything but this."),
    "in": ({"type": "array", "minItems": 1, "items": _SCALAR}, "The value is one of these."),
    "contains": (_SCALAR, "The list holds this, or the text has it as a part."),
    "present": ({"type": "boolean"}, "true: there is a value that is not blank; false: there is none."),
    "agreed": (
        {"type": "boolean"},
        'true: the value is true, "true", yes, on, 1 or a ticked box; nothing else counts as agreement.',
    ),
}
"""What each test of `bridge.expressions` takes, and its documentation."""


def compile_condition(node: Any, build: Build, path: Path) -> Condition:
    """Read a condition: a source with one test, a list (all of them), or `any:` (at least one)."""
    if build.is_broken(path):
        return lambda run: False
    if isinstance(node, list):
        parts = [compile_condition(item, build, (*path, number)) for number, item in enumerate(node)]
        return lambda run: all(part(run) for part in parts)
    if not isinstance(node, dict):
        text = build.text(path, node)
        cure = f"write {{from: {text}, present: true}}, or another test: {', '.join(TESTS)}"
        build.add(path, "no_test", f"{text!r} is no condition: it has no test", cure, value=text)
        return lambda run: False
    if "any" in node:
        return _any(node, build, path)
    return _leaf(node, build, path)


def _any(node: Mapping[str, Any], build: Build, path: Path) -> Condition:
    others = [key for key in node if key != "any"]
    if others:
        message = f"`any` stands alone; {others[0]!r} is beside it"
        build.add(path, "any_alone", message, "make it one of the list's conditions")
    choices: Sequence[Any] = node["any"]
    parts = [compile_condition(item, build, (*path, "any", number)) for number, item in enumerate(choices)]
    return lambda run: any(part(run) for part in parts)


def _leaf(node: Mapping[str, Any], build: Build, path: Path) -> Condition:
    name = sources.named_source(node, build, path)
    test = named_test(node, build, path)
    if not name or not test:
        return lambda run: False
    find = sources.compile_source(name, node, build, path)
    holds = compile_test(test, node[test])
    return lambda run: holds(find(run))


def named_test(node: Mapping[str, Any], build: Build, path: Path) -> str:
    """The one test of a condition, or an empty text after noting that it has none or several."""
    found = [name for name in TESTS if name in node]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"{' and '.join(f'`{name}`' for name in found)} are two tests"
        build.add(path, "two_tests", message, "make a list of two conditions: all must hold")
    else:
        build.add(path, "no_test", "the condition has no test", f"add one of {', '.join(TESTS)}")
    return ""


def as_shown(value: Any) -> str:
    """A value found by a condition as one short text."""
    return final_text(value, ", ")[:500]
