"""Bounds on what a request may hold, so that no sender can exhaust a receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bridge.errors import TooLargeError, UnreadableError

if TYPE_CHECKING:
    from bridge.model import Limits


_DIGITS, _STARTS = b"0123456789", b",:[{- \t\r\n"
_SHAPES = bytes.maketrans(_DIGITS + b"[]", b"0" * len(_DIGITS) + b"{}")
_NUMBERS = bytes.maketrans(_DIGITS + _STARTS, b"0" * len(_DIGITS) + b"," * len(_STARTS))
_LARGE_INTEGER = b"0" * 19


def is_small(text: bytes, limits: Limits) -> bool:
    """Whether JSON, which orjson has read, is so short and flat that `check_value` would find nothing.

    A value costs two bytes at least, a level a bracket; of neighbours in a list only one is open at a time, and the
    same shape in a text brings the bracket it makes up for. A large integer has many digits, and no quotation mark
    before them, as ids have. Infinities are not read.
    """
    if len(text) > limits.values:
        return False
    shapes = text.translate(_SHAPES)
    levels = shapes.count(b"{")
    if levels >= limits.depth:
        levels -= shapes.count(b"},{")
    if levels >= limits.depth:
        return False
    return _LARGE_INTEGER not in shapes or b"," + _LARGE_INTEGER not in b"," + text.translate(_NUMBERS)


def check_value(value: Any, limits: Limits) -> bool:
    """Walk a parsed value; True when it holds a float so large that an integer may hide behind it, or none.

    Raises UnreadableError for too deep a nesting, TooLargeError for too many values.
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
                suspicious |= not abs(item) < 2**63
        count += len(inner)
        if count > limits.values:
            raise TooLargeError(f"the body holds more than {limits.values} values")
        if not inner:
            return suspicious
        level = inner
    raise UnreadableError(f"the body is nested deeper than {limits.depth} levels")
