"""Every text and value that plain data holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def scalars(value: Any) -> Iterator[str]:
    """The keys and values of objects and lists, however deep, as texts in their order; nulls are left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from scalars(inner)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    elif value is not None:
        yield str(value)
