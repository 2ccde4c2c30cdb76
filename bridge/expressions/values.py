"""Single values of an event: what is missing, what is blank, and a value as text."""

from __future__ import annotations

from typing import Any, Final


class _Missing:
    """The value of a path that leads nowhere. It is blank and false, and differs from None (JSON null)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


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
