"""Paths: how presets and mappings name a value inside an event.

A path is read against a scope, a dictionary of named roots (`body`, `answers`, `contact`, ...). Plain dotted paths
are walked here, so that any key can be named and a missing value differs from null; anything richer is JMESPath
(https://jmespath.org/specification.html), which always ends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

from bridge.errors import PathError
from bridge.expressions.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Scope = Mapping[str, Any]
    Source = Callable[[Scope], Any]


LONGEST_PATH: Final = 1_000
"""Bounds what a single path may compute: JMESPath has no loops, but a long expression can multiply its input."""

_INTERPRETER: Final = TreeInterpreter()
"""One for all paths and threads: it holds nothing of a search, and to make one takes as long as a short search."""

_NAME = r"[^.\[\]\"'|&(){}*?,@`<>=!\s]+"
_FIRST_STEP = re.compile(_NAME)
_NEXT_STEP = re.compile(rf"""\.({_NAME})|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]""")
_CHAIN = r"[A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)*+"
_FLAT_LIST = re.compile(rf"\[{_CHAIN}(?:, ?{_CHAIN})++\]\[\]", re.ASCII)


def star_pattern(pattern: str) -> Callable[[str], bool]:
    """A test whether a text is the pattern, in which each star stands for any part of the text, in linear time."""
    start, *middle = pattern.split("*")
    if not middle:
        return pattern.__eq__
    *middle, end = middle

    def fits(text: str) -> bool:
        if len(text) < len(start) + len(end) or not text.startswith(start) or not text.endswith(end):
            return False
        place, limit = len(start), len(text) - len(end)
        for part in middle:
            found = text.find(part, place, limit)
            if found < 0:
                return False
            place = found + len(part)
        return True

    return fits


def compile_path(text: str) -> tuple[str, Source]:
    """Read a path; return its first name and the function that finds its value in a scope.

    Plain paths: `answers.email`, `body.items[0]`, `body["First Name"].value`. Raises PathError.
    """
    if len(text) > LONGEST_PATH:
        raise PathError(f"the path {text[:40]!r}... is longer than {LONGEST_PATH} characters")
    steps = plain_steps(text)
    if steps is not None:
        return str(steps[0]), _plain(str(steps[0]), tuple(steps[1:]))
    if _FLAT_LIST.fullmatch(text):
        return "", _flat_list([compile_path(path.strip())[1] for path in text[1:-3].split(",")])
    try:
        query = jmespath.compile(text)
    except JMESPathError as error:
        reason = str(error).splitlines()[0].removeprefix("Invalid jmespath expression: ").rstrip(":").lower()
        raise PathError(f"the path {text!r} cannot be read: {reason}") from error
    first_name = re.match(r"\s*\"?([\w-]+)", text)

    def search(scope: Scope) -> Any:
        try:
            return _INTERPRETER.visit(query.parsed, scope)
        except JMESPathError:
            return MISSING  # a function met a type it does not take: nothing is there for this event

    return (first_name.group(1) if first_name else ""), search


def _plain(first: str, rest: tuple[str | int, ...]) -> Source:
    """`walk` from a root of the scope. The short ways through objects, which are most, are taken without a loop."""
    match tuple(map(str, rest)):
        case ():
            return lambda scope: scope.get(first, MISSING)
        case (last,):
            return _through_one(first, last, rest)
        case (name, last):
            return _through_two(first, name, last, rest)
        case names:
            return _through_many(first, names, rest)


def _through_one(first: str, last: str, rest: tuple[str | int, ...]) -> Source:
    def find(scope: Scope) -> Any:
        value = scope.get(first, MISSING)
        return value.get(last, MISSING) if isinstance(value, dict) else walk(value, rest)

    return find


def _through_two(first: str, name: str, last: str, rest: tuple[str | int, ...]) -> Source:
    def find(scope: Scope) -> Any:
        value = scope.get(first, MISSING)
        if isinstance(value, dict):
            inner = value.get(name, MISSING)
            if isinstance(inner, dict):
                return inner.get(last, MISSING)
            if inner is MISSING:
                return MISSING
        return walk(value, rest)

    return find


def _through_many(first: str, names: tuple[str, ...], rest: tuple[str | int, ...]) -> Source:
    def find(scope: Scope) -> Any:
        value = scope.get(first, MISSING)
        for name in names:
            if not isinstance(value, dict):
                return MISSING if value is MISSING else walk(scope.get(first, MISSING), rest)
            value = value.get(name, MISSING)
        return value

    return find


def _flat_list(sources: Sequence[Source]) -> Source:
    """`[a.b, a.c][]`: what JMESPath makes of plain paths, at a tenth of the cost."""

    def find(scope: Scope) -> Any:
        found: list[Any] = []
        for source in sources:
            value = source(scope)
            found += value if isinstance(value, list) else (value,)
        return [value for value in found if value is not MISSING and value is not None]

    return find


def plain_steps(text: str) -> list[str | int] | None:
    """The steps of a plain path, or None when the text is not one: `a.b[0]["c d"]` -> `["a", "b", 0, "c d"]`."""
    start = _FIRST_STEP.match(text)
    if start is None:
        return None
    steps: list[str | int] = [start.group()]
    position = start.end()
    while position < len(text):
        match = _NEXT_STEP.match(text, position)
        if match is None:
            return None
        name, index, quoted, single = match.groups()
        steps.append(int(index) if index is not None else _key(name, quoted, single))
        position = match.end()
    return steps


def _key(name: str | None, quoted: str | None, single: str | None) -> str:
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted)
    return name if name is not None else single or ""


def walk(value: Any, steps: Sequence[str | int]) -> Any:
    """The value that the steps of a plain path lead to, or MISSING."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step, MISSING) if isinstance(step, str) else value.get(str(step), MISSING)
        elif isinstance(value, list):
            value = _item(value, step)
        else:
            return MISSING
    return value


def compile_steps(steps: Sequence[str | int]) -> Callable[[Any], Any]:
    """`walk` along these steps as a function of the value they start from."""
    if len(steps) == 1:
        name = str(steps[0])
        return lambda value: value.get(name, MISSING) if isinstance(value, dict) else walk(value, steps)
    ways = tuple((str(step), step) for step in steps)

    def follow(value: Any) -> Any:
        for name, step in ways:
            if isinstance(value, dict):
                value = value.get(name, MISSING)
            elif isinstance(value, list):
                value = _item(value, step)
            else:
                return MISSING
        return value

    return follow


def _item(values: list[Any], step: str | int) -> Any:
    try:
        return values[int(step)]
    except (ValueError, IndexError):
        return MISSING
