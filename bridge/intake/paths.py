"""The paths and conditions of a preset, compiled. Every problem is added to a list; nothing is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.errors import PathError
from bridge.expressions import MISSING, TESTS, all_of, any_of, as_text, compile_path, compile_test, is_blank
from bridge.model import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bridge.expressions import Condition, Scope, Source

ROOTS: Final = ("body", "request", "header", "query", "fetched")
"""Where a path may start: the event's own part, the whole parsed body, the headers (lower case), the query, and what
was fetched afterwards (by the names of `fetch:`, nothing until then)."""


def compile_sources(
    node: Any, where: str, problems: list[Problem], roots: Collection[str] | None = ROOTS
) -> tuple[Source, ...]:
    """One path or a list of paths, as functions of a scope; without `roots` a path may start anywhere."""
    found = [_compile(text, where, problems, roots) for text in listed(node)]
    return tuple(source for source in found if source is not None)


def listed(node: Any) -> list[Any]:
    """What may be written as one or as a list, as a list; nothing is an empty one."""
    return node if isinstance(node, list) else [] if node is None else [node]


def compile_first(node: Any, where: str, problems: list[Problem], roots: Collection[str] | None = ROOTS) -> Source:
    """As `compile_sources`, as one function that finds what the first of them finds (see `first_of`)."""
    return first_of(compile_sources(node, where, problems, roots))


def first_of(sources: Sequence[Source]) -> Source:
    """The first value that is not blank. Where all are: null if one was null or empty, else MISSING."""
    match sources:
        case []:
            return lambda _: MISSING
        case [source]:
            return source

    def find(scope: Scope) -> Any:
        blank: Any = MISSING
        for source in sources:
            value = source(scope)
            if value is MISSING:
                continue
            if (value.__class__ is str and value and not value.isspace()) or not is_blank(value):
                return value
            if blank is MISSING:
                blank = value
        return blank

    return find


def compile_ids(node: Any, where: str, problems: list[Problem]) -> tuple[Source, ...]:
    """As `compile_sources`, where `{join: [path, ...]}` is several values with colons between them, or none."""
    found: list[Source] = []
    for way in listed(node):
        if isinstance(way, dict):
            found.append(_joined(compile_sources(way["join"], f"{where}.join", problems)))
        else:
            found += compile_sources(way, where, problems)
    return tuple(found)


def _joined(sources: Sequence[Source]) -> Source:
    def join(scope: Scope) -> Any:
        values = [source(scope) for source in sources]
        whole = not any(is_blank(value) or isinstance(value, list | dict) for value in values)
        return ":".join(as_text(value).strip() for value in values) if whole else MISSING

    return join


def compile_condition(node: Any, where: str, problems: list[Problem]) -> Condition:
    """A condition: `{from: path, TEST: value}`, a list of which all must hold, or `{any: [...]}`."""
    if isinstance(node, list):
        return all_of([compile_condition(part, where, problems) for part in node])
    if "any" in node:
        return any_of([compile_condition(part, where, problems) for part in node["any"]])
    return _compile_test(node, where, problems)


def _compile_test(node: Mapping[str, Any], where: str, problems: list[Problem]) -> Condition:
    sources = compile_sources(node.get("from"), f"{where}.from", problems)
    names = [name for name in TESTS if name in node]
    if len(names) != 1 or not sources:
        fix = f"write from: and one of {', '.join(TESTS)}"
        problems.append(
            Problem(code="bad_condition", message="a condition needs a path and one test", fix=fix, path=where)
        )
        return lambda _: False
    test = compile_test(names[0], node[names[0]])
    find = first_of(sources)
    return lambda scope: test(find(scope))


def _compile(text: str, where: str, problems: list[Problem], roots: Collection[str] | None) -> Source | None:
    try:
        first, source = compile_path(text)
    except PathError as error:
        problems.append(Problem(code="bad_path", message=str(error), path=where, value=text))
        return None
    calls_function = text.lstrip().startswith(f"{first}(")
    if roots is not None and first and first not in roots and not calls_function:
        message, fix = f"the path {text!r} starts at no known name", f"start at one of {', '.join(roots)}"
        problems.append(Problem(code="bad_path", message=message, fix=fix, path=where, value=text))
        return None
    return source
