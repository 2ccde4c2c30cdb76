"""A YAML file that was read: its data, and where in the file each of its parts stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bridge.model import Edit, Problem, Severity

Path = tuple[str | int, ...]
"""The way to a part of a document: keys and positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed file: its data, and for each path where its value starts and ends, where its key is, and its text."""

    file: str
    lines: tuple[str, ...] = ()
    data: Any = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    ends: dict[Path, tuple[int, int]] = field(default_factory=dict)
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
        edit: Edit | None = None,
        advice: str = "",
    ) -> Problem:
        """A finding about the part at `path`; where that has no place of its own, its nearest parent's is given.

        Without `fix`, it is what the `edit` makes of its lines.
        """
        line, column = self.place(path, at_key=at_key)
        return Problem(
            code=code,
            message=message,
            fix=fix or (self.shown(edit) if edit is not None else ""),
            path=path_text(path),
            value=value,
            file=self.file,
            line=line,
            column=column,
            severity=severity,
            edit=edit,
            advice=advice,
        )

    def shown(self, edit: Edit) -> str:
        """An edit as a sentence: the lines that it makes."""
        made = edit.result(self.lines).splitlines()
        return f"write {made[0].strip()}" if len(made) == 1 else "\n    ".join(["write", *made])

    def at_value(self, path: Path, text: str) -> Edit | None:
        """The edit that puts `text` in the place of the value at `path`."""
        start = self.values.get(path)
        is_null = start is not None and start == self.ends.get(path)
        is_bare = is_null and start is not None and self.lines[start[0] - 1][: start[1] - 1].endswith(":")
        return self._between(start, self.ends.get(path), f" {text}" if is_bare else text)

    def at_entry(self, path: Path, text: str) -> Edit | None:
        """The edit that puts `text` in the place of a key and its value."""
        return self._between(self.keys.get(path), self.ends.get(path), text)

    def at_key(self, path: Path, text: str) -> Edit | None:
        """The edit that puts `text` in the place of the key at `path`."""
        start, key = self.keys.get(path), str(path[-1])
        if start is None or not self.lines[start[0] - 1].startswith(key, start[1] - 1):
            return None  # it is written with quotes or escapes
        return self._between(start, (start[0], start[1] + len(key)), text)

    def without(self, path: Path) -> Edit | None:
        """The edit that removes an entry of a block, with its lines."""
        start, end = self.keys.get(path) or self.values.get(path), self.ends.get(path)
        if start is None or end is None or self.lines[start[0] - 1][: start[1] - 1].strip(" "):
            return None  # it stands between braces, or behind a dash
        return Edit(line=start[0], column=1, end_line=end[0] + 1, end_column=1, text="")

    def at_line(self, line: int, text: str) -> Edit:
        """The edit that puts a line of its own before this one."""
        return Edit(line=line, column=1, end_line=line, end_column=1, text=text + "\n")

    def source(self, path: Path) -> str:
        """The value at `path` as it is written, without what follows it."""
        start, end = self.values[path], self.ends[path]
        if start[0] == end[0]:
            return self.lines[start[0] - 1][start[1] - 1 : end[1] - 1]
        inner = self.lines[start[0] : end[0] - 1]
        return "\n".join([self.lines[start[0] - 1][start[1] - 1 :], *inner, self.lines[end[0] - 1][: end[1] - 1]])

    def _between(self, start: tuple[int, int] | None, end: tuple[int, int] | None, text: str) -> Edit | None:
        if start is None or end is None or end < start:
            return None
        return Edit(line=start[0], column=start[1], end_line=end[0], end_column=end[1], text=text)

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
