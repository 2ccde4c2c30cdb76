"""Reading a payload without a sender: as a mapping's examples and the command line do, and no signature is required."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake, mapping
from bridge.errors import IntakeError, LeadbridgeError, UnreadableError
from bridge.intake import BodyKind
from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bridge.intake import Preset
    from bridge.intake.samples import Sample
    from bridge.mapping import HookMapping
    from bridge.model import Event
    from bridge.outbox.operator import StoredRequest


_USUAL_TYPES: Final = {BodyKind.FORM: "application/x-www-form-urlencoded", BodyKind.XML: "text/xml"}
_MULTIPART: Final = re.compile(rb"--([^\r\n]{1,70})\r?\n", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What was sent. `hook` and `item` (the event's place in its request) are known only of a stored event.

    So is what was `fetched` for it, a JSON object by step.
    """

    body: bytes
    content_type: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    received_at: int = 0
    hook: str = ""
    item: int | None = None
    fetched: bytes = b""


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


def events_in(sent: Payload, preset: Preset, found: HookMapping | None = None) -> list[Event]:
    """The events in a payload as this preset, and the mapping if there is one, reads them. Raises LeadbridgeError."""
    try:
        events = read_payload(
            preset,
            sent.body,
            content_type=sent.content_type,
            headers=sent.headers,
            query=sent.query,
            also_headers=found.headers if found is not None else (),
            now=sent.received_at,
        )
    except IntakeError as error:
        raise LeadbridgeError(f"the payload cannot be read by the preset {preset.name!r}: {error}") from error
    expanded = list(events) if found is None else list(mapping.expand(found, events))
    fetched = orjson.loads(sent.fetched or b"{}")
    return [with_fetched(preset, event, fetched) for event in expanded if sent.item is None or event.item == sent.item]


def of_sample(sample: Sample) -> Payload:
    """A sample as it would have been sent."""
    headers = dict(sample.request.headers)
    return Payload(
        body=sample.request.body,
        content_type=headers.pop("content-type"),
        headers=headers,
        query=sample.request.query,
        fetched=orjson.dumps(sample.fetched),
    )


def pasted(body: bytes, headers: str) -> Payload:
    """A payload as somebody pastes it: headers stand as `Name: value`, one a line; other lines say nothing.

    Without a content type it is what the body looks like.
    """
    lines = (line.partition(":") for line in headers.splitlines())
    known = {name.strip().lower(): value.strip() for name, colon, value in lines if colon and name.strip()}
    kind = known.pop("content-type", "") or guessed_type(body)
    return Payload(body=body, content_type=kind, headers=known, query={})


def guessed_type(body: bytes) -> str:
    """The content type that a body looks like."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return "application/json"
    if start.startswith(b"<"):
        return "text/xml"
    boundary = _MULTIPART.match(start)
    if boundary is not None:
        return f"multipart/form-data; boundary={boundary[1].decode('latin-1')}"
    return "application/x-www-form-urlencoded"
