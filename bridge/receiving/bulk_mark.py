"""The mark by which `leadbridge send --bulk` says that its leads yield to all others.

It is made with the outbox's own key, so only who may read the outbox can set it: a sender's header alone says nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bridge.model import Priority
from bridge.outbox import registry

if TYPE_CHECKING:
    from bridge.model import NewEvent, Request
    from bridge.outbox import Outbox

HEADER: Final = "leadbridge-bulk"


def mark(store: Outbox, body: bytes) -> str:
    """The header's value for a request with this body. Raises OutboxError."""
    return hmac.new(registry.identity(store), b"bulk:" + body, hashlib.sha256).hexdigest()


def is_marked(request: Request, store: Outbox) -> bool:
    """Whether a request carries the mark of its own body. Raises OutboxError."""
    given = request.headers.get(HEADER)
    return given is not None and hmac.compare_digest(
        given.encode("utf-8", "replace"), mark(store, request.body).encode()
    )


def as_bulk(event: NewEvent) -> NewEvent:
    """The event with its deliveries in the class that goes last; a withdrawal never yields."""
    deliveries = (one if one.withdraws else replace(one, priority=Priority.BULK) for one in event.deliveries)
    return replace(event, deliveries=tuple(deliveries))
