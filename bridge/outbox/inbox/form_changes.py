"""Forms that change under their mappings: the questions that a hook's form asks, and those it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.expressions import LONGEST
from bridge.outbox.engine.text import storable
from bridge.outbox.engine.transaction import from_row
from bridge.outbox.registry.hooks import hook_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.outbox.engine.database import Outbox

MAX_QUESTIONS = 1_000
"""Of one hook: a sender that invents labels without end fills no table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A question that a mapping names and its form does not have.

    `place` is where the mapping names it, `closest` the form's question that is most likely meant.
    """

    hook: str
    question: str
    place: str
    closest: str
    mapping_set_id: int | None
    first_at: int
    last_at: int


def note_questions(outbox: Outbox, hook: str, labels: Iterable[str]) -> Mapping[str, int]:
    """Remember which questions a form asks; all that are known of the hook, with when each was first seen.

    What this process knows already costs nothing: it reads and writes only when a question is new to it. A text longer
    than LONGEST is no question's, and is not stored.
    """
    known: dict[str, int] = outbox.of_this_process(f"questions of {hook}", lambda: _questions(outbox, hook))
    named = dict.fromkeys(storable(label) for label in labels if len(label) <= LONGEST)
    new = [label for label in named if label not in known][: max(0, MAX_QUESTIONS - len(known))]
    if new:
        number = hook_id(outbox, hook)
        with outbox.write() as transaction:
            now = transaction.now()
            rows = [{"hook_id": number, "label": label, "now": now} for label in sorted(new)]
            transaction.run_many("add_question", rows)
        known |= dict.fromkeys(new, now)
    return known


def note_optional(outbox: Outbox, hook: str, labels: Iterable[str]) -> None:
    """Remember, over restarts, that submissions come without these questions, so that their absence is no drift."""
    number = hook_id(outbox, hook)
    with outbox.write() as transaction:
        rows = [{"hook_id": number, "label": label, "now": transaction.now()} for label in sorted(labels)]
        transaction.run_many("note_optional", rows)


def optional_questions(outbox: Outbox, hook: str) -> frozenset[str]:
    """The questions that submissions come without, as all processes have noticed."""
    with outbox.read() as transaction:
        return frozenset(row["label"] for row in transaction.rows("optional_questions", hook=hook))


def note_drift(
    outbox: Outbox, hook: str, question: str, *, place: str, closest: str, mapping_set_id: int | None
) -> None:
    """Remember that the form lacks a question of the mapping. To be called for some of its events, not for each."""
    number = hook_id(outbox, hook)
    with outbox.write() as transaction:
        transaction.run(
            "note_drift",
            hook_id=number,
            question=question,
            place=place,
            closest=closest,
            mapping_set_id=mapping_set_id,
            now=transaction.now(),
        )


def drifts(outbox: Outbox) -> tuple[Drift, ...]:
    """Every drift that was noted lately, fixed ones included."""
    with outbox.read() as transaction:
        return tuple(from_row(Drift, row) for row in transaction.rows("drifts"))


def _questions(outbox: Outbox, hook: str) -> dict[str, int]:
    with outbox.read() as transaction:
        return {row["label"]: row["first_at"] for row in transaction.rows("questions", hook=hook)}
