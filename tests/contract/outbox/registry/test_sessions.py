"""The console's sessions on both databases: open until they end or expire, and never stored as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.outbox.registry import end_session, is_open_session, start_session

if TYPE_CHECKING:
    from bridge.outbox import Outbox


def test_a_session_is_open_until_it_ends(outbox: Outbox) -> None:
    for secret in ("one", "two"):
        start_session(outbox, secret, now=0, until=1_000)
    end_session(outbox, "one")
    end_session(outbox, "never started")
    assert [is_open_session(outbox, secret, now=1) for secret in ("one", "two", "three", "")] == [0, 1, 0, 0]


def test_a_session_expires_and_is_then_removed(outbox: Outbox) -> None:
    start_session(outbox, "old", now=0, until=1_000)
    assert is_open_session(outbox, "old", now=999)
    assert not is_open_session(outbox, "old", now=1_000)
    start_session(outbox, "new", now=1_000, until=2_000)
    assert not is_open_session(outbox, "old", now=999)
