"""What is held while a mapping's YAML becomes functions: the document and all that was found wrong so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.mapping.context import Place
from bridge.model import Kind, Problem, Severity

if TYPE_CHECKING:
    from bridge.documents import Document, Path
    from bridge.model import Edit


@dataclass(slots=True, kw_only=True)
class Build:
    """The document being read, its problems, its questions, headers and query names, and whether it has an `each`.

    `kinds` are those that the preset can give its events.
    """

    document: Document
    problems: list[Problem] = field(default_factory=list)
    broken: list[Path] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    has_each: bool = False
    kinds: frozenset[Kind] = frozenset(Kind)

    def add(
        self,
        path: Path,
        code: str,
        message: str,
        fix: str = "",
        *,
        value: str = "",
        at_key: bool = False,
        edit: Edit | None = None,
    ) -> None:
        """Note an error of the file."""
        found = self.document.problem(path, code, message, fix=fix, value=value, at_key=at_key, edit=edit)
        self.problems.append(found)

    def warn(self, path: Path, code: str, message: str, fix: str = "", *, value: str = "") -> None:
        """Note something of the file that lets it run."""
        found = self.document.problem(path, code, message, fix=fix, value=value, severity=Severity.WARNING)
        self.problems.append(found)

    def is_broken(self, path: Path) -> bool:
        """True where the schema found an error at `path` or below: there is nothing to compile."""
        return any(broken[: len(path)] == path for broken in self.broken)

    def text(self, path: Path, value: Any) -> str:
        """A scalar as it was written: 007 stays 007. `value` is its parsed form, used where no text is known."""
        return self.document.texts.get(path, str(value))

    def place(self, path: Path) -> Place:
        """Where the part at `path` stands, for findings about events."""
        found = self.document.problem(path, "", "")
        return Place(file=found.file, path=found.path, line=found.line, column=found.column)
