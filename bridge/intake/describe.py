"""Events and presets as plain JSON values, for people and programs that look at them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from bridge.expressions import captions
from bridge.intake.verification.scheme import (
    BasicAuth,
    BodySecret,
    HeaderToken,
    HmacScheme,
    NoVerification,
    OneOf,
    QueryToken,
    SignedToken,
)
from bridge.model import Contact
from bridge.times import as_iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.intake.preset import Preset
    from bridge.intake.verification.scheme import Scheme
    from bridge.model import Answer, Event


def event_as_json(event: Event) -> dict[str, Any]:
    """Id, type, kind, time (ISO 8601 in UTC), contact, answers by label (else key), tracking; null where absent.

    `captions`, the texts of questions by their keys, only where the answers are not known by their texts.
    """
    texts = captions(event)
    return {
        "id": event.id,
        "type": event.type,
        "kind": event.kind.value,
        "at": None if event.at is None else as_iso(event.at),
        "contact": {part.name: getattr(event.contact, part.name) for part in fields(Contact)},
        "answers": _answers(event.answers),
        "tracking": dict(event.tracking),
        **({"captions": texts} if texts else {}),
    }


def _answers(answers: Sequence[Answer]) -> dict[str, Any]:
    """By label; where two questions have the same label, the later ones are known by their keys."""
    shown: dict[str, Any] = {}
    for answer in answers:
        name = answer.label or answer.key
        shown[answer.key if name in shown else name] = answer.value
    return shown


def preset_as_json(preset: Preset) -> dict[str, Any]:
    """What a preset knows and can do, for lists and tables: no paths, only what people ask for."""
    recipe = preset.recipe
    kinds = {kind for _, kind in (*recipe.rules, *recipe.patterns)} | {*recipe.kinds.values(), recipe.otherwise}
    return {
        "name": preset.name,
        "title": preset.title,
        "category": preset.category,
        "verification": describe_verification(preset.verify),
        "verify_choices": list(preset.verify_choices),
        "roles": sorted(preset.roles),
        "methods": list(preset.methods),
        "body": preset.body.value,
        "batches": recipe.split is not None,
        "kinds": sorted(kind.value for kind in kinds),
        "contact": list(recipe.contact.parts),
        "sends_questions": bool(recipe.questions.sources),
        "handshake": bool(preset.handshakes),
        "fetches": preset.fetch is not None,
        "has_event_id": bool(preset.ids),
        "retries": preset.retries,
        "setup": list(preset.setup),
        "consent": [{"note": note, "write": write} for note, write in preset.consent],
        "withdraw": [{"note": note, "write": write} for note, write in preset.withdraw],
        "unconfirmed": list(preset.unconfirmed),
        "docs": list(preset.docs),
    }


def describe_verification(scheme: Scheme | None) -> str:
    """How a sender authenticates, in a few words."""
    match scheme:
        case None:
            return "the mapping says"
        case HmacScheme():
            clock = ", with time" if scheme.timestamp is not None else ""
            return f"{scheme.algorithm} signature{clock}"
        case HeaderToken():
            return f"token in {scheme.header}"
        case QueryToken():
            return f"token in ?{scheme.parameter}="
        case BasicAuth():
            return "user name and password"
        case BodySecret():
            return f"secret in the body ({scheme.path})"
        case SignedToken():
            return "RS256 token"
        case OneOf():
            return f"signature {' or '.join(version.name for version in scheme.versions)}"
        case NoVerification():
            return "none"
