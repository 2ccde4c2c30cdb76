"""Reading a payload without a sender: as a mapping's examples and the command line do, and no signature is required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake, mapping
from bridge.errors import UnreadableError
from bridge.intake import BodyKind
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bridge.intake import Preset
    from bridge.mapping import HookMapping
    from bridge.model import Event
    from bridge.outbox.operator import StoredRequest


_USUAL_TYPES: Final = {BodyKind.FORM: "application/x-www-form-urlencoded", BodyKind.XML: "text/xml"}


def read_payload(
    preset: Preset,
    body: bytes,
    *,
    content_type: str = "",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    also_headers: Collection[str] = (),
    now: int = 0,
) -> tuple[Event, ...]:
    """The events in a body, read as the preset reads them, whoever sent it. Raises IntakeError.

    Header names are in lower case. Without a content type, one that fits the preset is assumed.
    """
    kind = content_type or _USUAL_TYPES.get(preset.body, "application/json")
    request = Request(
        hook="",
        method="POST",
        url="",
        headers={"content-type": kind, **(headers or {})},
        query=query or {},
        body=body,
        received_at=now,
    )
    believed = intake.verify(request, intake.NoVerification(), {}, now=now)
    return intake.read_events(preset, believed, intake.parse(believed, preset.body), also_headers=also_headers)


def read_stored(
    preset: Preset, found: HookMapping, stored: StoredRequest, item: int, fetched: bytes = b""
) -> Event | None:
    """One event of a stored request as it is read today, with what was fetched for it.

    None where there is no such item. Raises IntakeError.
    """
    meta = orjson.loads(stored.meta or b"{}")
    read = read_payload(
        preset,
        stored.body or b"",
        content_type=stored.content_type,
        headers=meta.get("headers"),
        query=meta.get("query"),
        also_headers=found.headers,
        now=stored.received_at,
    )
    event = next((one for one in mapping.expand(found, read) if one.item == item), None)
    return event and with_fetched(preset, event, orjson.loads(fetched or b"{}"))


def with_fetched(preset: Preset, event: Event, fetched: Mapping[str, Any]) -> Event:
    """The event read again with what was fetched for it, if that is everything; else the event as it is."""
    if preset.fetch is None or not fetched or not intake.wants_fetch(preset.fetch, event):
        return event
    try:
        is_whole = intake.next_fetch(preset.fetch, event, fetched, token="") is None
    except UnreadableError:
        return event  # what the next call needs is not there
    return intake.completed(preset.recipe, event, fetched) if is_whole else event
