"""How an event came to what became of it: each condition, each field from its source through its verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge.expressions import MISSING, is_blank
from bridge.mapping.apply import apply
from bridge.mapping.context import FormatError, Run
from bridge.mapping.mapped import mapped_as_json
from bridge.mapping.values.conditions import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bridge.mapping.hook_mapping import HookMapping
    from bridge.mapping.mapped import Mapped
    from bridge.mapping.values.conditions import Leaf
    from bridge.mapping.values.fields import Field
    from bridge.model import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionResult:
    """One condition: where it stands (`consent`, `when`, `actions[0]`), as written, what was found, if it holds."""

    where: str
    condition: str
    found: Any
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One field's story.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An event's whole story. It holds the person's data: show it to whoever asked, never log it."""

    event: Event
    mapped: Mapped
    conditions: tuple[ConditionResult, ...]
    fields: tuple[Explained, ...]

    def as_json(self) -> dict[str, Any]:
        """The story as a JSON object: the event, its conditions and fields, and what `map` says of it."""
        return {
            "id": self.event.id,
            "type": self.event.type,
            "kind": self.event.kind.value,
            **mapped_as_json(self.mapped),
            "conditions": [
                {"where": one.where, "condition": one.condition, "found": one.found, "holds": one.holds}
                for one in self.conditions
            ],
            "fields": [_field_as_json(one) for one in self.fields],
        }


def _field_as_json(field: Explained) -> dict[str, Any]:
    return {
        "name": field.name,
        "action": field.action_no or None,
        "source": field.source,
        "found": field.found,
        "steps": [{"verb": verb, "value": value} for verb, value in field.steps],
        "sent": field.sent or None,
        "notes": list(field.notes),
        "line": field.line,
    }


def explain(mapping: HookMapping, event: Event) -> Explanation:
    """Every condition and every field, whether the event gets so far or not. It raises for no event."""
    fields = [(field, 0) for field in mapping.lead]
    fields += [(field, action.number) for action in mapping.actions for field in action.fields]
    return Explanation(
        event=event,
        mapped=apply(mapping, event),
        conditions=tuple(_conditions(mapping, event)),
        fields=tuple(_explained(field, number, event) for field, number in fields),
    )


def _conditions(mapping: HookMapping, event: Event) -> Iterator[ConditionResult]:
    """Those that decide on this event: of one by which somebody withdraws, no others are looked at."""
    if mapping.withdrawal is not None:
        yield from _results("withdraw.when", leaves(mapping.withdrawal.when), event)
        if mapping.withdrawal.holds(Run(event)):
            for action in mapping.withdrawal.actions:
                yield from _results(action.place.path, leaves(action.when), event)
            return
    accepted = ", ".join(sorted(str(kind) for kind in mapping.accept))
    yield ConditionResult(where="accept", condition=accepted, found=str(event.kind), holds=event.kind in mapping.accept)
    if mapping.consent is not None:
        if mapping.consent.not_asked:
            yield ConditionResult(
                where="consent", condition=f"not_asked: {mapping.consent.not_asked}", found=None, holds=True
            )
        yield from _results("consent", mapping.consent.leaves, event)
    yield from _results("when", leaves(mapping.when), event)
    for action in mapping.actions:
        yield from _results(action.place.path, leaves(action.when), event)


def _results(where: str, conditions: Iterable[Leaf], event: Event) -> Iterator[ConditionResult]:
    for leaf in conditions:
        found = leaf.find(Run(event))
        holds = leaf.test(found)
        yield ConditionResult(where=where, condition=leaf.shown, found=None if found is MISSING else found, holds=holds)


def _explained(field: Field, action_no: int, event: Event) -> Explained:
    run = Run(event)
    sent = field.value(run)
    found, steps = _steps(field, Run(event))
    notes = [problem.message for problem in (*run.problems, *run.warnings)]
    if field.when is not None and not field.when(Run(event)):
        notes.append("its `when` does not hold")
    elif sent and is_blank(steps[-1][1] if steps else found):
        notes.append("it is blank, so the default is sent")
    elif not sent and not notes:
        notes.append("there is nothing, and a blank is never sent")
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
    for verb, step in zip(field.verbs, field.steps, strict=False):
        if is_blank(value):
            break
        try:
            value = step(value, run)
        except FormatError as error:
            steps.append((verb, f"({error})"))
            break
        steps.append((verb, None if value is MISSING else value))
    return (None if found is MISSING else found), tuple(steps)
