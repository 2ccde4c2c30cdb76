"""A payload as an argument: a file, standard input, the id of an event that came, or a sender's sample."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from bridge import mapping
from bridge.cli.options.request import guessed_type, header_of
from bridge.cli.options.store import open_store
from bridge.errors import IntakeError, LeadbridgeError
from bridge.hooks.payload import read_payload, with_fetched
from bridge.intake.samples import shipped_sample
from bridge.model import WHOLE_REQUEST
from bridge.outbox import fetching, operator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.intake import Preset
    from bridge.intake.samples import Sample
    from bridge.mapping import HookMapping
    from bridge.model import Event


SAMPLE: Final = "sample:"
"""How an argument names the sample of a preset."""


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


def read_argument(argument: str, *, headers: Sequence[str] = (), content_type: str = "") -> Payload:
    """Read what a PAYLOAD argument names: a file, `-`, an event's id, `sample:PRESET`. Raises LeadbridgeError."""
    if argument.startswith(SAMPLE):
        return _sample(argument.removeprefix(SAMPLE))
    prefix, _, number = argument.partition("_")
    if prefix == "evt" and number.isdecimal() and not Path(argument).exists():
        return _stored(int(number))
    known = dict(map(header_of, headers))
    try:
        body = sys.stdin.buffer.read() if argument == "-" else Path(argument).read_bytes()
    except OSError as error:
        raise LeadbridgeError(
            f"there is no payload {argument!r}: {error.strerror}; name a file, evt_12 or sample:PRESET"
        ) from error
    kind = content_type or known.pop("content-type", "") or guessed_type(body)
    return Payload(body=body, content_type=kind, headers=known, query={})


def sample_of(preset: str) -> Sample:
    """The sample request of a preset. Raises LeadbridgeError."""
    found = shipped_sample(preset)
    if found is None:
        raise LeadbridgeError(f"there is no sample of {preset!r}; `leadbridge presets` lists the senders that have one")
    return found


def _sample(preset: str) -> Payload:
    found = sample_of(preset)
    headers = dict(found.request.headers)
    return Payload(
        body=found.request.body,
        content_type=headers.pop("content-type"),
        headers=headers,
        query=found.request.query,
        fetched=orjson.dumps(found.fetched),
    )


def newest(hook: str) -> Payload:
    """What came last at a hook, at any hook if it is empty. Raises LeadbridgeError."""
    store = open_store()
    stories = operator.find_events(store, hook=hook or None, limit=1)
    if not stories:
        where = f" at the hook {hook!r}" if hook else ""
        raise LeadbridgeError(f"nothing has come{where} yet; submit the form once, or name a payload")
    return _stored(stories[0].event_id)


def _stored(event_id: int) -> Payload:
    store = open_store()
    stories = operator.find_events(store, event_id=event_id)
    request = operator.request_of(store, event_id)
    if request is None or not stories:
        raise LeadbridgeError(f"there is no event evt_{event_id}; `leadbridge list` shows those that came")
    if request.body is None:
        raise LeadbridgeError(f"the body of evt_{event_id} was purged")
    meta: dict[str, Any] = orjson.loads(request.meta or b"{}")
    return Payload(
        body=request.body,
        content_type=request.content_type,
        headers=meta.get("headers") or {},
        query=meta.get("query") or {},
        received_at=request.received_at,
        hook=request.hook,
        item=None if stories[0].item == WHOLE_REQUEST else stories[0].item,
        fetched=fetching.fetched_of(store, event_id),
    )


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
