"""The JSON schema of every log line, docs/schemas/log-lines.json: `python -m bridge.log.schema` writes it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from bridge.log import LEVELS
from bridge.log.lines import EVENTS

FILE: Final = Path(__file__).parents[2] / "docs" / "schemas" / "log-lines.json"

TEXT: Final = {"type": "string"}
TIME: Final = {"type": ["string", "null"], "format": "date-time"}
BOOLEAN: Final = {"type": "boolean"}
INTEGER: Final = {"type": "integer"}
INTEGER_OR_NULL: Final = {"type": ["integer", "null"]}
TEXT_OR_NULL: Final = {"type": ["string", "null"]}
TEXTS: Final = {"type": "array", "items": TEXT}

TYPES: Final[dict[str, dict[str, Any]]] = {
    **dict.fromkeys(("again_at", "at", "copied_at", "probe_at", "since", "until"), TIME),
    **dict.fromkeys(("calls_wait", "duplicate", "last_good_in_use", "permanent", "update"), BOOLEAN),
    **dict.fromkeys(("closed", "fixes", "hooks", "parts", "problems", "stale", "states"), TEXTS),
    **dict.fromkeys(("age_ms", "attempts", "bodies", "budget", "by_ms", "calls", "calls_by_others"), INTEGER),
    **dict.fromkeys(("calls_by_us", "cleared", "column", "deliveries", "expires_in_s", "failures"), INTEGER),
    **dict.fromkeys(("fields", "journeys", "lane", "leads", "limit", "line", "lists", "moved"), INTEGER),
    **dict.fromkeys(("perhaps_sent_twice", "pid", "raised", "requests", "status", "tries"), INTEGER),
    **dict.fromkeys(("count", "exit_code", "http_status", "job"), INTEGER_OR_NULL),
    **dict.fromkeys(("client", "code", "hook", "error"), TEXT_OR_NULL),
    "duration_ms": {"type": "number"},
    "results": {"type": "object", "additionalProperties": INTEGER},
    "versions": {"type": "array", "items": INTEGER},
}
"""The type of each field that is not a text: a field means the same in every line."""


def build() -> dict[str, Any]:
    """The schema: one of the lines, each with its own fields and those that all have."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:leadbridge:schema:log-lines",
        "title": "A line of the log",
        "type": "object",
        "oneOf": [_line(name) for name in sorted(EVENTS)],
    }


def _line(name: str) -> dict[str, Any]:
    always = {
        "event": {"const": name},
        "level": {"enum": list(LEVELS)},
        "timestamp": {"type": "string", "format": "date-time"},
        "request_id": TEXT,
    }
    return {
        "description": EVENTS[name].description,
        "properties": always | {field: TYPES.get(field, TEXT) for field in EVENTS[name].fields.split()},
        "required": ["event", "level", "timestamp"],
        "additionalProperties": False,
    }


def as_text() -> str:
    """The text of the file."""
    return json.dumps(build(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
