"""The idempotency key: what identifies a second delivery of an event, and distinguishes a change."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge.expressions import is_blank
from bridge.model import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bridge.model import Event

DIGEST_LIFETIME_MS: Final = DAY_MS
"""Two people may send the same words on two days; a sender's retries end sooner."""

_LONGEST = 200


def idempotency_key(event: Event, template_value: str | None, inputs: bytes | None = None) -> tuple[str, int | None]:
    """The key of an event, unique in its hook, and for how long after its receipt it counts (ms; None: for ever).

    `template_value` is what the mapping's `id:` came to, None or blank where it has none. `inputs` is the event's
    `input_digest`, which stands in for an id that neither the mapping nor the sender gives;
    without it the event's headers and query do not count.
    """
    if template_value is not None and not is_blank(template_value):
        return f"tpl:{_storable(template_value.strip())}", None  # the mapping knows its sender best
    if event.id is not None and not is_blank(event.id):
        return f"id:{_storable(event.id)}", None  # the sender's own id, stable over its retries
    if inputs is None:
        inputs = input_digest(event, headers=(), queries=())
    return f"digest:{inputs.hex()}", DIGEST_LIFETIME_MS


def input_digest(event: Event, *, headers: Collection[str], queries: Collection[str]) -> bytes:
    """The digest of all that a mapping reads of an event; `headers` and `queries` are the names of those it reads.

    Two deliveries of the same event have the same, since what is volatile takes no part.
    """
    return digest(
        [
            event.kind.value,
            event.type or "",  # some senders name the type in a header only
            _body(event),  # parsed, so that the order of keys and white space do not count
            event.part,  # several leads of one event are events of their own
            [event.headers.get(name) for name in sorted(headers)] if headers else (),
            [event.query.get(name) for name in sorted(queries)] if queries else (),
        ]
    )


def _body(event: Event) -> Any:
    """The body less what is volatile; of one of many leads its digest, which all of them share."""
    if event.part is None:
        return without(event.body, event.volatile) if event.volatile else event.body
    if "digest" not in event.shared:
        event.shared["digest"] = digest(without(event.body, event.volatile)).hex()
    return event.shared["digest"]


def digest(value: Any) -> bytes:
    """16 bytes that stand for a JSON value, whatever the order of its keys."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    except (TypeError, ValueError):  # an integer of more than 64 bits, half a surrogate pair
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode("ascii")
    return hashlib.sha256(text).digest()[:16]


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
    """Ids that are overlong, or that a database refuses (NUL, half a surrogate pair), are stored as a digest."""
    if len(text) <= _LONGEST and text.isprintable():
        return text
    return f"digest:{digest(text).hex()}"
