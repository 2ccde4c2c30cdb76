"""A body as JSON values, with notes on what had to be corrected to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.model import Problem, Severity, value_object

if TYPE_CHECKING:
    from collections.abc import Callable

CORRECTED: Final = "body_corrected"
"""The body is not what its sender says it is, or not well-formed, and can be read in one way only."""

LEFT_OUT: Final = "part_left_out"
"""A part of a multipart form is not a text: an uploaded file."""

UNDECODABLE: Final = "undecodable_text"
"""A text has bytes that are none in its charset. They stand in it as lone surrogates (PEP 383) until it is mapped."""

MOST_NOTES: Final = 20
"""One body brings no more notes than this."""


@value_object
class Content:
    """The values of a body, the notes (warnings) that its events shall carry, and what it was.

    `form` is `json`, `form`, `multipart`, `xml` or `jwt`.
    """

    value: Any
    form: str = "json"
    notes: tuple[Problem, ...] = ()


class Notes(list[Problem]):
    """Gathers the notes on a body while it is read."""

    def add(self, code: str, message: str, fix: str, *, path: str = "") -> None:
        """Add a note; beyond MOST_NOTES it is dropped."""
        if len(self) < MOST_NOTES:
            self.append(Problem(code=code, message=message, fix=fix, path=path, severity=Severity.WARNING))


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text inside changed, keys too."""
    if value.__class__ is str:  # no member of an enumeration
        return change(value)
    if value.__class__ is dict:
        return {change(key): map_texts(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [map_texts(inner, change) for inner in value]
    return value
