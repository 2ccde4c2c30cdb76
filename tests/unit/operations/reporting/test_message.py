"""What a channel is sent: everything that changed, once, and not before it settled."""

from __future__ import annotations

import pytest

from bridge.model import Alarm, AlarmSeverity
from bridge.operations.reporting.message import GROUP_MS, next_message, trial_message

NOW = 1_700_000_000_000


def alarm(name: str = "hold", *, severity: str = "warning", age_ms: int = GROUP_MS, subject: str = "one") -> Alarm:
    return Alarm(
        name=name,
        subject=subject,
        severity=AlarmSeverity(severity),
        message="stopped",
        fix="release it",
        raised_at=NOW - age_ms,
    )


def test_nothing_changed_is_no_message() -> None:
    assert next_message([alarm()], [alarm()], least="info", now=NOW) is None


def test_fresh_alarms_wait_for_others_and_go_with_the_first_that_is_due() -> None:
    fresh = alarm("late", age_ms=GROUP_MS - 1)
    assert next_message([], [fresh], least="info", now=NOW) is None
    message = next_message([], [fresh, alarm()], least="info", now=NOW)
    assert message is not None
    assert message.raised == (fresh, alarm())


def test_what_came_and_went_between_two_messages_is_not_in_them() -> None:
    message = next_message([alarm("lock")], [alarm("hold")], least="info", now=NOW)
    assert message is not None
    assert ([one.name for one in message.raised], [one.name for one in message.cleared]) == (["hold"], ["lock"])


def test_an_alarm_that_became_worse_is_raised_again_and_not_cleared() -> None:
    message = next_message([alarm()], [alarm(severity="critical")], least="info", now=NOW)
    assert message is not None
    assert ([one.severity for one in message.raised], message.cleared) == (["critical"], ())


@pytest.mark.parametrize(("least", "count"), [("info", 3), ("warning", 2), ("critical", 1)])
def test_alarms_below_the_severity_asked_for_are_left_out(least: str, count: int) -> None:
    found = [alarm(severity=one) for one in ("info", "warning", "critical")]
    message = next_message([], found, least=least, now=NOW)
    assert message is not None
    assert len(message.raised) == count


def test_the_same_changes_have_the_same_id_whenever_they_are_sent() -> None:
    ids = {
        message.message_id
        for now in (NOW, NOW + 60_000)
        for found in ([alarm(), alarm("lock")], [alarm("lock"), alarm()])
        if (message := next_message([], found, least="info", now=now))
    }
    assert len(ids) == 1
    assert trial_message(NOW).message_id != trial_message(NOW + 1).message_id
