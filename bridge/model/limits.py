"""Every bound on what one request may hold, in one place, so that no two parts obey different ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SMALLEST_BODY: Final = 1024
LARGEST_BODY: Final = 16 * 1024 * 1024
"""Between these lies LEADBRIDGE_MAX_BODY, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds of one request.

    `bytes` bounds a body after its Content-Encoding is undone; as sent, the server bounds it. `depth` is levels of
    nesting; `values` are the values, `fields` the form fields, `events` the events of a request, and `answers` those
    of an event.
    """

    bytes: int = LARGEST_BODY
    depth: int = 64
    values: int = 200_000
    fields: int = 5_000
    events: int = 2_000
    answers: int = 5_000


def limits_for(max_body: int) -> Limits:
    """The bounds that go with LEADBRIDGE_MAX_BODY, in bytes: what is larger may hold more values and events."""
    return Limits(
        bytes=max_body,
        values=min(max(200_000, max_body // 5), 1_000_000),
        events=min(max(2_000, max_body // 100), 20_000),
    )


DEFAULT_LIMITS: Final = limits_for(LARGEST_BODY)
"""For what is stored already: no setting of today may make it unreadable."""
