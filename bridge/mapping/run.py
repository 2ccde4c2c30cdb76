"""One event on its way through a mapping: what may be looked up in it, and what is noted on the way."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import MISSING
from bridge.model import Contact, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.model import Answer, Event, Question

    Source = Callable[["Run"], Any]
    Condition = Callable[["Run"], bool]
    Step = Callable[[Any, "Run"], Any]

ROOTS: Final = ("id", "type", "kind", "at", "contact", "answers", "tracking", "body", "request", "item")
"""The names a path may start with; `item` is the element of the mapping's `each`."""

FEW: Final = 200
"""Forms with more questions than this are not kept in memory."""

_EDGE: Final = "?:*.! \t"
CONTACT_PARTS: Final = tuple(part.name for part in fields(Contact))


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
            message=_sayable(message),
            cure=_sayable(cure),
            path=self.path,
            file=self.file,
            line=self.line,
            column=self.column,
            severity=severity,
        )


def _sayable(text: str) -> str:
    """A text that may quote a form's question, without halves of surrogate pairs: no JSON can carry them."""
    return text if text.isprintable() else text.encode("utf-8", "replace").decode()


@dataclass(slots=True, kw_only=True)
class Run:
    """Holds one event while it is mapped. `problems` refuse it, `warnings` do not.

    `missed` are the questions the mapping names and the form does not have, or has twice.
    """

    event: Event
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
    """An event's answers, found by the sender's key, by the question's label, or by an alias."""

    __slots__ = ("_event", "_index", "by_key")

    def __init__(self, event: Event) -> None:
        self._event = event
        self.by_key: dict[str, Answer] = {answer.key: answer for answer in event.answers}
        self._index: Mapping[str, tuple[int, ...]] | None = None

    def find(self, name: str, label: str) -> tuple[Answer, ...]:
        """The answers that `name` may mean: one by its key, else all whose label (or key) normalises to `label`.

        Aliases count only where no label does.
        """
        answer = self.by_key.get(name)
        if answer is not None:
            return (answer,)
        answers = self._event.answers
        if self._index is None:
            index = _indexed if len(answers) <= FEW else _indexed.__wrapped__
            self._index = index(tuple([(answer.label, answer.key, answer.aliases) for answer in answers]))
        return tuple(answers[number] for number in self._index.get(label, ()))

    def is_asked(self, name: str, label: str) -> bool:
        """False only if the sender tells its questions and this one is not among them."""
        asked = self._event.asked
        return asked is None or any(_is_named(question, name, label) for question in asked)

    def names(self) -> list[str]:
        """The questions of the form as people know them: the label, or the key where there is none."""
        known = self._event.asked if self._event.asked is not None else self._event.answers
        return [question.label or question.key for question in known]

    def as_object(self) -> dict[str, Any]:
        """Every answer's value under its key and, where they are free, under its label and its aliases."""
        values = {answer.key: answer.value for answer in self._event.answers}
        for answer in self._event.answers:
            if answer.label:
                values.setdefault(answer.label, answer.value)
        for answer in self._event.answers:
            for alias in answer.aliases:
                values.setdefault(alias, answer.value)
        return values


def _is_named(question: Question, name: str, label: str) -> bool:
    names = (question.label, question.key, *question.aliases)
    return question.key == name or label in map(normal_label, names)


@lru_cache(maxsize=256)
def _indexed(named: tuple[tuple[str, str, tuple[str, ...]], ...]) -> Mapping[str, tuple[int, ...]]:
    """The positions of the answers for each name in its normal form: of those with this label or key, else alias.

    Kept for the next event, since the answers of one form are named alike.
    """
    labels: dict[str, tuple[int, ...]] = {}
    others: dict[str, tuple[int, ...]] = {}
    for number, (label, key, aliases) in enumerate(named):
        for name in {normal_label(label), normal_label(key)} - {""}:
            labels[name] = (*labels.get(name, ()), number)
        for name in set(map(normal_label, aliases)) - {""}:
            others[name] = (*others.get(name, ()), number)
    return others | labels


@lru_cache(maxsize=4096)
def normal_label(label: str) -> str:
    """A question's text without regard to letter case, spaces, Unicode form and punctuation at its edges."""
    return " ".join(unicodedata.normalize("NFC", label).casefold().split()).strip(_EDGE)


def begin(event: Event) -> Run:
    """A run over `event`."""
    return Run(event=event, answers=Answers(event))


def root(name: str, run: Run) -> Any:
    """What a path finds that starts at this name; one of ROOTS."""
    event = run.event
    match name:
        case "contact":
            return {part: getattr(event.contact, part) for part in CONTACT_PARTS}
        case "answers":
            return run.answers.as_object()
        case "item":
            return MISSING if event.part is None else event.part
        case "kind":
            return str(event.kind)
    value = getattr(event, name)
    return MISSING if value is None and name in ("id", "type", "at") else value


def scope(run: Run) -> dict[str, Any]:
    """Everything that an expression may start with."""
    return {name: root(name, run) for name in ROOTS}
