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

_SHAPES = bytes.maketrans(b"0123456789[]", b"0000000000{}")
_LARGE_INTEGER = b"0" * 19


def is_small(text: bytes, limits: Limits) -> bool:
    """Whether JSON, which orjson has read, is so short and flat that `check_value` would find nothing.

    A value costs two bytes at least, a level a bracket; of neighbours in a list only one is open at a time, and the
    same shape in a text brings the bracket it makes up for. A large integer has many digits. Infinities are not read.
    """
    if len(text) > limits.values:
        return False
    shapes = text.translate(_SHAPES)
    levels = shapes.count(b"{")
    if levels >= limits.depth:
        levels -= shapes.count(b"},{")
    return levels < limits.depth and _LARGE_INTEGER not in shapes


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
            kind = type(item)
            if kind is str:
                continue  # most are
            if kind is dict:
                inner += item.values()
            elif kind is list:
                inner += item
            elif kind is float:
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
