"""What came hour by hour: the last day by state, and every hour of two weeks, those without events too."""

from __future__ import annotations

from bridge.model import HOUR_MS
from bridge.operations.alarms import HookHistory
from bridge.operations.status.traffic import traffic_of


def test_hours_without_events_are_zero_and_the_last_day_is_counted_by_state() -> None:
    hours = {100: {"accepted": 2}, 123: {"accepted": 1, "refused": 3}, 76: {"ignored": 5}}
    history = HookHistory(hook="form", hours=hours, rejected={123: 2, 76: 1, 20: 9})
    found = traffic_of(history, now=123 * HOUR_MS + 5, days=2)
    assert {state: (len(hours), sum(hours)) for state, hours in found.hours.items()} == {
        "accepted": (48, 3),
        "ignored": (48, 5),
        "refused": (48, 3),
    }
    assert (found.hours["ignored"][0], found.hours["refused"][-1], found.hours["accepted"][-1]) == (5, 3, 1)
    assert found.last_day == {"accepted": 3, "refused": 3}
    assert (found.rejected[-1], found.rejected[0], sum(found.rejected), found.rejected_last_day) == (2, 1, 3, 2)
