"""The idempotency key: by what a second delivery of the same event is known."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from bridge.expressions import is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.model import Event

DIGEST_LIFETIME_MS: Final = 24 * 60 * 60 * 1000
"""Two people may send the same words on two days; a sender's retries end sooner."""

_LONGEST = 200


def idempotency_key(event: Event, template_value: str | None) -> tuple[str, int | None]:
    """The key of an event, unique in its hook, and for how long after its receipt it counts (ms; None: for ever).

    `template_value` is what the mapping's `id:` came to, None or blank where it has none.
    """
    if template_value is not None and not is_blank(template_value):
        return f"tpl:{_storable(template_value.strip())}", None  # the mapping knows its sender best
    if event.id is not None and not is_blank(event.id):
        return f"id:{_storable(event.id)}", None  # the sender's own id, stable over its retries
    parts = [
        event.type or "",  # some senders name the type in a header only
        without(event.body, event.volatile),  # parsed, so that the order of keys and white space do not count
    ]
    if event.part is not None:
        parts.append(event.part)  # several leads of one event are events of their own
    return f"sha256:{_digest(parts)}", DIGEST_LIFETIME_MS


def body_key(body: bytes) -> str:
    """The key of a request whose body could not be read; it counts as long as a digest does."""
    return f"raw:{hashlib.sha256(body).hexdigest()}"


def without(body: Any, volatile: Sequence[str]) -> Any:
    """A copy of the event's body less the values at the dotted paths, each start with `body.`."""
    for path in volatile:
        body = _less(body, path.split(".")[1:])
    return body


def _less(value: Any, steps: Sequence[str]) -> Any:
    if not isinstance(value, dict) or not steps or steps[0] not in value:
        return value
    if len(steps) == 1:
        return {key: inner for key, inner in value.items() if key != steps[0]}
    return {**value, steps[0]: _less(value[steps[0]], steps[1:])}


def _storable(text: str) -> str:
    """Ids that are overlong, or that a database refuses (NUL, half a surrogate pair), are kept as a digest."""
    if len(text) <= _LONGEST and text.isprintable():
        return text
    return f"sha256:{_digest(text)}"


def _digest(value: Any) -> str:
    """SHA-256 of canonical JSON. The standard library's writer, since it takes integers of any size and any text."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
