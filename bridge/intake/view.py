"""An event as plain JSON values, for people and programs that look at it (`leadbridge read --json`)."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bridge.intake.instant import as_iso
from bridge.model import Contact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Answer, Event


def event_as_json(event: Event) -> dict[str, Any]:
    """Id, type, kind, time (ISO 8601 in UTC), contact, answers by label (else key), tracking; null where absent."""
    return {
        "id": event.id,
        "type": event.type,
        "kind": event.kind.value,
        "at": None if event.at is None else as_iso(event.at),
        "contact": {part.name: getattr(event.contact, part.name) for part in fields(Contact)},
        "answers": _answers(event.answers),
        "tracking": dict(event.tracking),
    }


def _answers(answers: Sequence[Answer]) -> dict[str, Any]:
    """By label; where two questions have the same label, the later ones are known by their keys."""
    shown: dict[str, Any] = {}
    for answer in answers:
        name = answer.label or answer.key
        shown[answer.key if name in shown else name] = answer.value
    return shown
