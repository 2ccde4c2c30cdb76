"""The one engine of paths and conditions, used by presets and mappings.

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

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Scope = Mapping[str, Any]
    Source = Callable[[Scope], Any]
    Condition = Callable[[Scope], bool]


class _Missing:
    """The value of a path that leads nowhere. It is blank and false, and differs from None (JSON null)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()

AGREED: Final = frozenset({"true", "yes", "on", "1"})
"""The texts that count as consent, in any letter case, next to a true boolean and the number 1."""

TESTS: Final = ("is", "is_not", "in", "contains", "present", "agreed")

LONGEST_PATH: Final = 1_000
"""Bounds what a single path may compute: JMESPath has no loops, but a long expression can multiply its input."""

_INTERPRETER: Final = TreeInterpreter()
"""One for all paths and threads: it holds nothing of a search, and to make one takes as long as a short search."""

_NAME = r"[^.\[\]\"'|&(){}*?,@`<>=!\s]+"
_FIRST_STEP = re.compile(_NAME)
_NEXT_STEP = re.compile(rf"""\.({_NAME})|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]""")


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


def is_blank(value: Any) -> bool:
    """True for missing, null, an empty or white text, an empty list or object. False and 0 are not blank."""
    if isinstance(value, str):
        return not value or value.isspace()
    return value is MISSING or value is None or (not value and isinstance(value, list | dict))


def as_text(value: Any) -> str:
    """A single value as text: true and false in lower case, whole numbers without a fraction, null as nothing."""
    if value is MISSING or value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def has_agreed(value: Any) -> bool:
    """True only for the documented forms of consent: true, 1, or one of AGREED as text, alone or alone in a list."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value == 1
    return isinstance(value, str) and value.strip().lower() in AGREED


def compile_test(name: str, expected: Any) -> Callable[[Any], bool]:
    """One test of a condition as a function of the value found. `name` is one of TESTS.

    Texts are compared trimmed and without regard to letter case; a number equals its text (a form sends "1").
    `contains` looks into a list for an equal element and into a text for a part. `present` and `agreed` take a
    boolean that says which answer makes the condition true.
    """
    match name:
        case "is":
            return _one_of([expected])
        case "is_not":
            equal = _one_of([expected])
            return lambda value: not equal(value)
        case "in":
            return _one_of(expected)
        case "contains":
            return lambda value: _contains(value, expected)
        case "present":
            return lambda value: is_blank(value) is not bool(expected)
        case "agreed":
            return has_agreed if expected else lambda value: not has_agreed(value)
    raise PathError(f"there is no test named {name!r}")


def _one_of(choices: Sequence[Any]) -> Callable[[Any], bool]:
    """Whether a value equals one of the choices. A text, which most values are, is looked up among their texts."""
    texts = frozenset(_folded(choice) for choice in choices if not isinstance(choice, list | dict | None))

    def equal(value: Any) -> bool:
        if isinstance(value, str):
            return value.strip().casefold() in texts
        return any(_equal(value, choice) for choice in choices)

    return equal


def _folded(value: Any) -> str:
    return as_text(value).strip().casefold()


def _equal(value: Any, expected: Any) -> bool:
    if isinstance(value, list) and len(value) == 1 and not isinstance(expected, list):
        value = value[0]
    if isinstance(value, list | dict) or isinstance(expected, list | dict):
        return bool(value == expected)
    if value is MISSING or value is None or expected is None:
        return (value is MISSING or value is None) and expected is None
    return _folded(value) == _folded(expected)


def _contains(value: Any, expected: Any) -> bool:
    if isinstance(value, list):
        return any(_equal(item, expected) for item in value)
    if is_blank(value) or isinstance(value, dict):
        return False
    return _folded(expected) in as_text(value).casefold()


def all_of(conditions: Sequence[Condition]) -> Condition:
    """True when every condition is."""
    if len(conditions) == 1:
        return conditions[0]
    return lambda scope: all(condition(scope) for condition in conditions)


def any_of(conditions: Sequence[Condition]) -> Condition:
    """True when at least one condition is."""
    if len(conditions) == 1:
        return conditions[0]
    return lambda scope: any(condition(scope) for condition in conditions)
