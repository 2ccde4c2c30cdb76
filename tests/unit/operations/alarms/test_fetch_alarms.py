"""Answers of ids-only senders that cannot be had need a person."""

from __future__ import annotations

from bridge.model import AlarmSeverity
from bridge.operations.alarms import AlarmInputs, alarms
from bridge.outbox.fetching import FetchBacklog, FetchPause

NOW = 1_700_000_000_000
MINUTE_MS = 60_000
PAUSE = FetchPause(
    hook="ads", reason="api.example.com answered 401: it refuses the token", fingerprint="f", since=NOW, probe_at=NOW
)


def raised(**inputs: object) -> list[tuple[str, str, str]]:
    found = alarms(AlarmInputs(now=NOW, deliverer_seen_at=NOW, **inputs))  # type: ignore[arg-type] # by name
    return [alarm.key for alarm in found]


def backlog(minutes: int) -> tuple[FetchBacklog, ...]:
    return (FetchBacklog(hook="ads", events=3, oldest_at=NOW - minutes * MINUTE_MS),)


def test_a_refused_token_is_for_now() -> None:
    assert raised(fetch_pauses=(PAUSE,)) == [("fetch_paused", "ads", AlarmSeverity.CRITICAL)]


def test_events_that_wait_long_for_their_answers_are_for_today() -> None:
    assert raised(fetch_backlogs=backlog(29)) == []
    assert raised(fetch_backlogs=backlog(31)) == [("fetch_late", "ads", AlarmSeverity.WARNING)]


def test_a_refused_token_explains_the_wait_by_itself() -> None:
    assert raised(fetch_backlogs=backlog(31), fetch_pauses=(PAUSE,)) == [
        ("fetch_paused", "ads", AlarmSeverity.CRITICAL)
    ]
