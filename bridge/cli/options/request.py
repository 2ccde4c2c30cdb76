"""A body on the command line as the request that carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bridge import times
from bridge.hooks.payload import guessed_type
from bridge.intake import read_query
from bridge.model import Request
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence


PLACEHOLDER = "https://hooks.example.com"


def header_of(text: str) -> tuple[str, str]:
    """`Name: value` as a pair, the name in lower case."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.UsageError(f"a header is written 'Name: value', not {text!r}")
    return name.strip().lower(), value.strip()


def time_of(text: str) -> int:
    """A time as people write it (ISO 8601, seconds or milliseconds) in ms UTC; without one, now."""
    if not text:
        return times.now_ms()
    at = times.read_instant(text, times.Unit.AUTO)
    if at is None:
        raise click.UsageError(f"{text!r} is not a time; write 2026-03-04T15:00:00Z, or seconds since 1970")
    return at


def request_of(
    body: bytes,
    *,
    headers: Sequence[str] = (),
    content_type: str = "",
    url: str = "",
    method: str = "POST",
    now: int = 0,
) -> Request:
    """The request that carries a body; without a content type, the one that the body looks like."""
    known = dict(map(header_of, headers))
    kind = content_type or known.get("content-type", "") or guessed_type(body)
    parts = parts_of(url)
    return Request(
        hook=parts.path.rstrip("/").rpartition("/")[2],
        method=method.upper(),
        url=url,
        headers={**known, "content-type": kind},
        query=read_query(parts.query),
        body=body,
        received_at=now,
    )
