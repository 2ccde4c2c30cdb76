"""A person decides that refused events need nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import EventState
from bridge.outbox.inbox import record
from bridge.outbox.operator import dismiss, find_events, status

if TYPE_CHECKING:
    from tests.builders import OutboxDriver


def test_a_dismissed_event_is_ignored_from_then_on_and_no_other_is_touched(driver: OutboxDriver) -> None:
    refused = driver.event(state=EventState.REFUSED, reason="no_address", lead="ada@example.com")
    (receipt,) = record(driver.outbox, driver.request(refused))
    accepted = driver.send("grace@example.com")
    assert dismiss(driver.outbox, [receipt.event_id, accepted.event_id, receipt.event_id]) == 1
    (story,) = find_events(driver.outbox, event_id=receipt.event_id)
    assert (story.state, story.reason) == (EventState.IGNORED, "dismissed")
    counts = status(driver.outbox).mapped
    assert {state: count for (_, state), count in counts.items() if count} == {"accepted": 1, "ignored": 1}
    assert dismiss(driver.outbox, [receipt.event_id]) == 0
