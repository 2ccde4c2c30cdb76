"""Kinds named by a mapping: each must be one that there is, and that the preset can give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge.documents import closest, did_you_mean
from bridge.expressions import compile_test, plain_steps
from bridge.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.documents import Path
    from bridge.mapping.build import Build

_KINDS: Final = tuple(map(str, Kind))

_EACH: Final = {"is": "is", "is_not": "is", "in": "is", "contains": "contains"}
"""The tests that name kinds, each with the test that one of its values is held to."""

_COMPARED: Final = re.compile(r"\bkind *[!=]= *['`\"]+([^'`\"]{0,40})['`\"]")
"""A comparison in an expression: `kind == 'unsubscribe'`."""


def check_kinds(node: Mapping[str, Any], test: str, build: Build, path: Path) -> None:
    """Note each value of a condition on `kind` that no event can have; warn where the preset gives none of them.

    `node` is a source with one test, or with a `lookup`, whose keys are compared just so.
    """
    if "from" not in node or not _is_kind(node["from"]):
        return
    named = list(_named(node, test, build, path))
    unknown = [(at, text) for at, text, found in named if not found]
    for at, text in unknown:
        near = closest(text, _KINDS)
        edit = build.document.at_value(at, near) if near and test != "lookup" else None
        message = f"no event is of the kind {text!r}"
        build.add(at, "unknown_kind", message, did_you_mean(text, _KINDS), value=text, edit=edit)
    possible = frozenset[Kind]().union(*(found for _, _, found in named))
    if named and not unknown and test in ("is", "in", "contains"):
        check_possible(possible, build, path)


def check_possible(kinds: frozenset[Kind], build: Build, path: Path) -> None:
    """Warn where the preset gives its events none of these kinds."""
    if kinds.isdisjoint(build.kinds):
        names, given = " or ".join(sorted(kinds)), ", ".join(sorted(build.kinds))
        message = f"the preset gives no event the kind {names}: all it gives is {given}"
        fix = (
            "test what the sender writes: a path of the body or `type`, as a lead's page and `leadbridge show` have it"
        )
        build.warn(path, "kind_never_given", message, fix, value=names)


def check_expression(text: str, build: Build, path: Path) -> None:
    """Note a kind that an expression compares with and that there is not. A `kind` within a list is another one."""
    for found in _COMPARED.finditer(text) if "[" not in text else ():
        if found[1] not in _KINDS:
            message = f"no event is of the kind {found[1]!r}"
            build.add(path, "unknown_kind", message, did_you_mean(found[1], _KINDS), value=found[1])


def _is_kind(source: Any) -> bool:
    return isinstance(source, str) and plain_steps(source) == ["kind"]


def _named(node: Mapping[str, Any], test: str, build: Build, path: Path) -> Iterator[tuple[Path, str, frozenset[Kind]]]:
    """Each value that is compared with the kind: its place, its text, and the kinds that it holds for."""
    expected = node.get(test)
    if test == "lookup":
        values: list[tuple[Path, Any]] = [((*path, test, key), key) for key in expected or ()]
    elif isinstance(expected, list):
        values = [((*path, test, number), value) for number, value in enumerate(expected)]
    else:
        values = [((*path, test), expected)] if test in _EACH else []
    for at, value in values:
        holds = compile_test(_EACH.get(test, "is"), value)
        text = str(value) if test == "lookup" else build.text(at, value)
        yield at, text, frozenset(kind for kind in Kind if holds(str(kind)))
