"""The parameters of a call: from the query string and the form body alike, as Zoho's servlets read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Parameters:
    """Names with all their values, query string first."""

    values: Mapping[str, tuple[str, ...]]

    def first(self, name: str) -> str:
        """The first value without surrounding space, or an empty text."""
        return self.values.get(name, ("",))[0].strip()

    def unknown(self, known: frozenset[str]) -> str:
        """The first name that is not known, or an empty text."""
        return next((name for name in self.values if name not in known), "")

    def repeated(self) -> str:
        """The first name given more than once, or an empty text."""
        return next((name for name, values in self.values.items() if len(values) > 1), "")


def json_object(text: str, *, lenient: bool = False) -> dict[str, Any] | None:
    """The JSON object in `text`, or None.

    `lenient` also reads the unquoted `{First Name:mac,Lead Email:p@example.com}` of Zoho's sample request, in which
    no value can hold a comma (https://zoho.com/marketingautomation/help/developers/lead-subscribe.html).
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _unquoted_object(text) if lenient else None
    return value if isinstance(value, dict) else None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unquoted_object(text: str) -> dict[str, Any] | None:
    if not (text.startswith("{") and text.endswith("}")):
        return None
    pairs = [part.partition(":") for part in text[1:-1].split(",")]
    if not all(colon for _, colon, _ in pairs):
        return None
    return {key.strip(): value.strip() for key, _, value in pairs}
