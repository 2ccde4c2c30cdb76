"""The JSON Schema of fields and conditions, made from the tables of sources, verbs and tests."""

from __future__ import annotations

from typing import Any, Final

from bridge.mapping.values.conditions import TEST_DOCS
from bridge.mapping.values.sources import SOURCES
from bridge.mapping.values.verbs import VERBS

SCALAR: Final[list[str]] = ["string", "number", "boolean"]
CONDITION: Final[dict[str, Any]] = {"$ref": "#/$defs/condition"}
FIELD: Final[dict[str, Any]] = {"$ref": "#/$defs/field"}


def _sources() -> dict[str, Any]:
    return {source.name: {**source.takes, "description": source.doc} for source in SOURCES}


def field_schema() -> dict[str, Any]:
    """A field: a path, or a source with verbs."""
    verbs = {
        verb.name: {**verb.takes, "description": verb.doc + (f" If it cannot: {verb.failure}." if verb.failure else "")}
        for verb in VERBS
    }
    when = {"when": {**CONDITION, "description": "The field is left out of events for which this does not hold."}}
    return {
        "title": "a path or a source with verbs",
        "anyOf": [
            {"type": "string", "minLength": 1, "description": "A path: contact.email, tracking.utm_source."},
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {**_sources(), **verbs, **when},
            },
        ],
    }


def condition_schema(*, more: dict[str, Any] | None = None, test_needed: bool = True) -> dict[str, Any]:
    """A condition, with `more` keys next to its sources; with `test_needed` False a source alone is one, too."""
    sources = {name: takes for name, takes in _sources().items() if name not in ("value", "first_of")}
    tests = {name: {**takes, "description": doc} for name, (takes, doc) in TEST_DOCS.items()}
    some = {"any": {"type": "array", "minItems": 1, "items": CONDITION, "description": "At least one of these holds."}}
    title = "a source and one test" if test_needed else "a source, with a test or without"
    return {
        "title": title,
        "anyOf": [
            {"type": "array", "minItems": 1, "items": CONDITION, "description": "All of these hold."},
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {**sources, **tests, **some, **(more or {})},
            },
        ],
    }
