"""One process watches for all: what it says, and who it is."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING

import orjson
import pytest
import structlog

from bridge import config, log, outbox
from bridge.errors import OutboxUnavailableError
from bridge.model import DAY_MS, EventState, Kind, NewEvent, NewRequest
from bridge.operations.maintenance import LEASE_MS, Upkeep
from bridge.outbox import inbox, operator, registry
from bridge.outbox.acts import Actor, write_audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox import Outbox
    from tests.conftest import StillClock


@pytest.fixture
def store(sqlite_url: str, clock: StillClock) -> Iterator[Outbox]:
    opened = outbox.open_outbox(sqlite_url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def stream() -> Iterator[io.TextIOWrapper]:
    text = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    log.configure(stream=text)
    yield text
    structlog.reset_defaults()


def lines(stream: io.TextIOWrapper) -> list[tuple[str, str]]:
    """The alarms said so far: what, and which."""
    stream.seek(0)
    found = [orjson.loads(line) for line in stream.read().splitlines()]
    assert [log.undeclared(line) for line in found] == [set()] * len(found)
    return [(line["event"], line["alarm"]) for line in found]


def upkeep(store: Outbox) -> Upkeep:
    return Upkeep(store, config.load({}))


def _of_another_process(store: Outbox, monkeypatch: pytest.MonkeyPatch) -> Upkeep:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("os.getpid", lambda: 999_999)
        return upkeep(store)


def beat(store: Outbox) -> None:
    registry.heartbeat(store, role="deliverer", host="here", pid=1)


def test_an_alarm_is_said_once_when_it_is_raised_and_once_when_it_is_cleared(
    store: Outbox, stream: io.TextIOWrapper
) -> None:
    watch = upkeep(store)
    for _ in range(3):
        assert [alarm.name for alarm in watch.look()] == ["deliverer_dead"]
    beat(store)
    assert watch.look() == ()
    assert lines(stream) == [("alarm.raised", "deliverer_dead"), ("alarm.cleared", "deliverer_dead")]


def test_only_one_process_watches_until_its_lease_is_over(
    store: Outbox, stream: io.TextIOWrapper, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = upkeep(store), _of_another_process(store, monkeypatch)
    assert first.look()
    assert second.look() == ()
    clock.pass_ms(LEASE_MS + 1)
    assert second.look()
    assert first.look() == ()
    assert lines(stream) == [("alarm.raised", "deliverer_dead")] * 2


def test_an_outbox_that_is_away_is_an_alarm(
    store: Outbox, stream: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logged once, however many processes see it."""
    beat(store)
    watch, other = upkeep(store), _of_another_process(store, monkeypatch)
    assert (watch.look(), other.look()) == ((), ())

    def away(*_: object, **__: object) -> bool:
        raise OutboxUnavailableError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("bridge.outbox.registry.acquire_leader_lease", away)
        assert [alarm.name for alarm in watch.look()] == ["outbox_unwritable"]
        assert [alarm.name for alarm in other.look()] == ["outbox_unwritable"]
    assert (other.look(), watch.look()) == ((), ())
    assert lines(stream) == [("alarm.raised", "outbox_unwritable"), ("alarm.cleared", "outbox_unwritable")]


def test_an_outbox_that_cannot_be_looked_at_ends_no_alarm(
    store: Outbox, stream: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = upkeep(store)
    assert [alarm.name for alarm in watch.look()] == ["deliverer_dead"]

    def away(*_: object, **__: object) -> bool:
        raise OutboxUnavailableError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("bridge.outbox.registry.acquire_leader_lease", away)
        watch.look()
        watch.look()
    beat(store)
    watch.look()
    raised = [("alarm.raised", "deliverer_dead"), ("alarm.raised", "outbox_unwritable")]
    ended = {("alarm.cleared", "deliverer_dead"), ("alarm.cleared", "outbox_unwritable")}
    found = lines(stream)
    assert (found[:2], set(found[2:]), len(found)) == (raised, ended, 4)


def test_one_look_purges_step_by_step_until_nothing_old_is_left(
    store: Outbox, stream: io.TextIOWrapper, clock: StillClock
) -> None:
    keep_old(store, 120, clock)
    upkeep(store).look()
    assert bodies(store) == 0


def test_a_look_that_is_reported_to_stop_purges_no_further(
    store: Outbox, stream: io.TextIOWrapper, clock: StillClock
) -> None:
    keep_old(store, 120, clock)
    stop = threading.Event()
    stop.set()
    upkeep(store).look(stop)
    assert 0 < bodies(store) < 120


def keep_old(store: Outbox, count: int, clock: StillClock) -> None:
    """Requests with bodies that nobody needs any more."""
    for number in range(count):
        event = NewEvent(item=0, kind=Kind.SUBMISSION, state=EventState.IGNORED, key=f"k{number}", reason="no_consent")
        request = NewRequest(
            hook="form",
            received_at=store.now(),
            body=b"{}",
            content_type="",
            meta=b"{}",
            mapping_set_id=None,
            events=(event,),
        )
        inbox.record(store, request)
    clock.pass_ms(31 * DAY_MS)


def bodies(store: Outbox) -> int:
    found = [operator.request_of(store, event.event_id) for event in operator.find_events(store, limit=500)]
    return sum(one is not None and one.body is not None for one in found)


def test_the_log_has_each_line_of_the_audit_once_whoever_acted(
    store: Outbox, clock: StillClock, stream: io.TextIOWrapper
) -> None:
    watch = upkeep(store)
    for name, source in (("ada@host", "cli"), ("grace", "console")):
        write_audit(store, "retry", actor=Actor(name=name, source=source), subject="hook=form", result="2 retried")
    for _ in range(3):
        clock.pass_ms(2_000)
        watch.look()
    stream.seek(0)
    written = [line for line in map(orjson.loads, stream.read().splitlines()) if line["event"] == "operator.acted"]
    assert [(line["actor"], line["source"], line["result"]) for line in written] == [
        ("ada@host", "cli", "2 retried"),
        ("grace", "console", "2 retried"),
    ]
    assert not log.undeclared(written[0])
