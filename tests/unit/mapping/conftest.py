"""What the mapping tests share: a loader that fails loudly, and events built by hand."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from bridge.mapping.compile import load_mapping
from bridge.mapping.hook_mapping import HookMapping, PresetSummary
from bridge.model import Answer, Contact, Event, Kind, Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.model import Problem

PRESETS = {
    "typeform": PresetSummary(name="typeform", roles=frozenset({"signing"}), verified=True),
    "json": PresetSummary(name="json", roles=frozenset(), verified=False),
    "form": PresetSummary(name="form", roles=frozenset(), verified=False),
}

HEAD = """\
preset: json
verify: none
consent: {not_asked: a test}
"""

TAIL = """\
actions:
  - subscribe: {list: Newsletter}
"""


@pytest.fixture
def problems_of() -> Callable[[str], list[Problem]]:
    """All problems of a mapping's text."""

    def load(text: str) -> list[Problem]:
        return load_mapping(dedent(text), file="mappings/test.yaml", name="test", presets=PRESETS)[1]

    return load


@pytest.fixture
def mapping_of() -> Callable[[str], HookMapping]:
    """A mapping from its text; its problems fail the test."""

    def load(text: str) -> HookMapping:
        mapping, problems = load_mapping(dedent(text), file="mappings/test.yaml", name="test", presets=PRESETS)
        assert mapping is not None, [problem.message for problem in problems]
        return mapping

    return load


@pytest.fixture
def lead_mapping(mapping_of: Callable[[str], HookMapping]) -> Callable[[str], HookMapping]:
    """A mapping with one field `X` next to the address: give the field's YAML."""
    return lambda field: mapping_of(f"{HEAD}lead:\n  Lead Email: contact.email\n  X: {field}\n{TAIL}")


@pytest.fixture
def event_of() -> Callable[..., Event]:
    """An event from its answers as {key or (key, label): value}; everything else by name."""

    def make(answers: dict[Any, Any] | None = None, *, questions: tuple[str, ...] | None = None, **rest: Any) -> Event:
        found = []
        for name, value in (answers or {}).items():
            key, label = name if isinstance(name, tuple) else (name, "")
            found.append(Answer(key=key, label=label, value=value))
        listed = None if questions is None else tuple(Question(key=key) for key in questions)
        rest.setdefault("contact", Contact(email="ada@example.com"))
        rest.setdefault("kind", Kind.SUBMISSION)
        return Event(item=0, answers=tuple(found), questions=listed, **rest)

    return make
