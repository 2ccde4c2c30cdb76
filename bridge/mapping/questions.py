"""The questions of a form, found as a mapping names them: by the sender's key, by the question's text, by an alias."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bridge.model import Answer, Question

    Named = tuple[str, str, tuple[str, ...]]

FEW: Final = 200
"""Forms with more questions than this are not kept in memory."""

MOST_FORMS: Final = 256
"""No more forms than this are."""

_EDGE: Final = "?:*.! \t"


class Positions(dict[str, tuple[int, ...]]):
    """Where the answers stand that a name may mean: one by its key, else all whose label (or key) is alike.

    Aliases count only where no label does. What one event of a form asked for stands ready for the next one.
    """

    __slots__ = ("_alike", "_keys")

    def __init__(self, form: tuple[Any, ...]) -> None:
        super().__init__()
        named = list(zip(form[::3], form[1::3], form[2::3], strict=True))
        self._keys = {key: number for number, (key, _, _) in enumerate(named)}
        self._alike = _alike(named)

    def __missing__(self, name: str) -> tuple[int, ...]:
        at = self._keys.get(name)
        found = self._alike.get(normal_label(name), ()) if at is None else (at,)
        self[name] = found  # the names are those in mappings, never a sender's: they are few
        return found


def answered(answers: Sequence[Answer]) -> Positions:
    """Where each of these answers stands, by name. Answers named alike, as those of one form are, share it."""
    form: list[Any] = []  # key, label and aliases of each in a row: the cheapest to compare
    for answer in answers:
        form += (answer.key, answer.label, answer.aliases)
    return _positions(tuple(form)) if len(answers) <= FEW else Positions(tuple(form))


_positions: Final = lru_cache(maxsize=MOST_FORMS)(Positions)


class Asked(dict[str, bool]):
    """Whether a form asks a question of this name: by its exact key, or by any name of it that is alike."""

    __slots__ = ("_keys", "_names", "questions")

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__()
        self.questions = questions
        self._keys = {question.key for question in questions}
        names = [name for question in questions for name in (question.key, question.label, *question.aliases)]
        self._names = set(map(normal_label, names))

    def __missing__(self, name: str) -> bool:
        found = self[name] = name in self._keys or normal_label(name) in self._names
        return found


def is_asked(questions: Sequence[Question] | None, name: str) -> bool:
    """False only if the sender tells its questions (they are not None) and this one is not among them."""
    if questions is None:
        return True
    asked = _asked_lately.get(id(questions))
    if asked is None or asked.questions is not questions:
        asked = Asked(questions)
        if len(_asked_lately) >= MOST_FORMS:
            _asked_lately.clear()
        if len(questions) <= FEW:
            _asked_lately[id(questions)] = asked
    return asked[name]


_asked_lately: Final[dict[int, Asked]] = {}
"""By the identity of their questions, which the events of a form share."""


def shown_names(questions: Iterable[Answer | Question]) -> list[str]:
    """The questions as people know them: the label, or the key where there is none."""
    return [question.label or question.key for question in questions]


def by_every_name(answers: Sequence[Answer]) -> dict[str, Any]:
    """Every answer's value under its key and, where they are free, under its label and its aliases."""
    values = {answer.key: answer.value for answer in answers}
    for answer in answers:
        if answer.label:
            values.setdefault(answer.label, answer.value)
    for answer in answers:
        for alias in answer.aliases:
            values.setdefault(alias, answer.value)
    return values


def _alike(form: Sequence[Named]) -> dict[str, tuple[int, ...]]:
    """The positions for each name in its normal form: of those with this label or key, else with this alias."""
    labels: dict[str, tuple[int, ...]] = {}
    others: dict[str, tuple[int, ...]] = {}
    for number, (key, label, aliases) in enumerate(form):
        for name in {normal_label(label), normal_label(key)} - {""}:
            labels[name] = (*labels.get(name, ()), number)
        for name in set(map(normal_label, aliases)) - {""}:
            others[name] = (*others.get(name, ()), number)
    return others | labels


@lru_cache(maxsize=4096)
def normal_label(label: str) -> str:
    """A question's text without regard to letter case, spaces, Unicode form and punctuation at its edges."""
    return " ".join(unicodedata.normalize("NFC", label).casefold().split()).strip(_EDGE)
