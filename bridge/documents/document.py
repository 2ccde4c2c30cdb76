"""A YAML file that was read: its data, and where in the file each of its parts stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bridge.model import Problem, Severity

Path = tuple[str | int, ...]
"""The way to a part of a document: keys and positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed file: its data, and for each path the line and column of the value and of its key, and its own text."""

    file: str
    lines: tuple[str, ...] = ()
    data: Any = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    found: list[Problem] = field(default_factory=list)

    def text(self, path: Path) -> str:
        """The scalar at `path` exactly as written, without its quotes."""
        return self.texts.get(path, "")

    def problem(
        self,
        path: Path,
        code: str,
        message: str,
        *,
        fix: str = "",
        value: str = "",
        at_key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A finding about the part at `path`; where that has no place of its own, its nearest parent's is given."""
        line, column = self.place(path, at_key=at_key)
        return Problem(
            code=code,
            message=message,
            fix=fix,
            path=path_text(path),
            value=value,
            file=self.file,
            line=line,
            column=column,
            severity=severity,
        )

    def place(self, path: Path, *, at_key: bool = False) -> tuple[int, int]:
        """Line and column of the part at `path` (of its key if `at_key`), or of the nearest part that holds it."""
        if at_key and path in self.keys:
            return self.keys[path]
        for length in range(len(path), -1, -1):
            if path[:length] in self.values:
                return self.values[path[:length]]
        return (1, 1)


def path_text(path: Path) -> str:
    """A path as people read it: `actions[0].subscribe.list`, `lead["First Name"]` as `lead.First Name`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
