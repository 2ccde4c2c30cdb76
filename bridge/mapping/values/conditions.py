"""Conditions: a source and one test, the same under `consent`, `when`, an action's `when` and a field's `when`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import TESTS, as_text, compile_test
from bridge.mapping.values import sources
from bridge.mapping.values.kinds import check_kinds
from bridge.mapping.values.text import final_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bridge.documents import Path
    from bridge.mapping.build import Build
    from bridge.mapping.context import Condition, Run, Source

_SCALAR: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"]}

TEST_DOCS: Final[dict[str, tuple[Mapping[str, Any], str]]] = {
    "is": (
        {"type": ["string", "number", "boolean", "null"]},
        "The value is this; letter case, white space and HTML entities do not matter.",
    ),
    "is_not": ({"type": ["string", "number", "boolean", "null"]}, "The value is anything but this."),
    "in": ({"type": "array", "minItems": 1, "items": _SCALAR}, "The value is one of these."),
    "contains": (_SCALAR, "The list holds this, or the text has it as a part."),
    "present": ({"type": "boolean"}, "true: there is a value that is not blank; false: there is none."),
    "agreed": (
        {"type": "boolean"},
        "true: the value says yes, in one of the forms listed under **What counts as agreement**; nothing else does.",
    ),
}
"""What each test of `bridge.expressions` takes, and its documentation."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One source and one test; `shown` is the condition as written."""

    shown: str
    find: Source
    test: Callable[[Any], bool]

    def __call__(self, run: Run) -> bool:
        """Whether it holds for this event."""
        return self.test(self.find(run))


@dataclass(frozen=True, slots=True)
class Several:
    """Conditions of which all must hold, or at least one."""

    parts: tuple[Condition, ...]
    together: Callable[[Iterable[object]], bool]

    def __call__(self, run: Run) -> bool:
        """Whether it holds for this event."""
        return self.together(part(run) for part in self.parts)


def leaves(condition: Condition | None) -> tuple[Leaf, ...]:
    """Every single condition in a condition, in the order written."""
    match condition:
        case Leaf():
            return (condition,)
        case Several():
            return tuple(leaf for part in condition.parts for leaf in leaves(part))
    return ()


def compile_condition(node: Any, build: Build, path: Path) -> Condition:
    """Read a condition: a source with one test, a list (all of them), or `any:` (at least one)."""
    if build.is_broken(path):
        return _never
    if isinstance(node, list):
        return Several(tuple(compile_condition(item, build, (*path, i)) for i, item in enumerate(node)), all)
    if not isinstance(node, dict):
        text = build.text(path, node)
        fix = f"write {{from: {text}, present: true}}, or another test: {', '.join(TESTS)}"
        build.add(path, "no_test", f"{text!r} is not a condition: it has no test", fix, value=text)
        return _never
    if "any" in node:
        return _any(node, build, path)
    return _leaf(node, build, path)


def _never(_: Run) -> bool:
    return False


def _any(node: Mapping[str, Any], build: Build, path: Path) -> Condition:
    others = [key for key in node if key != "any"]
    if others:
        message = f"`any` goes without other conditions; {others[0]!r} is next to it"
        build.add(path, "any_alone", message, "make it one of the list's conditions")
    choices: Sequence[Any] = node["any"]
    return Several(tuple(compile_condition(item, build, (*path, "any", i)) for i, item in enumerate(choices)), any)


def _leaf(node: Mapping[str, Any], build: Build, path: Path) -> Condition:
    name = sources.named_source(node, build, path)
    test = named_test(node, build, path)
    if not name or not test:
        return _never
    shown = f"{name}: {node[name]}, {test}: {written(node[test])}"
    return Leaf(shown, sources.compile_source(name, node, build, path), compile_test(test, node[test]))


def written(value: Any) -> str:
    """A test's value as people write it in YAML."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return "null" if value is None else as_text(value)


def named_test(node: Mapping[str, Any], build: Build, path: Path) -> str:
    """The one test of a condition, or an empty text after noting that it has none or several.

    A kind that it names and that there is not is noted, too.
    """
    found = [name for name in TESTS if name in node]
    if len(found) == 1:
        check_kinds(node, found[0], build, path)
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
