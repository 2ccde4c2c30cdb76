"""The text that a signature covers, as a template: `v0:{timestamp}:{body}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

FIELDS: Final = ("body", "timestamp", "method", "url", "plain_url", "secret", "form", "header:NAME")
"""`url` is the public URL; `plain_url` the same with some escapes undone; `form` the sorted names and values of a form;
`header:A|B` the first of these headers."""

LONGEST: Final = 1_000
"""Characters. No sender signs so much around its body, and each problem repeats the text."""

_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A literal (`field` is empty) or a field of the request; `headers` (lower case) belong to the field `header`."""

    literal: bytes = b""
    field: str = ""
    headers: tuple[str, ...] = ()


def read_template(text: Any) -> tuple[tuple[Part, ...], list[str]]:
    """Split a template into its parts; return them and the problems found, each a sentence."""
    if not isinstance(text, str) or not text:
        return (), [f"the signed text cannot be {text!r}"]
    if len(text) > LONGEST:
        return (), [f"the signed text {text[:40]!r}... is longer than {LONGEST} characters"]
    problems: list[str] = []
    parts: list[Part] = []
    for position, piece in enumerate(_FIELD.split(text)):
        if position % 2:
            parts.append(_read_field(piece, problems))
        elif piece:
            parts.append(Part(literal=piece.encode()))
            if "{" in piece or "}" in piece:
                problems.append(f"a brace without its partner in {text!r}")
    return tuple(parts), problems


def _read_field(name: str, problems: list[str]) -> Part:
    if name.startswith("header:") and len(name) > len("header:"):
        headers = name.removeprefix("header:").lower().split("|")
        if "_" in name:
            problems.append(f"{{{name}}} has an underscore, which servers drop: write hyphens")
        return Part(field="header", headers=tuple(header.strip() for header in headers))
    if name not in FIELDS or ":" in name:
        problems.append(f"the signed text knows no {{{name}}}; known: {', '.join(FIELDS)}")
    return Part(field=name)
