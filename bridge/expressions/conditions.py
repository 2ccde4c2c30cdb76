"""The tests of a condition: `is`, `is_not`, `in`, `contains`, `present`, `agreed`, for presets and mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.errors import PathError
from bridge.expressions.agreed import agreement, chosen
from bridge.expressions.texts import comparable
from bridge.expressions.values import MISSING, as_text, is_blank

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Condition = Callable[[Mapping[str, Any]], bool]

TESTS: Final = ("is", "is_not", "in", "contains", "present", "agreed")


def compile_test(name: str, expected: Any) -> Callable[[Any], bool]:
    """One test of a condition as a function of the value found. `name` is one of TESTS; raises PathError for another.

    `is`, `is_not` and `in` compare what was chosen (see `choices.chosen`) as people read it (see `texts.comparable`);
    a number equals its text (a form sends "1"). `contains` looks into a list for an equal element and into a text for
    a part. `present` and `agreed` take a boolean that says which answer makes the condition true.
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
            return _containing(expected)
        case "present":
            return lambda value: is_blank(value) is not bool(expected)
        case "agreed":
            return has_agreed if expected else lambda value: not has_agreed(value)
    raise PathError(f"there is no test named {name!r}")


def has_agreed(value: Any) -> bool:
    """Whether a value says yes, in one of the documented forms."""
    return agreement(value) is True


def _one_of(choices: Sequence[Any]) -> Callable[[Any], bool]:
    texts = frozenset(_folded(choice) for choice in choices if not isinstance(choice, list | dict | None))

    def equal(value: Any) -> bool:
        if isinstance(value, list | dict) or (isinstance(value, str) and value[:1] == "["):
            value = chosen(value)
            if isinstance(value, list | dict):
                return any(value == choice for choice in choices)
        if value is MISSING or value is None:
            return None in choices
        return _folded(value) in texts

    return equal


def _containing(expected: Any) -> Callable[[Any], bool]:
    wanted = _folded(expected)

    def contains(value: Any) -> bool:
        if isinstance(value, dict):
            value = chosen(value)
        if isinstance(value, list):
            items = [item for item in map(chosen, value) if item is not None and not isinstance(item, list | dict)]
            return any(_folded(item) == wanted for item in items)
        if is_blank(value) or isinstance(value, dict):
            return False
        return wanted in _folded(value)

    return contains


def _folded(value: Any) -> str:
    return comparable(as_text(value))


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
