"""What did they send: the request of an event as it came, and how often it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from bridge.model import event_name
from bridge.outbox import operator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.outbox import Outbox
    from bridge.outbox.operator import EventStory, StoredRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStory:
    """A stored request and the events that it brought. Headers and query are those that are stored: no secrets."""

    stored: StoredRequest
    events: tuple[EventStory, ...]

    @property
    def method(self) -> str:
        """The request's method."""
        return str(self._meta().get("method") or "POST")

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that are stored, by their names in lower case."""
        return self._meta().get("headers") or {}

    @property
    def query(self) -> Mapping[str, str]:
        """The query of the URL, without secrets."""
        return self._meta().get("query") or {}

    def as_json(self) -> dict[str, Any]:
        """The request as a JSON object. `body` is null where it was purged; bytes that are not UTF-8 are replaced."""
        body = self.stored.body
        return {
            "hook": self.stored.hook,
            "method": self.method,
            "received_at": self.stored.received_at,
            "content_type": self.stored.content_type,
            "headers": self.headers,
            "query": self.query,
            "body": None if body is None else body.decode("utf-8", "replace"),
            "events": [
                {
                    "event": event_name(event.event_id),
                    "sent_at": event.sent_at,
                    "times_received": event.seen,
                    "last_received_at": event.seen_at or event.received_at,
                }
                for event in self.events
            ],
        }

    def _meta(self) -> dict[str, Any]:
        read: dict[str, Any] = orjson.loads(self.stored.meta or b"{}")
        return read


def requests_of(store: Outbox, events: Sequence[EventStory]) -> tuple[RequestStory, ...]:
    """The requests that brought these events, in their order."""
    by_request: dict[int, list[EventStory]] = {}
    for event in events:
        by_request.setdefault(event.request_id, []).append(event)
    found = []
    for brought in by_request.values():
        stored = operator.request_of(store, brought[0].event_id)
        if stored is not None:
            found.append(RequestStory(stored=stored, events=tuple(brought)))
    return tuple(found)
