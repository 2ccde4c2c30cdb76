"""`send`: what came is sent again, and a mark that only the outbox's owner can make lets leads go last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner

from bridge import outbox
from bridge.cli.main import leadbridge
from bridge.cli.mappings import send
from bridge.http import HttpAnswer
from bridge.model import Priority
from bridge.outbox import operator
from bridge.receiving import bulk_mark
from tests.builders import HookDriver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bridge.outbox import Outbox

MAPPING = """
preset: json
verify: none
consent: {not_asked: our own form}
lead: {Lead Email: contact.email}
actions: [{subscribe: {list: Newsletter}}]
"""
BODY = orjson.dumps({"email": "ada@example.com"})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Iterator[Outbox]:
    monkeypatch.setenv("LEADBRIDGE_DATABASE_URL", f"sqlite:///{tmp_path / 'outbox.db'}")
    monkeypatch.setenv("LEADBRIDGE_MAPPINGS", str(tmp_path))
    (tmp_path / "website.yaml").write_text(MAPPING)
    opened = outbox.open_outbox(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch, store: Outbox) -> list[Mapping[str, Any]]:
    """What `send` would post; nothing listens."""
    calls: list[Mapping[str, Any]] = []

    class Wire:
        def __enter__(self) -> Wire:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing is held open."""

        def send(self, method: str, url: str, **call: Any) -> HttpAnswer:
            calls.append({"method": method, "url": url, **call})
            return HttpAnswer(status=202, headers={}, body=b"{}")

    monkeypatch.setattr(send, "Http", Wire)
    return calls


def take(store: Outbox, headers: Mapping[str, str], body: bytes = BODY) -> Priority:
    received = HookDriver(store, MAPPING, name="website").receive(body, headers)
    (story,) = operator.find_events(store, event_id=received.events[0].receipt.event_id)
    return story.deliveries[0].priority


def test_a_payload_sent_as_bulk_yields_to_all_others(
    store: Outbox, posted: list[Mapping[str, Any]], tmp_path: Path
) -> None:
    payload = tmp_path / "body.json"
    payload.write_bytes(BODY)
    assert CliRunner().invoke(leadbridge, ["send", "website", str(payload), "--bulk"]).exit_code == 0
    assert take(store, posted[0]["headers"]) is Priority.BULK


@pytest.mark.parametrize("value", ["", "1", "true", "0" * 64, "\u00e9"])
def test_a_header_that_anybody_can_write_changes_nothing(store: Outbox, value: str) -> None:
    assert take(store, {bulk_mark.HEADER: value}) is Priority.LIVE


def test_the_mark_of_another_body_changes_nothing(store: Outbox) -> None:
    assert take(store, {bulk_mark.HEADER: bulk_mark.mark(store, b"{}")}) is Priority.LIVE


def test_an_event_that_came_is_sent_again_by_its_id(store: Outbox, posted: list[Mapping[str, Any]]) -> None:
    take(store, {})
    (story,) = operator.find_events(store)
    result = CliRunner().invoke(leadbridge, ["send", "website", f"evt_{story.event_id}"])
    assert result.exit_code == 0, result.output
    assert (posted[0]["body"], posted[0]["headers"]["content-type"]) == (BODY, "application/json")
    assert bulk_mark.HEADER not in posted[0]["headers"]
