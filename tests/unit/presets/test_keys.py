"""What a second event is, tried on every sample: repeated, edited, partial then final, another person in one action."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from bridge.authoring.senders_page import second_event
from bridge.hooks.hook import Hook
from bridge.hooks.presets import SHIPPED
from bridge.intake.preset_document import read_document
from bridge.model import EventState, Kind, NewRequest
from bridge.outbox import open_outbox
from bridge.outbox.inbox import record
from bridge.receiving.map_event import event_to_store, map_event
from tests.builders import open_hook
from tests.samples import SAMPLES

from .test_samples import PRESETS, _events, _read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.model import Event, Receipt
    from bridge.outbox import Outbox

MAPPING = """
preset: json
verify: none
consent: {not_asked: a test}
accept: [submission, update]
lead:
  Lead Email: {from: contact.email}
  First Name: {from: contact.first_name}
  Last Name: {from: contact.last_name}
  Full Name: {from: contact.full_name}
actions:
  - subscribe: {list: Newsletter}
"""
OTHER = "someone.else@example.com"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outbox]:
    """One for all: each test posts to a hook of its own."""
    opened = open_outbox(f"sqlite:///{tmp_path_factory.mktemp('keys') / 'outbox.db'}")
    opened.migrate()
    yield opened
    opened.close()


def _cases() -> Iterator[Any]:
    """Every sample of one person, read to the end: of a sender of ids, with what was fetched."""
    for path in SAMPLES:
        case = _read(path)
        contacts = [event["contact"]["email"] for event in case["events"]]
        if len(contacts) == 1 and contacts[0]:
            yield pytest.param(case, id=path.stem)


def _address(case: dict[str, Any]) -> str:
    (event,) = case["events"]
    return str(event["contact"]["email"])


CASES = list(_cases())
WRITTEN = [one for one in CASES if _address(one.values[0]) in json.dumps({**one.values[0], "events": []})]
"""Those in which the address stands as it is: in a JWT it does not."""
ANSWERED = [one for one in WRITTEN if "fetched" not in one.values[0]]
"""Those with their answers. A sender of ids sends no edit: what it sends again is the same id."""


def _read_as_submission(case: dict[str, Any]) -> Event:
    (event,) = _events(case)
    return replace(event, kind=Kind.SUBMISSION)


def _replaced(case: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    parts = {name: value for name, value in case.items() if name not in ("events", "asked", "keys", "preset")}
    changed: dict[str, Any] = json.loads(json.dumps(parts, ensure_ascii=False).replace(old, new))
    return case | changed


@cache
def _hook() -> Hook:
    found = open_hook(MAPPING)
    assert isinstance(found, Hook)
    return found


def _post(store: Outbox, case: dict[str, Any], *events: Event) -> list[Receipt]:
    hook = replace(_hook(), preset=PRESETS[case["preset"]])
    name, now = uuid4().hex, store.now()
    receipts: list[Receipt] = []
    for event in events:
        new = event_to_store(hook, event, map_event(hook, event), now)
        request = NewRequest(
            hook=name, received_at=now, body=b"", content_type="", meta=b"{}", mapping_set_id=None, events=(new,)
        )
        receipts += record(store, request)
    return receipts


def _said(receipts: list[Receipt]) -> list[tuple[EventState, bool]]:
    return [(one.state, one.duplicate) for one in receipts]


def test_every_preset_is_tried() -> None:
    assert {param.values[0]["preset"] for param in CASES} == set(PRESETS)


@pytest.mark.parametrize("case", CASES)
def test_the_same_again_is_a_duplicate(store: Outbox, case: dict[str, Any]) -> None:
    event = _read_as_submission(case)
    assert _said(_post(store, case, event, event)) == [(EventState.ACCEPTED, False), (EventState.ACCEPTED, True)]


@pytest.mark.parametrize("case", ANSWERED)
def test_an_edit_is_delivered_and_its_repeat_is_not(store: Outbox, case: dict[str, Any]) -> None:
    event, edited = _read_as_submission(case), _read_as_submission(_replaced(case, "Ada", "Adda"))
    if event.contact == edited.contact:
        edited = _read_as_submission(_replaced(case, _address(case), f"new.{_address(case)}"))
    first, second, third = _post(store, case, event, edited, edited)
    assert _said([first, second, third]) == [
        (EventState.ACCEPTED, False),
        (EventState.ACCEPTED, False),
        (EventState.ACCEPTED, True),
    ]
    assert third.event_id == second.event_id
    preset = PRESETS[case["preset"]]
    expected = "an update" if second.update else "a new event"
    assert not (event.id or not preset.ids) or second_event(preset)[1] == expected


@pytest.mark.parametrize("case", CASES)
def test_a_partial_event_costs_the_final_one_nothing(store: Outbox, case: dict[str, Any]) -> None:
    final = _read_as_submission(case)
    receipts = _post(store, case, replace(final, kind=Kind.PARTIAL), final, replace(final, kind=Kind.PARTIAL), final)
    assert [one.state for one in receipts[:2]] == [EventState.IGNORED, EventState.ACCEPTED]
    assert [one.duplicate for one in receipts] == [False, False, True, True]


@pytest.mark.parametrize("case", WRITTEN)
def test_another_person_in_the_same_action_is_another_lead(store: Outbox, case: dict[str, Any]) -> None:
    ada, grace = _read_as_submission(case), _read_as_submission(_replaced(case, _address(case), OTHER))
    receipts = _post(store, case, ada, grace, ada, grace)
    assert [one.state for one in receipts] == [EventState.ACCEPTED] * 4
    assert [one.duplicate for one in receipts] == [False, False, True, True]


CREATION = re.compile(r"creat|submi|regist|landed", re.IGNORECASE)
NOTIFIED = {
    "cal-com": "body.createdAt",
    "calendly": "body.created_at",
    "close": "body.event.date_created",
    "intercom": "body.created_at",
    "squarespace": "body.createdOn",
    "stripe": "body.created",
}
"""Where a sender says when it made the notification: a time that moves with every change."""


@pytest.mark.parametrize("preset", PRESETS)
def test_the_time_of_an_update_is_not_that_of_the_first_submission(preset: str) -> None:
    path = SHIPPED / f"{preset}.yaml"
    document = read_document(path.read_text(encoding="utf-8"), str(path))[0].data
    if Kind.UPDATE not in json.dumps(document.get("kinds", {})):
        return
    paths = document.get("at", {}).get("from", [])
    fixed = [one for one in ([paths] if isinstance(paths, str) else paths) if CREATION.search(one.split(".")[-1])]
    assert set(fixed) <= {NOTIFIED.get(preset)}


def test_an_update_without_a_time_of_its_own_is_not_overtaken(store: Outbox) -> None:
    case = next(one.values[0] for one in CASES if one.id == "livestorm-attended")
    (attended,) = _events(_without(case, "updated_at"))
    assert (attended.kind, attended.at) == (Kind.UPDATE, None)
    later = replace(_read_as_submission(case), id="another session", at=1_900_000_000_000)
    receipts = _post(store, case, later, replace(attended, id="the first session"))
    assert _said(receipts) == [(EventState.ACCEPTED, False)] * 2


def _without(case: dict[str, Any], name: str) -> dict[str, Any]:
    return case | {"body": json.loads(json.dumps(case["body"]), object_hook=lambda one: _less(one, name))}


def _less(one: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key != name}
