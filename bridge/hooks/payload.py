"""Reading a payload without a sender: as a mapping's examples and the command line do, and no signature is required."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import intake, mapping
from bridge.errors import IntakeError, LeadbridgeError, UnreadableError
from bridge.intake import BodyKind
from bridge.mapping import Payload
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


def read_payload(preset: Preset, sent: Payload, *, also_headers: Collection[str] = ()) -> tuple[Event, ...]:
    """The events in a payload, read as the preset reads them, whoever sent it. Raises IntakeError.

    Without a content type, one that fits the preset is assumed.
    """
    kind = sent.content_type or _USUAL_TYPES.get(preset.body, "application/json")
    request = Request(
        hook="",
        method="POST",
        url="",
        headers={**sent.headers, "content-type": kind},
        query=sent.query,
        body=sent.body,
        received_at=sent.received_at,
    )
    believed = intake.verify(request, intake.NoVerification(), {}, now=sent.received_at)
    return intake.read_events(preset, believed, intake.parse(believed, preset.body), also_headers=also_headers)


def read_events(preset: Preset, sent: Payload, found: HookMapping | None = None) -> list[Event]:
    """The same as a mapping reads them, if there is one, with what was fetched. Raises IntakeError."""
    events = read_payload(preset, sent, also_headers=found.headers if found is not None else ())
    expanded = events if found is None else mapping.expand(found, events)
    return [
        with_fetched(preset, event, sent.fetched) for event in expanded if sent.item is None or event.item == sent.item
    ]


def read_stored(
    preset: Preset, found: HookMapping, stored: StoredRequest, item: int, fetched: bytes = b""
) -> Event | None:
    """One event of a stored request as it is read today, with what was fetched for it.

    None where there is no such item. Raises IntakeError.
    """
    return next(iter(read_events(preset, of_stored(stored, item=item, fetched=fetched), found)), None)


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
    """As `read_events`, but raises LeadbridgeError."""
    try:
        return read_events(preset, sent, found)
    except IntakeError as error:
        raise LeadbridgeError(f"the payload cannot be read by the preset {preset.name!r}: {error}") from error


def of_stored(stored: StoredRequest, *, item: int | None = None, fetched: bytes = b"") -> Payload:
    """A stored request, or one event of it, as it was sent; `fetched` is a JSON object by step."""
    meta = orjson.loads(stored.meta or b"{}")
    return Payload(
        body=stored.body or b"",
        content_type=stored.content_type,
        headers=meta.get("headers") or {},
        query=meta.get("query") or {},
        fetched=orjson.loads(fetched or b"{}"),
        received_at=stored.received_at,
        hook=stored.hook,
        item=item,
    )


def of_sample(sample: Sample) -> Payload:
    """A sample as it would have been sent."""
    headers = dict(sample.request.headers)
    return Payload(
        body=sample.request.body,
        content_type=headers.pop("content-type"),
        headers=headers,
        query=sample.request.query,
        fetched=sample.fetched,
    )


def pasted(body: bytes, headers: str) -> Payload:
    """A payload as somebody pastes it: headers stand as `Name: value`, one a line; other lines say nothing.

    Without a content type it is what the body looks like.
    """
    lines = (line.partition(":") for line in headers.splitlines())
    known = {name.strip().lower(): value.strip() for name, colon, value in lines if colon and name.strip()}
    kind = known.pop("content-type", "") or guessed_type(body)
    return Payload(body=body, content_type=kind, headers=known)


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
