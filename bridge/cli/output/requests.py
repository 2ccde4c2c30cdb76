"""A request as people read it: its first line, its headers and its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.cli.output.terminal import echo
from bridge.model import event_name
from bridge.operations.wording import shown_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.operations.requests import RequestStory


def print_stored(request: RequestStory) -> None:
    """A stored request with the events it brought."""
    stored = request.stored
    echo(f"{request.method} /hooks/{stored.hook}  received {shown_time(stored.received_at)}")
    for event in request.events:
        sent = f", sent {shown_time(event.sent_at)}" if event.sent_at else ""
        again = f", received {event.seen} times, last {shown_time(event.seen_at)}" if event.seen_at else ""
        echo(f"  {event_name(event.event_id)}: {event.kind}{sent}{again}")
    print_request(request.headers, request.query, stored.content_type)
    size = f"{len(stored.body)} bytes" if stored.body is not None else "purged"
    echo(f"  body ({size})")
    echo(indented(request.pretty_body))


def print_request(headers: Mapping[str, str], query: Mapping[str, str], content_type: str) -> None:
    """The headers and the query of a request."""
    echo("  headers")
    for name, value in {"content-type": content_type, **headers}.items():
        echo(f"    {name}: {value}")
    if query:
        echo("  query")
    for name, value in query.items():
        echo(f"    {name}: {value}")


def indented(text: str) -> str:
    """The lines of a text, four spaces in."""
    return "\n".join(f"    {line}" for line in text.splitlines()) + "\n"
