"""Noticing on the first event that a form has changed under its mapping: a question that the mapping names is gone."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from bridge import log
from bridge.errors import OutboxError
from bridge.expressions import LONGEST
from bridge.mapping.questions import answered
from bridge.model import DAY_MS, MINUTE_MS, Answer, EventState, Question
from bridge.outbox import inbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.mapping import HookMapping, Mapped
    from bridge.model import Event
    from bridge.outbox import Outbox

NOTED_EVERY_MS: Final = MINUTE_MS
MOST_SEEN: Final = 64
"""So many sets of a hook's keys are remembered as known: a form of a few optional questions has no more."""

NEW_MS: Final = 7 * DAY_MS
"""A question that the form asks for no longer than this is a likelier new name of one that is gone."""


def note_forms(
    store: Outbox,
    mapping: HookMapping,
    mapped: Sequence[tuple[Event, Mapped]],
    *,
    mapping_set_id: int | None,
    now: int,
) -> None:
    """Remember which questions a request's forms asked, and which of the mapping's they lack.

    A sender that does not list its questions is judged by its keys, see `_note_renamed`.

    The request is stored and answered whatever happens here. A drift is written once a minute at most. A form that is
    the very one seen last is known already.
    """
    last: dict[str, tuple[Question, ...]] = store.of_this_process("forms seen last", dict)
    try:
        for event, result in mapped:
            if event.questions is None:
                _note_renamed(store, mapping, event, result, mapping_set_id=mapping_set_id, now=now)
                continue
            if event.questions is last.get(mapping.name) and not result.missed:
                continue
            questions = tuple(question.label or question.key for question in event.questions)
            known = inbox.note_questions(store, mapping.name, questions)
            for question in result.missed:
                _note(store, mapping, result, question, questions, known, mapping_set_id=mapping_set_id, now=now)
            last[mapping.name] = event.questions
    except OutboxError as error:
        log.get_logger().warning("outbox.unavailable", error=str(error), hook=mapping.name)


def closest(question: str, questions: Sequence[str], used: Sequence[str], known: Mapping[str, int], *, now: int) -> str:
    """The form's question that was most likely meant: among those no mapping uses, a new one, and the most alike."""
    free = [label for label in questions if label not in used and len(label) <= LONGEST]
    new = _new(free, known, now)
    candidates = new or free
    return max(candidates, key=lambda label: _likeness(label, question), default="")


def _note_renamed(
    store: Outbox, mapping: HookMapping, event: Event, result: Mapped, *, mapping_set_id: int | None, now: int
) -> None:
    """Note a key that came before and is absent, in an event with a key that is new: it was renamed, most likely.

    A key that is absent without a new one next to it, or that comes again, is optional and is never noted. What was
    learned of optional keys is stored, for the processes of today and after a restart.
    """
    if result.state is EventState.IGNORED or not mapping.questions:
        return
    named = (answer.label or answer.key for answer in event.answers)
    keys = tuple([key for key in named if "@" not in key])  # an address is a person, and is neither stored nor logged
    seen: set[tuple[str, ...]] = store.of_this_process(f"keys seen of {mapping.name}", set)
    optional: set[str] = store.of_this_process(f"optional keys of {mapping.name}", set)
    noted, places = _noted(store), answered(event.answers)
    absent = [name for name in mapping.questions if not places[name] and name not in optional]
    again = [name for name in mapping.questions if places[name] and name not in optional] if noted else []
    again = [name for name in again if (mapping.name, name) in noted]
    if keys in seen and not absent and not again:
        return
    if len(seen) >= MOST_SEEN:
        seen.clear()
    seen.add(keys)
    known = inbox.note_questions(store, mapping.name, keys)
    came = answered([Answer(key, None) for key in known])
    labels = {name: list(known)[came[name][0]] for name in (*absent, *again) if came[name]}
    new = _new([key for key in keys if key in known and key not in mapping.questions], known, now)
    learned = again if new else absent + again
    optional.update(learned)
    if learned_labels := {labels[name] for name in learned if name in labels}:
        inbox.note_optional(store, mapping.name, learned_labels)
    renamed = [name for name in absent if name in labels] if new else []
    stored = inbox.optional_questions(store, mapping.name) if renamed else frozenset()
    for name in renamed:
        if labels[name] in stored:
            optional.add(name)
        else:
            _note(store, mapping, result, name, new, known, mapping_set_id=mapping_set_id, now=now)


def _note(
    store: Outbox,
    mapping: HookMapping,
    result: Mapped,
    question: str,
    questions: Sequence[str],
    known: Mapping[str, int],
    *,
    mapping_set_id: int | None,
    now: int,
) -> None:
    noted = _noted(store)
    if now - noted.get((mapping.name, question), 0) < NOTED_EVERY_MS:
        return
    noted[mapping.name, question] = now
    place = _place(mapping, result, question)
    close = closest(question, questions, mapping.questions, known, now=now)
    inbox.note_drift(store, mapping.name, question, place=place, closest=close, mapping_set_id=mapping_set_id)
    log.get_logger().warning("mapping.drifted", hook=mapping.name, question=question, closest=close, place=place)


def _noted(store: Outbox) -> dict[tuple[str, str], int]:
    """When a drift was noted last, by hook and question; those of former processes too."""
    noted: dict[tuple[str, str], int] = store.of_this_process(
        "drifts noted", lambda: {(drift.hook, drift.question): drift.last_at for drift in inbox.drifts(store)}
    )
    return noted


def _place(mapping: HookMapping, result: Mapped, question: str) -> str:
    """Where the mapping names the question: the finding about it has the line, if there is one."""
    for problem in (*result.warnings, *result.problems):
        if repr(question) in problem.message:
            return f"{problem.file}:{problem.line}" if problem.line else problem.file
    return f"{mapping.name}.yaml"


def _new(labels: Sequence[str], known: Mapping[str, int], now: int) -> list[str]:
    """Those that the form asks for no longer than NEW_MS, unless all of them are as old as the form."""
    first = min(known.values(), default=now)
    return [label for label in labels if now - (since := known.get(label, now)) < NEW_MS and since > first]


def _likeness(label: str, question: str) -> float:
    return SequenceMatcher(None, label.casefold(), question.casefold()).ratio()
