"""Bounds on what a request may hold, so that no sender can exhaust a receiver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.errors import TooLargeError, UnreadableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one request: bytes of the body, levels of nesting, values and form fields, events."""

    bytes: int = 2 * 1024 * 1024
    depth: int = 64
    values: int = 200_000
    fields: int = 5_000
    events: int = 2_000


DEFAULT_LIMITS = Limits()

_DIGITS = bytes.maketrans(b"0123456789E", b"0000000000e")
_LARGE_NUMBERS = (b"0" * 19, b"0e0", b"0e+")


def is_small(text: bytes, limits: Limits) -> bool:
    """Whether JSON, which was read, is so short and flat that `check_value` would find nothing: it need not be walked.

    A value costs two bytes at least, a level a bracket; a large number has many digits or an exponent.
    """
    if len(text) > limits.values or text.count(b"{") + text.count(b"[") >= limits.depth:
        return False
    shapes = text.translate(_DIGITS)
    return not any(shape in shapes for shape in _LARGE_NUMBERS)


def check_value(value: Any, limits: Limits) -> bool:
    """Walk a parsed value; True when it holds a float so large that an integer may hide behind it.

    Raises UnreadableError for too deep a nesting or a number that is none, TooLargeError for too many values.
    """
    suspicious = False
    count = 0
    level = [value]
    for _ in range(limits.depth):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, float):
                suspicious |= _check_float(item)
        count += len(inner)
        if count > limits.values:
            raise TooLargeError(f"the body holds more than {limits.values} values")
        if not inner:
            return suspicious
        level = inner
    raise UnreadableError(f"the body is nested deeper than {limits.depth} levels")


def _check_float(value: float) -> bool:
    if value != value or value in (float("inf"), float("-inf")):
        raise UnreadableError("the body holds a number that is none (NaN or infinity)")
    return abs(value) >= 2**63
