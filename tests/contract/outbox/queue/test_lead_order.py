"""What a delivery waits for among those of its lead: tags before the person leaves, and nobody for long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bridge.model import PATIENCE_MS, DeliveryState, Priority, Target
from bridge.outbox.inbox import record
from bridge.outbox.queue import hold_lane, lanes
from bridge.outbox.registry.targets import lane_id

if TYPE_CHECKING:
    from tests.builders import OutboxDriver
    from tests.conftest import StillClock

DAY_MS = 86_400_000
LEAVING = (Target(api="unsubscribe", list_name="Newsletter"), Target(api="do_not_mail"))
TAGGING = (Target(api="tag", tag="VIP"), Target(api="untag", tag="VIP"))
each_leave = pytest.mark.parametrize("leave", LEAVING, ids=lambda target: target.api)


def leave_after(driver: OutboxDriver, first: Target, leave: Target, *, withdraws: bool) -> int:
    """Record an event whose first action comes before one by which the person leaves; the lane of the second."""
    deliveries = [driver.delivery(target=target, action_no=number) for number, target in enumerate((first, leave), 1)]
    changed = [replace(one, withdraws=withdraws) for one in deliveries]
    record(driver.outbox, driver.request(driver.event(*changed, lead="ada@example.com")))
    return lane_id(driver.outbox, leave)


@each_leave
@pytest.mark.parametrize(
    ("first", "withdraws"),
    [(TAGGING[1], True), *[(one, False) for one in TAGGING]],
    ids=lambda value: getattr(value, "api", value),
)
def test_somebody_leaves_after_the_tag_that_was_to_be_changed_first(
    driver: OutboxDriver, first: Target, leave: Target, withdraws: bool
) -> None:
    lane = leave_after(driver, first, leave, withdraws=withdraws)
    assert lanes(driver.outbox, "default", leave.api, cap=24) == ()
    assert driver.claim(lane) is None
    driver.finish(driver.claimed(driver.lane(first)))
    assert driver.leads(driver.claim(lane)) == ["ada@example.com"]


@each_leave
@pytest.mark.parametrize("withdraws", [True, False])
def test_a_tag_that_cannot_be_changed_keeps_nobody_for_long(
    driver: OutboxDriver, clock: StillClock, leave: Target, withdraws: bool
) -> None:
    lane = leave_after(driver, TAGGING[1], leave, withdraws=withdraws)
    claim = driver.claimed(driver.lane(TAGGING[1]))
    driver.finish(claim, DeliveryState.PENDING, available_at=clock.now + DAY_MS)
    assert driver.claim(lane) is None
    clock.pass_ms(PATIENCE_MS)
    assert driver.leads(driver.claim(lane)) == ["ada@example.com"]


@each_leave
@pytest.mark.parametrize("withdraws", [True, False])
def test_a_held_lane_keeps_nobody_who_leaves(driver: OutboxDriver, leave: Target, withdraws: bool) -> None:
    lane = leave_after(driver, TAGGING[1], leave, withdraws=withdraws)
    hold_lane(driver.outbox, driver.lane(TAGGING[1]), reason="no such tag", probe_at=driver.outbox.now() + DAY_MS)
    assert driver.leads(driver.claim(lane)) == ["ada@example.com"]


@each_leave
def test_a_tag_that_waits_for_a_confirmation_keeps_nobody_who_leaves(
    driver: OutboxDriver, clock: StillClock, leave: Target
) -> None:
    lane = leave_after(driver, TAGGING[0], leave, withdraws=False)
    claim = driver.claimed(driver.lane(TAGGING[0]))
    driver.finish(claim, DeliveryState.PENDING, available_at=clock.now + DAY_MS, priority=Priority.WAITING)
    assert driver.leads(driver.claim(lane)) == ["ada@example.com"]


def test_a_tag_keeps_nobody_from_a_list(driver: OutboxDriver) -> None:
    driver.send(target=TAGGING[0])
    driver.send(target=driver.subscribe)
    assert driver.leads(driver.claim(driver.lane(driver.subscribe))) == ["ada@example.com"]
