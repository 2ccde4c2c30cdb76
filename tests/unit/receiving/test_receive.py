"""From a request to stored events: what is kept, what is reported, and what happens when our own code fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge import intake, mapping
from bridge.errors import ClosedHookError, SignatureError, UnknownHookError, UnreadableError
from bridge.hooks import folder as hooks
from bridge.hooks.hook import ClosedHook, Hook, Hooks
from bridge.model import EventState, Request
from bridge.outbox import Outbox, open_outbox, operator, registry
from bridge.receiving.receive import Received, find_hook
from tests.builders import take

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "the token"
NOW = 1_700_000_000_000
MAPPING = """
preset: json
secrets: {token: TOKEN}
verify: {query_token: token}
id: body.id
consent: {answer: newsletter}
lead:
  Lead Email: {answer: email}
  First Name: {answer: name}
actions:
  - subscribe: {list: Newsletter}
"""
OPEN = MAPPING.replace("secrets: {token: TOKEN}\nverify: {query_token: token}", "verify: none")
ADA = {"id": 1, "email": "Ada@example.com", "name": "Ada", "newsletter": True}
GRACE = {"id": 2, "email": "grace@example.org", "name": "Grace", "newsletter": True}


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Outbox]:
    opened = open_outbox(sqlite_url, clock=lambda: NOW)
    yield opened
    opened.close()


def hook(text: str) -> Hook | ClosedHook:
    presets = hooks.load_presets()
    file = hooks.judge(text, name="form", file="form.yaml", presets=presets)
    return hooks.open_hook(file, presets, lambda _: TOKEN)


def post(store: Outbox, body: Any, *, text: str = MAPPING, name: str = "form", **changes: Any) -> Received:
    request: dict[str, Any] = {
        "hook": name,
        "method": "POST",
        "url": "http://127.0.0.1/hooks/form",
        "headers": {"content-type": "application/json", "user-agent": "a form", "cookie": "private=1"},
        "query": {"token": TOKEN, "utm_source": "search"},
        "body": body if isinstance(body, bytes) else orjson.dumps(body),
        "received_at": NOW,
    }
    opened = Hooks(by_name={"form": hook(text)}, mapping_set_id=lambda: registry.store_mapping_set(store, b"{}"))
    return take(Request(**(request | changes)), opened, store)


def test_what_is_kept_of_a_request_holds_no_secret_and_no_cookie(store: Outbox) -> None:
    event = post(store, ADA).events[0]
    kept = operator.request_of(store, event.receipt.event_id)
    assert kept is not None
    assert (kept.body, kept.content_type, kept.received_at) == (orjson.dumps(ADA), "application/json", NOW)
    meta = orjson.loads(kept.meta)
    assert (meta["method"], meta["query"]["utm_source"]) == ("POST", "search")
    assert TOKEN.encode() not in kept.meta
    assert b"private" not in kept.meta


def test_consent_is_kept_with_its_source_and_its_time(store: Outbox) -> None:
    post(store, ADA)
    (story,) = operator.find_events(store)
    consent = orjson.loads(story.notes)["consent"]
    assert "newsletter" in str(consent)
    assert story.lead == "ada@example.com"


def test_a_wrong_token_leaves_nothing(store: Outbox) -> None:
    with pytest.raises(SignatureError):
        post(store, ADA, query={"token": "guessed"})
    assert operator.find_events(store) == ()


def test_what_is_believed_and_not_authenticated_must_be_readable(store: Outbox) -> None:
    with pytest.raises(UnreadableError):
        post(store, b"{", text=OPEN)
    assert operator.find_events(store) == ()


def test_the_answer_repeats_no_value_of_the_payload(store: Outbox) -> None:
    reported = post(store, ADA | {"email": "ada at example"}).events[0].as_json()
    assert reported["state"] == "refused"
    assert "ada at" not in str(reported)
    assert reported["problems"][0]["fix"]


def test_our_own_error_in_one_event_is_kept_for_a_replay_and_spares_its_neighbours(
    store: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = mapping.apply

    def broken_for_ada(found: mapping.HookMapping, event: Any, *more: Any, **options: Any) -> mapping.Mapped:
        if event.item == 0:
            raise RuntimeError("Ada@example.com")
        return whole(found, event, *more, **options)

    monkeypatch.setattr(mapping, "apply", broken_for_ada)
    by_content = MAPPING.replace("id: body.id\n", "")
    received = post(store, [ADA, GRACE], text=by_content)
    assert [event.receipt.state for event in received.events] == [EventState.REFUSED, EventState.ACCEPTED]
    assert received.events[0].as_json()["reason"] == "internal"
    refused = operator.find_events(store)[-1]
    assert b"RuntimeError" in refused.notes
    assert b"Ada@" not in refused.notes
    monkeypatch.undo()
    again = post(store, [ADA, GRACE], text=by_content)
    assert [event.receipt.state for event in again.events] == [EventState.ACCEPTED] * 2
    assert [(event.receipt.duplicate, event.receipt.update) for event in again.events] == [(False, True), (True, False)]


def test_our_own_error_in_reading_keeps_the_whole_body(store: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(intake, "read_events", broken)
    (event,) = post(store, [ADA, GRACE]).events
    assert (event.receipt.state, event.receipt.reason) == (EventState.REFUSED, "internal")
    kept = operator.request_of(store, event.receipt.event_id)
    assert kept is not None
    assert kept.body == orjson.dumps([ADA, GRACE])


def test_a_hook_that_was_known_is_closed_and_not_unknown(store: Outbox) -> None:
    with pytest.raises(UnknownHookError, match="'other'"):
        post(store, ADA, name="other")
    registry.register_hooks(store, ["other"])
    with pytest.raises(ClosedHookError, match="gone"):
        post(store, ADA, name="other")


def test_without_any_mapping_no_hook_is_unknown(store: Outbox) -> None:
    nothing = Hooks(by_name={}, mapping_set_id=lambda: 1)
    with pytest.raises(ClosedHookError, match="no mapping at all"):
        find_hook("other", nothing, store)
    registry.register_hooks(store, ["other"])
    registry.unregister_hook(store, "other")
    with pytest.raises(UnknownHookError):
        find_hook("other", nothing, store)


def test_events_refer_to_the_mapping_they_went_through(store: Outbox) -> None:
    post(store, ADA)
    (story,) = operator.find_events(store)
    assert story.mapping_set_id == registry.store_mapping_set(store, b"{}")


@pytest.mark.parametrize(
    ("times", "sent_at"),
    [
        ({"created_at": "2023-11-14T20:00:00Z", "updated_at": "2023-11-14T21:00:00Z"}, NOW - 4_400_000),
        ({"createdAt": "2023-11-14T20:00:00Z", "updatedAt": None}, NOW - 8_000_000),
        ({"modifiedAt": "/Date(1699999999000)/"}, NOW - 1_000),
        ({"updated_at": "2023-11-15T12:13:20"}, NOW + 14 * 3_600_000),
        ({"updated_at": "2099-01-01T00:00:00Z"}, None),
        ({"timestamp": NOW * 2}, None),
    ],
)
def test_a_senders_time_is_that_of_the_change_and_none_far_ahead(
    store: Outbox, times: dict[str, Any], sent_at: Any
) -> None:
    post(store, ADA | times)
    (story,) = operator.find_events(store, limit=1)
    assert story.sent_at == sent_at
