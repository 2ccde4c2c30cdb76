"""Reports are sent once by all processes together, spaced out, tried again, and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.model import Alarm, AlarmSeverity
from bridge.operations.reporting.channels import AlarmChannelError, Channel
from bridge.operations.reporting.message import GROUP_MS
from bridge.operations.reporting.reporter import CURRENT_MS, FIRST_RETRY_MS, LAST_RETRY_MS, PAUSE_MS, Reporter, retry_ms
from bridge.outbox import registry

if TYPE_CHECKING:
    from bridge.operations.reporting.message import AlarmMessage
    from bridge.outbox import Outbox
    from tests.conftest import StillClock


class Inbox:
    """A channel that notes what it was sent, and refuses it while `refusing`."""

    def __init__(self) -> None:
        self.sent: list[tuple[list[str], list[str]]] = []
        self.ids: list[str] = []
        self.refusing = False

    def send(self, message: AlarmMessage) -> str:
        self.ids.append(message.message_id)
        if self.refusing:
            raise AlarmChannelError("ops.example.com answered 500")
        self.sent.append(([one.name for one in message.raised], [one.name for one in message.cleared]))
        return ""

    @property
    def channel(self) -> Channel:
        return Channel(kind="webhook", host="ops.example.com", name="webhook 1", send=self.send)


class Watch:
    """Raises alarms in an outbox and lets several processes report them to one inbox."""

    def __init__(self, store: Outbox, clock: StillClock) -> None:
        self.store, self.clock, self.inbox = store, clock, Inbox()
        self.outage: Alarm | None = None
        self.reporters = [self.restarted(), self.restarted()]

    def restarted(self) -> Reporter:
        return Reporter(self.store, self.inbox.channel, least="warning", outage=lambda: self.outage, clock=self.clock)

    def look(self, *names: str) -> None:
        found = [alarm(name, self.store.now()) for name in names]
        registry.note_alarms(self.store, found, linger_ms=30_000)

    def step(self, milliseconds: int = 0) -> list[tuple[list[str], list[str]]]:
        """Let time pass, let every process report; what was sent in all."""
        self.clock.pass_ms(milliseconds)
        for reporter in self.reporters:
            reporter.step()
        return self.inbox.sent


def alarm(name: str, at: int) -> Alarm:
    return Alarm(name=name, subject="one", severity=AlarmSeverity.WARNING, message="wrong", fix="fix it", raised_at=at)


@pytest.fixture
def watch(outbox: Outbox, clock: StillClock) -> Watch:
    return Watch(outbox, clock)


def test_two_processes_report_an_alarm_once_and_its_end_once(watch: Watch) -> None:
    watch.look("hold", "late")
    assert watch.step() == []
    assert watch.step(GROUP_MS) == [(["hold", "late"], [])]
    watch.look("late")
    watch.clock.pass_ms(PAUSE_MS)
    watch.look("late")
    assert watch.step() == [(["hold", "late"], []), ([], ["hold"])]


def test_an_alarm_that_flutters_is_one_alarm(watch: Watch) -> None:
    watch.look("hold")
    watch.step(GROUP_MS)
    for _ in range(20):
        watch.look()
        watch.step(5_000)
        watch.look("hold")
        assert len(watch.step(5_000)) == 1


def test_messages_are_spaced_out_and_hold_all_that_came_meanwhile(watch: Watch) -> None:
    watch.look("hold")
    watch.step(GROUP_MS)
    for second in range(5):
        watch.look("hold", *(f"alarm {number}" for number in range(second)))
        watch.step(10_000)
    assert len(watch.inbox.sent) == 1
    assert watch.step(PAUSE_MS)[1] == ([f"alarm {number}" for number in range(4)], [])


def test_a_restart_repeats_nothing(watch: Watch) -> None:
    watch.look("hold")
    watch.step(GROUP_MS)
    watch.reporters = [watch.restarted()]
    assert len(watch.step(PAUSE_MS)) == 1


def test_a_refused_message_is_tried_again_with_growing_pauses_and_the_same_id(watch: Watch) -> None:
    watch.inbox.refusing = True
    watch.look("hold")
    watch.step(GROUP_MS)
    watch.step(FIRST_RETRY_MS - 1)
    assert len(watch.inbox.ids) == 1
    watch.step(1)
    watch.step(FIRST_RETRY_MS)
    assert len(watch.inbox.ids) == 2
    assert registry.alarm_channel(watch.store, "webhook 1").error == "ops.example.com answered 500"
    watch.inbox.refusing = False
    assert watch.step(FIRST_RETRY_MS) == [(["hold"], [])]
    assert len(set(watch.inbox.ids)) == 1
    assert registry.alarm_channel(watch.store, "webhook 1").failures == 0


def test_what_was_stored_before_an_outage_is_looked_at_before_it_is_reported(watch: Watch) -> None:
    watch.look("disk_low")
    watch.clock.pass_ms(CURRENT_MS + 1)
    assert watch.step() == [], "since the disk was full nobody could store what became of it"
    watch.look()
    assert watch.step(GROUP_MS) == []
    watch.look("disk_low")
    assert watch.step(GROUP_MS) == [(["disk_low"], [])]


@pytest.mark.parametrize(
    ("failures", "retry_after", "expected"),
    [(0, 0, FIRST_RETRY_MS), (1, 0, 2 * FIRST_RETRY_MS), (1000, 0, LAST_RETRY_MS), (0, 120.0, 120_000)],
)
def test_pauses_grow_up_to_an_hour(failures: int, retry_after: float, expected: int) -> None:
    assert retry_ms(failures, retry_after) == expected


def test_an_outbox_that_is_away_is_reported_from_memory_and_so_is_its_end(watch: Watch) -> None:
    watch.reporters = watch.reporters[:1]
    watch.outage = alarm("outbox_unwritable", watch.clock.now)
    watch.step(GROUP_MS)
    assert watch.step(PAUSE_MS) == [(["outbox_unwritable"], [])]
    watch.outage = None
    assert watch.step(5_000) == [(["outbox_unwritable"], []), ([], ["outbox_unwritable"])]
    assert len(watch.step(PAUSE_MS)) == 2
