"""A payload as an argument: a file, standard input, the id of an event that came, or a sender's sample."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge.cli.options.request import header_of
from bridge.cli.options.store import open_store
from bridge.errors import LeadbridgeError
from bridge.hooks.payload import guessed_type, of_sample, of_stored
from bridge.intake.samples import shipped_sample
from bridge.mapping import Payload
from bridge.model import WHOLE_REQUEST
from bridge.operations.selection import whole_number
from bridge.outbox import fetching, operator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.intake.samples import Sample


SAMPLE: Final = "sample:"
"""How an argument names the sample of a preset."""


def read_argument(argument: str, *, headers: Sequence[str] = (), content_type: str = "") -> Payload:
    """Read what a PAYLOAD argument names: a file, `-`, an event's id, `sample:PRESET`. Raises LeadbridgeError."""
    if argument.startswith(SAMPLE):
        return of_sample(sample_of(argument.removeprefix(SAMPLE)))
    number = whole_number(argument.removeprefix("evt_")) if argument.startswith("evt_") else None
    if number is not None and not os.path.lexists(argument):
        return _stored(number)
    known = dict(map(header_of, headers))
    try:
        body = sys.stdin.buffer.read() if argument == "-" else Path(argument).read_bytes()
    except OSError as error:
        raise LeadbridgeError(
            f"there is no payload {argument!r}: {error.strerror}; name a file, evt_12 or sample:PRESET"
        ) from error
    kind = content_type or known.pop("content-type", "") or guessed_type(body)
    return Payload(body=body, content_type=kind, headers=known)


def sample_of(preset: str) -> Sample:
    """The sample request of a preset. Raises LeadbridgeError."""
    found = shipped_sample(preset)
    if found is None:
        raise LeadbridgeError(f"there is no sample of {preset!r}; `leadbridge presets` lists the senders that have one")
    return found


def newest(hook: str, *, or_any: bool) -> Payload:
    """What came last at a hook; with `or_any`, where nothing ever came there, at any. Raises LeadbridgeError."""
    store = open_store()
    stories = operator.find_events(store, hook=hook, limit=1)
    if not stories and or_any:
        stories = operator.find_events(store, limit=1)
    if not stories:
        where = "" if or_any else f" at the hook {hook!r}"
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
    item = None if stories[0].item == WHOLE_REQUEST else stories[0].item
    return of_stored(request, item=item, fetched=fetching.fetched_of(store, event_id))
