"""Conditions in one line, as YAML writes them in flow style."""

from __future__ import annotations

from typing import Any

from bridge.documents import quoted
from bridge.expressions import as_text


def flow(value: Any) -> str:
    """A condition as it is written in a mapping."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return quoted(as_text(value)) if isinstance(value, str) else as_text(value)
