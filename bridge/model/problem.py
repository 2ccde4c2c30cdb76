"""Findings about what a user wrote: a mapping, a preset, a setting, an event that could not be mapped."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence


class Severity(StrEnum):
    """An error stops the file from running; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of a file: what stands from `line` and `column` up to the end (excluded) is replaced by `text`.

    Lines and columns count from 1. Where both places are the same, `text` is inserted.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str

    def apply(self, file_text: str) -> str:
        """The text of a file after the change."""
        lines = file_text.splitlines()
        lines += [""] * (max(self.line, self.end_line) - len(lines))
        before, after = lines[self.line - 1][: self.column - 1], lines[self.end_line - 1][self.end_column - 1 :]
        return "\n".join([*lines[: self.line - 1], before + self.text + after, *lines[self.end_line :]]) + "\n"

    def result(self, lines: Sequence[str]) -> str:
        """The changed lines as they are afterwards, without what stands before and behind them."""
        changed = self.apply("\n".join(lines)).splitlines()
        until = len(changed) - (len(lines) - self.end_line)
        return "\n".join(changed[self.line - 1 : until])


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about a user's file, a setting or an event: what is wrong, where, and what to do.

    `code` is a stable word for programs (`unknown_key`). `value` is the offending value as text, empty where there
    is none or where it must not be shown. `line` and `column` count from 1; 0 means unknown. `edit` is the fix as a
    change of the file, None where only a person can know it; `advice` is the fix where that edit is not to be had.
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
    edit: Edit | None = None
    advice: str = ""

    def as_json(self) -> dict[str, Any]:
        """The problem as a JSON object; unknown parts are left out."""
        parts = {name: getattr(self, name) for name in _PARTS}
        shown = {name: value for name, value in parts.items() if value not in ("", 0, None)}
        return shown if self.edit is None else shown | {"edit": asdict(self.edit)}


def internal_problem(error: Exception, where: str, *, file: str = "", fix: str) -> Problem:
    """What is said of a failure of our own code at `where`; the error's text may hold personal data and is left out."""
    message = f"Leadbridge itself failed ({type(error).__name__} in {where})"
    return Problem(code="internal", message=message, file=file, fix=fix)


_PARTS: Final = tuple(part.name for part in fields(Problem) if part.name != "advice")
