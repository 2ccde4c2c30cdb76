"""The questions of a form, found as a mapping names them: by the sender's key, by the question's text, by an alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import MISSING, normal_label
from bridge.expressions.name_cache import NameCache
from bridge.model import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bridge.model import Question

    Named = tuple[str, str, tuple[str, ...]]


class Positions(dict[str, tuple[int, ...]]):
    """Where the answers stand that a name may mean: those of this key, else all whose label (or key) is alike, also as
    PHP writes it.

    Aliases count only where no label does. What one event of a form asked for stands ready for the next one.
    """

    __slots__ = ("_alike", "_keys", "size")

    def __init__(self, columns: tuple[Any, ...]) -> None:
        super().__init__()
        named = list(zip(*columns, strict=True))
        self._keys: dict[str, list[int]] = {}
        for number, (key, _, _) in enumerate(named):
            self._keys.setdefault(key, []).append(number)
        self._alike = _alike(named)
        self.size = 100 + sum(len(key) + len(label) + sum(map(len, aliases)) for key, label, aliases in named)

    def __missing__(self, name: str) -> tuple[int, ...]:
        alike = normal_label(name)
        found = tuple(self._keys.get(name, ())) or self._alike.get(alike) or self._alike.get(_by_php(alike), ())
        self[name] = found  # the names are those in mappings, never a sender's: they are few
        return found


def _by_php(name: str) -> str:
    """As PHP names the field of a label: https://www.php.net/manual/en/language.variables.external.php."""
    return name.replace(" ", "_").replace(".", "_")


def answered(answers: Sequence[Answer]) -> Positions:
    """Where each of these answers stands, by name. Events of one form share it."""
    return _positions[tuple(zip(*answers, strict=True))[::2]]  # keys, labels and aliases


def among_questions(questions: Iterable[Question]) -> Positions:
    """The same of questions."""
    return answered([Answer(one.key, None, one.label, "", one.aliases) for one in questions])


_positions: Final = NameCache[tuple[Any, ...], Positions](Positions)


def shown_names(questions: Iterable[Answer | Question]) -> list[str]:
    """The questions as people know them: the label, or the key where there is none."""
    return [question.label or question.key for question in questions]


def by_every_name(answers: Sequence[Answer]) -> dict[str, Any]:
    """Every answer's value under its key and, where they are free, under its label and its aliases."""
    by_key: dict[str, list[Any]] = {}
    for answer in answers:
        by_key.setdefault(answer.key, []).append(answer.value)
    values = {key: found[0] if len(found) == 1 else together(found) for key, found in by_key.items()}
    for answer in answers:
        if answer.label:
            values.setdefault(answer.label, answer.value)
    for answer in answers:
        for alias in answer.aliases:
            values.setdefault(alias, answer.value)
    return values


def one_value(answers: Sequence[Answer]) -> Any:
    """The value that several answers to one name come to; MISSING where they are different questions and differ.

    Answers of one key are one question, sent once for each choice: their values are a list.
    """
    values = [answer.value for answer in answers]
    if len({answer.key for answer in answers}) == 1:
        return together(values)
    return values[0] if all(value == values[0] for value in values) else MISSING


def together(values: Iterable[Any]) -> list[Any]:
    """The values of a repeated field as one list."""
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _alike(form: Sequence[Named]) -> dict[str, tuple[int, ...]]:
    """The positions for each name in its normal form: of those with this label or key, else with this alias."""
    labels: dict[str, list[int]] = {}
    others: dict[str, list[int]] = {}
    for number, (key, label, aliases) in enumerate(form):
        for name in {normal_label(label), normal_label(key)} - {""}:
            labels.setdefault(name, []).append(number)
        for name in set(map(normal_label, aliases)) - {""}:
            others.setdefault(name, []).append(number)
    return {name: tuple(numbers) for name, numbers in (others | labels).items()}
