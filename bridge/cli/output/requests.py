"""A request as people read it: its first line, its headers and its body."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    size = f"{len(stored.body)} bytes" if stored.body is not None else "purged"
    echo_line(f"  body ({size})")
    echo(indented(request.pretty_body))


def print_request(headers: Mapping[str, str], query: Mapping[str, str], content_type: str) -> None:
    """The headers and the query of a request."""
    echo_line("  headers")
    for name, value in {"content-type": content_type, **headers}.items():
        echo_line(f"    {name}: {value}")
    if query:
        echo_line("  query")
    for name, value in query.items():
        echo_line(f"    {name}: {value}")


def indented(text: str) -> str:
    """The lines of a text, four spaces in."""
    return "\n".join(f"    {line}" for line in escaped(text).split("\n")) + "\n"
