"""Erasure: everything of a person is taken out of the outbox, and a search confirms it.

What Zoho has is Zoho's: the person is to be deleted there too.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import idna
import orjson

from bridge.address import normalised
from bridge.outbox import lifecycle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bridge.outbox import Outbox
    from bridge.outbox.lifecycle import Backup, PersonEvent, Trace

FORGOTTEN = {"forgotten": True}
"""What stands in a shared body in the place of a person's part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was erased, by what it was; `left` is what a search found.

    Of the events `in_flight`, a call is out just now or a withdrawal on its way. `backups` are all that
    were made: each may hold the person, even by events that were purged here since.
    """

    counts: Mapping[str, int]
    in_flight: tuple[int, ...]
    left: tuple[Trace, ...]
    backups: tuple[Backup, ...] = ()


def forget(
    store: Outbox, address: str, *, last_event: int = 0, progress: Callable[[str, int], None] | None = None
) -> Forgotten:
    """Erase a person by their address. Safe to repeat.

    The address is taken from `last_event` after everything else is done: who knows the person by it alone can
    repeat this after a kill. Works on a full disk, too: what was reserved for it is freed.
    """
    store.release_reserve()
    found = finder(address)
    counts: Counter[str] = Counter()
    in_flight: list[int] = []
    events = lifecycle.events_of_person(store, normalised(address))
    for one in events:
        if one.event_id != last_event:
            _erase_event(store, one, found, counts, in_flight)
    for trace in list(lifecycle.traces(store, found, progress=progress)):
        _erase(store, trace, found, counts)
    for one in events:
        if one.event_id == last_event:
            _erase_event(store, one, found, counts, in_flight)
    left = tuple(lifecycle.traces(store, found, progress=progress))
    store.truncate_log()
    return Forgotten(counts=dict(counts), in_flight=tuple(in_flight), left=left, backups=lifecycle.backups(store))


def _erase_event(
    store: Outbox, event: PersonEvent, found: Callable[[bytes], bool], counts: Counter[str], in_flight: list[int]
) -> None:
    erased = lifecycle.forget_event(store, event.event_id, found=found)
    if erased is None:
        in_flight.append(event.event_id)
        return
    counts["events"] += 1
    counts["deliveries"] += erased
    _erase_body(store, event.request_id, found, counts)


def count_traces(store: Outbox, address: str) -> Mapping[str, int]:
    """How many rows of each table hold the person, without changing any."""
    return dict(Counter(trace.table for trace in lifecycle.traces(store, finder(address))))


def finder(address: str) -> Callable[[bytes], bool]:
    """A function that finds an address in stored bytes, in whatever letter case and escaped in the usual ways."""
    needles = tuple({candidate.encode("utf-8", "surrogatepass") for candidate in _candidates(address)})

    def found(text: bytes) -> bool:
        lowered = text.lower()
        if any(needle in lowered for needle in needles):
            return True
        if text.isascii():
            return False
        unicode_lowered = text.decode("utf-8", "replace").lower().encode("utf-8", "replace")
        return any(needle in unicode_lowered for needle in needles)

    return found


def redacted(body: bytes, found: Callable[[bytes], bool]) -> bytes | None:
    """A body shared by several persons without this one's part; None when it cannot be distinguished.

    Of JSON, the elements of a list that hold the address are replaced, so that the others keep their places. A body
    in which the address stands elsewhere too, or nowhere in such a form, is not shared out.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    text = orjson.dumps(_clean(content, found))
    return None if found(text) or not found(orjson.dumps(content)) else text


def _candidates(address: str) -> set[str]:
    known = {address.strip().lower(), normalised(address)}
    known |= {_unicode_domain(one) for one in known}
    escaped = {json.dumps(one)[1:-1].lower() for one in known} | {quote(one).lower() for one in known}
    plain = known | escaped
    return plain | {one.replace("@", written) for one in plain for written in ("%40", "\\u0040")}


def _unicode_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.decode(domain)}"
    except idna.IDNAError:
        return address


def _erase(store: Outbox, trace: Trace, found: Callable[[bytes], bool], counts: Counter[str]) -> None:
    """Take a person out of one row that the search found. What a call has in flight is left to the next time."""
    match trace.table:
        case "requests":
            _erase_body(store, trace.row_id, found, counts)
        case "events" | "fetched" | "attempts" | "calls":
            lifecycle.blank(store, trace, found=found)
            counts["notes"] += 1


def _erase_body(store: Outbox, request_id: int, found: Callable[[bytes], bool], counts: Counter[str]) -> None:
    """Leave of a request what other persons' events need; nothing where it brought one event only."""
    stored = lifecycle.body_of(store, request_id)
    if stored.body is None and stored.meta is None:
        return
    body = redacted(stored.body, found) if stored.body is not None and stored.events > 1 else None
    meta = None if body is None or (stored.meta is not None and found(stored.meta)) else stored.meta
    lifecycle.rewrite_request(store, request_id, body=body, meta=meta)
    counts["bodies rewritten" if body is not None else "bodies"] += 1


def _clean(value: Any, found: Callable[[bytes], bool]) -> Any:
    """The value with those elements replaced that hold the person, of the first list with several elements."""
    if isinstance(value, list) and len(value) > 1:
        return [dict(FORGOTTEN) if found(orjson.dumps(one)) else one for one in value]
    if isinstance(value, list):
        return [_clean(one, found) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one, found) for name, one in value.items()}
    return value
