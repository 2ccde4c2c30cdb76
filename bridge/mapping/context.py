"""One event on its way through a mapping: what may be looked up in it, and what is noted on the way."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bridge.expressions import MISSING, captions
from bridge.mapping.questions import among_questions, answered, by_every_name
from bridge.model import Contact, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.model import Event

    Source = Callable[["Run"], Any]
    Condition = Callable[["Run"], bool]
    Step = Callable[[Any, "Run"], Any]

T = TypeVar("T")

ROOTS: Final = ("id", "type", "kind", "at", "contact", "answers", "tracking", "body", "request", "item")
"""The names a path may start with; `item` is the element of the mapping's `each`."""

CONTACT_PARTS: Final = tuple(part.name for part in fields(Contact))


class FormatError(Exception):
    """A value cannot be brought into the form a verb asks for. The field is left out, or the event refused."""

    def __init__(self, code: str, message: str, fix: str = "", *, refuse: bool = False) -> None:
        self.code, self.fix, self.refuse = code, fix, refuse
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a part of a mapping stands, so that a finding about an event can point at it."""

    file: str
    path: str
    line: int
    column: int

    def problem(self, code: str, message: str, fix: str = "", severity: Severity = Severity.ERROR) -> Problem:
        """A finding about an event at this place. It never holds a value of the event: that may be personal."""
        return Problem(
            code=code,
            message=_sayable(message),
            fix=_sayable(fix),
            path=self.path,
            file=self.file,
            line=self.line,
            column=self.column,
            severity=severity,
        )


def _sayable(text: str) -> str:
    """A text that may quote a form's question, without halves of surrogate pairs: no JSON can carry them."""
    return text if text.isprintable() else text.encode("utf-8", "replace").decode()


class Run:
    """Holds one event while it is mapped. `problems` refuse it, `warnings` do not.

    `missed` are the questions the mapping names and the form does not have, or has twice.
    """

    __slots__ = ("_scope", "answered", "event", "missed", "problems", "warnings")

    def __init__(self, event: Event) -> None:
        self.event = event
        if "answered" not in event.shared:
            event.shared["answered"] = answered(event.answers)
        self.answered = event.shared["answered"]
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.missed: list[str] = []
        self._scope: dict[str, Any] | None = None

    def once(self, what: Any, make: Callable[[], T]) -> T:
        """What is made of the event once, for all leads that it holds; nothing in it may depend on `item`."""
        shared = self.event.shared
        if what not in shared:
            shared[what] = make()
        found: T = shared[what]
        return found

    def warn(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Note something that does not stop the event."""
        self.warnings.append(place.problem(code, message, fix, Severity.WARNING))

    def refuse(self, place: Place, code: str, message: str, fix: str = "") -> None:
        """Note something for which the event is refused."""
        self.problems.append(place.problem(code, message, fix))

    def is_asked(self, name: str) -> bool:
        """False only if the sender lists its questions and none of them is named so."""
        questions = self.event.questions
        return questions is None or bool(self.once("asked", lambda: among_questions(questions))[name])

    def answers(self) -> Mapping[str, Any]:
        """Every answer's value under each of its names; made when first asked for, as `scope` is."""
        return self.once("answers", lambda: by_every_name(self.event.answers))

    def captions(self) -> Mapping[str, str]:
        """The texts of answered questions by their keys, where answers are not known by their texts."""
        return self.once("captions", lambda: captions(self.event))

    def scope(self) -> Mapping[str, Any]:
        """Everything that an expression may start with."""
        if self._scope is None:
            self._scope = {name: root(name, self) for name in ROOTS}
        return self._scope


def root(name: str, run: Run) -> Any:
    """What a path finds that starts at this name; one of ROOTS."""
    event = run.event
    match name:
        case "contact":
            return {part: getattr(event.contact, part) for part in CONTACT_PARTS}
        case "answers":
            return run.answers()
        case "item":
            return MISSING if event.part is None else event.part
        case "kind":
            return str(event.kind)
    value = getattr(event, name)
    return MISSING if value is None and name in ("id", "type", "at") else value
