"""Whose request is this: a sender recognised by the headers and the shape of its body."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bridge import intake
from bridge.errors import IntakeError, LeadbridgeError
from bridge.hooks.payload import read_payload
from bridge.hooks.presets import preset_texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bridge.intake import Preset
    from bridge.mapping import Payload
    from bridge.model import Event

GENERIC: Final = frozenset({"json", "form", "standard-webhooks"})
"""Presets that read nearly any body: taken only when no sender is recognised."""

_GENERIC_SCORE: Final = 0.9
_NAMED: Final = re.compile(r"\b(?:body|request|item)\.([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)?)")
"""A path in a preset: its first steps below the body."""

_QUOTED: Final = re.compile(r'\b(?:body|request|item)(?:\.\w+)?\["([^"]+)"\]')
"""The same where a name needs quotes."""

_COMMON: Final = frozenset(
    ("id", "type", "email", "name", "first_name", "last_name", "phone", "company", "status", "data", "value", "key")
)
"""Names that any body may have."""


def recognised(presets: Mapping[str, Preset], folder: Path, sent: Payload) -> Preset:
    """The sender whose request this most likely is; `folder` may hold presets of the user's own.

    Raises LeadbridgeError for none.
    """
    texts = preset_texts(presets, folder)
    signs = {name: signs_of(preset, texts[name]) for name, preset in presets.items()}
    return recognise(presets, signs, sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """By what a sender's requests are known: names that its preset looks for in the body, and headers."""

    names: frozenset[str]
    headers: frozenset[str]


def signs_of(preset: Preset, text: str) -> Signs:
    """The signs of a preset, from its YAML text."""
    headers = {*preset.headers, *intake.signature_headers(preset.verify)}
    names = {*_NAMED.findall(text), *_QUOTED.findall(text)}
    return Signs(names=frozenset(names) - _COMMON, headers=frozenset(headers))


def recognise(presets: Mapping[str, Preset], signs: Mapping[str, Signs], sent: Payload) -> Preset:
    """The sender whose request this most likely is, by its headers and its shape. Raises LeadbridgeError for none.

    The fewer senders share a sign, the more it counts.
    """
    shared = Counter(sign for each in signs.values() for sign in (*each.names, *each.headers))
    scores: dict[str, float] = {}
    for name, preset in presets.items():
        event = _first_event(preset, sent)
        if event is None:
            continue
        known = signs[name]
        found = [sign for sign in known.names if sign in _names(event.request)]
        found += [header for header in known.headers if header in sent.headers]
        score = sum(1 / shared[sign] for sign in found) + 2.0 * (event.type in preset.recipe.kinds)
        scores[name] = _GENERIC_SCORE if name in GENERIC else score + 0.1 * (event.contact.email is not None)
    best = max(scores, key=lambda name: scores[name], default="")
    if not best:
        raise LeadbridgeError("the sender is not recognised; name it: --preset NAME (`leadbridge presets` lists them)")
    return presets[best]


def _first_event(preset: Preset, sent: Payload) -> Event | None:
    try:
        events = read_payload(preset, sent)
    except IntakeError:
        return None
    return events[0] if events else None


def _names(value: Any, depth: int = 4) -> set[str]:
    """The keys of the upper levels of a body, each also with the key below it: `data`, `data.fields`."""
    names: set[str] = set()
    if isinstance(value, list):
        for item in value[:3]:
            names |= _names(item, depth - 1)
    if not isinstance(value, dict) or not depth:
        return names
    for key, inner in value.items():
        names.add(key)
        below = _names(inner, depth - 1)
        names |= below | {f"{key}.{name}" for name in below if "." not in name}
    return names
