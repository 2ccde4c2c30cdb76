"""A request as people read it: its first line, its headers and its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from bridge.cli.output.terminal import echo, echo_line
from bridge.escaping import escaped
from bridge.model import event_name
from bridge.operations.wording import shown_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.operations.leads.requests import RequestStory


def print_stored(request: RequestStory) -> None:
    """A stored request with the events it brought."""
    stored = request.stored
    echo_line(f"{request.method} /hooks/{stored.hook}  received {shown_time(stored.received_at)}")
    for event in request.events:
        sent = f", sent {shown_time(event.sent_at)}" if event.sent_at else ""
        again = f", received {event.seen} times, last {shown_time(event.seen_at)}" if event.seen_at else ""
        echo_line(f"  {event_name(event.event_id)}: {event.kind}{sent}{again}")
    print_request(request.headers, request.query, stored.content_type)
    print_body(stored.body)


def print_request(headers: Mapping[str, str], query: Mapping[str, str], content_type: str) -> None:
    """The headers and the query of a request."""
    echo_line("  headers")
    for name, value in {"content-type": content_type, **headers}.items():
        echo_line(f"    {name}: {value}")
    if query:
        echo_line("  query")
    for name, value in query.items():
        echo_line(f"    {name}: {value}")


def print_body(body: bytes | None) -> None:
    """A body with its size, its lines four spaces in: JSON indented, anything else as it is; None for a purged one."""
    echo_line(f"  body ({f'{len(body)} bytes' if body is not None else 'purged'})")
    try:
        text = orjson.dumps(orjson.loads(body or b""), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        text = (body or b"").decode("utf-8", "replace")
    echo("\n".join(f"    {line}" for line in escaped(text).split("\n")) + "\n")
