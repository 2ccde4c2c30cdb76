"""Counting what was rejected, without writing for each."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from bridge.errors import OutboxUnavailableError
from bridge.operations.rejection_counter import Rejected
from bridge.outbox import Outbox, open_outbox
from bridge.outbox.inbox import rejections

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Outbox]:
    opened = open_outbox(sqlite_url)
    yield opened
    opened.close()


def counts(store: Outbox) -> dict[tuple[str, str], int]:
    return {(one.hook, one.why): one.count for one in rejections(store, since=0)}


def test_a_storm_is_written_at_once_and_not_one_by_one(store: Outbox) -> None:
    rejected = Rejected(store, flush_seconds=600)

    def note_many() -> None:
        for _ in range(100):
            rejected.note("form", "signature")

    storm = [threading.Thread(target=note_many) for _ in range(4)]
    for thread in storm:
        thread.start()
    for thread in storm:
        thread.join()
    assert counts(store) == {}
    rejected.flush()
    assert counts(store) == {("form", "signature"): 400}


def test_names_that_anybody_can_invent_are_not_kept(store: Outbox) -> None:
    rejected = Rejected(store, flush_seconds=600)
    for number in range(50):
        rejected.note(f"invented-{number}", "unknown_hook")
    rejected.flush()
    assert counts(store) == {("", "unknown_hook"): 50}


def test_what_could_not_be_written_is_written_the_next_time(store: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    rejected = Rejected(store, flush_seconds=600)
    rejected.note("form", "signature")

    def away(*_: object, **__: object) -> None:
        raise OutboxUnavailableError

    with monkeypatch.context() as broken:
        broken.setattr("bridge.outbox.inbox.add_rejections", away)
        rejected.flush()
    rejected.note("form", "signature")
    rejected.flush()
    assert counts(store) == {("form", "signature"): 2}
