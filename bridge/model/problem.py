"""Findings about what a user wrote: a mapping, a preset, a setting, an event that could not be mapped."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final


class Severity(StrEnum):
    """An error stops the file from running; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about a user's file, a setting or an event: what is wrong, where, and what to do.

    `code` is a stable word for programs (`unknown_key`). `value` is the offending value as text, empty where there
    is none or where it must not be shown. `line` and `column` count from 1; 0 means unknown.
    """

    code: str
    message: str
    fix: str = ""
    path: str = ""
    value: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    severity: Severity = Severity.ERROR

    def as_json(self) -> dict[str, Any]:
        """The problem as a JSON object; parts that are not known are left out."""
        parts = {name: getattr(self, name) for name in _PARTS}
        return {name: value for name, value in parts.items() if value not in ("", 0)}


def internal_problem(error: Exception, where: str, *, file: str = "", fix: str) -> Problem:
    """What is said of a failure of our own code at `where`; the error's text may hold personal data and is left out."""
    message = f"Leadbridge itself failed ({type(error).__name__} in {where})"
    return Problem(code="internal", message=message, file=file, fix=fix)


_PARTS: Final = tuple(part.name for part in fields(Problem))
