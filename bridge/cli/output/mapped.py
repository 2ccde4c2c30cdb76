"""An event as a preset reads it, and what a mapping makes of it, as people read both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from bridge import mapping
from bridge.cli.output.table import print_table
from bridge.cli.output.terminal import echo_line
from bridge.cli.output.text import print_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.mapping import Mapped
    from bridge.model import Event


def print_mapped(event: Event, mapped: Mapped) -> None:
    """An event's state, its calls to Zoho with their fields, and its problems."""
    reason = f" ({mapped.reason})" if mapped.reason else ""
    echo_line(f"event {event.item + 1}{f', id {event.id}' if event.id else ''}: {mapped.state.name.lower()}{reason}")
    for action in mapping.mapped_as_json(mapped)["actions"]:
        content = action.pop("leadinfo", None) or action.pop("details", {})
        api = action.pop("api")
        echo_line(f"  {api}  {', '.join(f'{name}: {value}' for name, value in action.items())}")
        for name, value in content.items():
            echo_line(f"    {name}: {orjson.dumps(value).decode() if not isinstance(value, str) else value}")
    for problem in (*mapped.problems, *mapped.warnings):
        print_problem(problem)


def print_read(number: int, event: Mapping[str, Any]) -> None:
    """An event as `intake.event_as_json` has it: its kind, the contact, the answers and the tracking."""
    parts = [f"{name} {event[name]}" for name in ("type", "id", "at") if event[name] is not None]
    echo_line(f"event {number}: {', '.join([event['kind'], *parts])}")
    for part in ("contact", "answers", "tracking"):
        captions = event.get("captions", {}) if part == "answers" else {}
        rows = [
            (name, _shown(value), *([captions.get(name, "")] if captions else []))
            for name, value in event[part].items()
            if value is not None
        ]
        if rows:
            echo_line(f"  {part}")
            print_table(rows, indent="    ")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
