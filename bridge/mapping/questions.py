"""The questions of a form, found as a mapping names them: by the sender's key, by the question's text, by an alias."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bridge.model import Answer, Question

    Named = tuple[str, str, tuple[str, ...]]
    Form = tuple[tuple[Question, ...], frozenset[tuple[str, bool]]]

FEW: Final = 200
"""Forms with more questions than this are not kept in memory."""

MOST_FORMS: Final = 256
"""No more forms than this are."""

_EDGE: Final = "?:*.! \t"
_NAMES: Final = attrgetter("key", "label", "aliases")


class Positions(dict[str, tuple[int, ...]]):
    """Where the answers stand that a name may mean: one by its key, else all whose label (or key) is alike.

    Aliases count only where no label does. What one event of a form asked for stands ready for the next one.
    """

    __slots__ = ("_alike", "_keys")

    def __init__(self, form: tuple[Named, ...]) -> None:
        super().__init__()
        self._keys = {key: number for number, (key, _, _) in enumerate(form)}
        self._alike = _alike(form)

    def __missing__(self, name: str) -> tuple[int, ...]:
        at = self._keys.get(name)
        found = self._alike.get(normal_label(name), ()) if at is None else (at,)
        self[name] = found  # the names are those in mappings, never a sender's: they are few
        return found


def answered(answers: Sequence[Answer]) -> Positions:
    """Where each of these answers stands, by name. Answers named alike, as those of one form are, share it."""
    form = tuple(map(_NAMES, answers))
    return _positions(form) if len(form) <= FEW else Positions(form)


_positions: Final = lru_cache(maxsize=MOST_FORMS)(Positions)


def is_asked(asked: tuple[Question, ...] | None, name: str) -> bool:
    """False only if the sender tells its questions (`asked` is not None) and this one is not among them."""
    if asked is None:
        return True
    known = _known_forms.get(id(asked))
    if known is None or known[0] is not asked:
        known = asked, _names_of(asked)
        _remember(known)
    return (name, False) in known[1] or (normal_label(name), True) in known[1]


_known_forms: Final[dict[int, Form]] = {}
"""The names of forms by the identity of their questions, which the events of a form share."""


def _remember(form: Form) -> None:
    if len(_known_forms) >= MOST_FORMS:
        _known_forms.clear()
    if len(form[0]) <= FEW:
        _known_forms[id(form[0])] = form


def _names_of(asked: Sequence[Question]) -> frozenset[tuple[str, bool]]:
    """The keys of a form's questions, and with True, all names of theirs in the normal form."""
    names = {(question.key, False) for question in asked}
    for question in asked:
        names |= {(normal_label(name), True) for name in (question.key, question.label, *question.aliases)}
    return frozenset(names)


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


def _alike(form: tuple[Named, ...]) -> dict[str, tuple[int, ...]]:
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
