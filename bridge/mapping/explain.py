"""How each field of a lead came to its value: the source, what was found, what each verb made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.expressions import MISSING, is_blank
from bridge.mapping.run import ShapeError, begin

if TYPE_CHECKING:
    from bridge.mapping.fields import Field
    from bridge.mapping.hook import HookMapping
    from bridge.mapping.run import Run
    from bridge.model import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One field's story. It holds the person's data: show it to whoever asked, never log it.

    `found` is the source's value (None where there is nothing), `steps` each verb with the value after it, `sent` the
    text that goes out, empty if the field is left out; `notes` are the findings that say why. `action_no` is 0 for a
    field of `lead`, else the action whose `fields` it belongs to.
    """

    name: str
    source: str
    found: Any
    steps: tuple[tuple[str, Any], ...]
    sent: str
    notes: tuple[str, ...]
    line: int
    action_no: int = 0


def explain(mapping: HookMapping, event: Event) -> tuple[Explained, ...]:
    """Every field of `lead` and of the actions' `fields`, in the order they are filled. It raises for no event."""
    fields = [(field, 0) for field in mapping.lead]
    fields += [(field, action.number) for action in mapping.actions for field in action.fields]
    return tuple(_explained(field, number, event) for field, number in fields)


def _explained(field: Field, action_no: int, event: Event) -> Explained:
    run = begin(event)
    sent = field.value(run)
    notes = [problem.message for problem in (*run.problems, *run.warnings)]
    if field.when is not None and not field.when(begin(event)):
        notes.append("its `when` does not hold")
    found, steps = _steps(field, begin(event))
    return Explained(
        name=field.name,
        source=field.shown,
        found=found,
        steps=steps,
        sent=sent,
        notes=tuple(notes),
        line=field.place.line,
        action_no=action_no,
    )


def _steps(field: Field, run: Run) -> tuple[Any, tuple[tuple[str, Any], ...]]:
    """The source's value and the value after each verb, as far as they came."""
    value = found = field.source(run)
    steps: list[tuple[str, Any]] = []
    for verb, step in zip(field.verbs, field.steps, strict=True):
        if is_blank(value):
            break
        try:
            value = step(value, run)
        except ShapeError as error:
            steps.append((verb, f"({error})"))
            break
        steps.append((verb, None if value is MISSING else value))
    return (None if found is MISSING else found), tuple(steps)
