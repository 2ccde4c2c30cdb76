"""One event on its way through a mapping: what may be looked up in it, and what is noted on the way."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import MISSING
from bridge.model import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.model import Answer, Event, Question

    Source = Callable[["Run"], Any]
    Condition = Callable[["Run"], bool]
    Step = Callable[[Any, "Run"], Any]

ROOTS: Final = ("id", "type", "kind", "at", "contact", "answers", "tracking", "body", "request")
"""The names a path may start with."""

_EDGE: Final = "?:*.! \t"


class ShapeError(Exception):
    """A value cannot be brought into the form a verb asks for. The field is left out, or the event refused."""

    def __init__(self, code: str, message: str, cure: str = "", *, refuse: bool = False) -> None:
        self.code, self.cure, self.refuse = code, cure, refuse
        super().__init__(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a part of a mapping stands, so that a finding about an event can point at it."""

    file: str
    path: str
    line: int
    column: int

    def problem(self, code: str, message: str, cure: str = "", severity: Severity = Severity.ERROR) -> Problem:
        """A finding about an event at this place. It never holds a value of the event: that may be personal."""
        return Problem(
            code=code,
            message=message,
            cure=cure,
            path=self.path,
            file=self.file,
            line=self.line,
            column=self.column,
            severity=severity,
        )


@dataclass(slots=True, kw_only=True)
class Run:
    """Holds one event while it is mapped. `problems` refuse it, `warnings` do not.

    `missed` are the questions the mapping names and the form does not have, or has twice.
    """

    event: Event
    scope: dict[str, Any]
    answers: Answers
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def warn(self, place: Place, code: str, message: str, cure: str = "") -> None:
        """Note something that does not stop the event."""
        self.warnings.append(place.problem(code, message, cure, Severity.WARNING))

    def refuse(self, place: Place, code: str, message: str, cure: str = "") -> None:
        """Note something for which the event is refused."""
        self.problems.append(place.problem(code, message, cure))


class Answers:
    """An event's answers, found by the sender's key or by the question's label."""

    __slots__ = ("_by_label", "_event", "by_key")

    def __init__(self, event: Event) -> None:
        self._event = event
        self.by_key: dict[str, Answer] = {answer.key: answer for answer in event.answers}
        self._by_label: dict[str, list[Answer]] | None = None

    def find(self, name: str, label: str) -> tuple[Answer, ...]:
        """The answers that `name` may mean: one by its key, else all whose label (or key) normalises to `label`."""
        answer = self.by_key.get(name)
        if answer is not None:
            return (answer,)
        if self._by_label is None:
            self._by_label = _by_label(self._event.answers)
        return tuple(self._by_label.get(label, ()))

    def is_asked(self, name: str, label: str) -> bool:
        """False only if the sender tells its questions and this one is not among them."""
        asked = self._event.asked
        return asked is None or any(_is_named(question, name, label) for question in asked)

    def names(self) -> list[str]:
        """The questions of the form as people know them: the label, or the key where there is none."""
        known = self._event.asked if self._event.asked is not None else self._event.answers
        return [question.label or question.key for question in known]

    def as_object(self) -> dict[str, Any]:
        """Every answer's value under its key and, where that is free, under its label."""
        values = {answer.key: answer.value for answer in self._event.answers}
        for answer in self._event.answers:
            if answer.label:
                values.setdefault(answer.label, answer.value)
        return values


def _is_named(question: Question, name: str, label: str) -> bool:
    return question.key == name or label in (normal_label(question.label), normal_label(question.key))


def _by_label(answers: tuple[Answer, ...]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = {}
    for answer in answers:
        for label in {normal_label(answer.label), normal_label(answer.key)} - {""}:
            found.setdefault(label, []).append(answer)
    return found


@lru_cache(maxsize=4096)
def normal_label(label: str) -> str:
    """A question's text without regard to letter case, spaces, Unicode form and punctuation at its edges."""
    return " ".join(unicodedata.normalize("NFC", label).casefold().split()).strip(_EDGE)


def begin(event: Event) -> Run:
    """A run over `event`, with everything a path may start with."""
    answers = Answers(event)
    contact = event.contact
    scope = {
        "id": MISSING if event.id is None else event.id,
        "type": MISSING if event.type is None else event.type,
        "kind": str(event.kind),
        "at": MISSING if event.at is None else event.at,
        "contact": {
            "email": contact.email,
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "full_name": contact.full_name,
            "phone": contact.phone,
            "company": contact.company,
        },
        "answers": answers.as_object(),
        "tracking": event.tracking,
        "body": event.body,
        "request": event.request,
    }
    return Run(event=event, scope=scope, answers=answers)
