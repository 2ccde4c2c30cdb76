"""What did not arrive, on both databases: grouped by cause, with marks that choose just the group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model import DeadReason, DeliveryState, EventState, Target
from bridge.operations import acts
from bridge.operations.leads.trouble import held_lanes, troubles
from bridge.operations.selection import selector_of
from bridge.outbox.inbox import record
from bridge.outbox.operator import cancel, status
from tests.builders import OutboxDriver

if TYPE_CHECKING:
    from bridge.outbox import Outbox

NEWSLETTER = Target(api="subscribe", list_name="Newsletter")


def test_refused_and_dead_are_grouped_and_their_marks_choose_the_group(outbox: Outbox) -> None:
    driver = OutboxDriver(outbox)
    for hook, count in (("form", 3), ("shop", 1)):
        for _ in range(count):
            event = driver.event(
                state=EventState.REFUSED, reason="bad_address", notes=b'{"problems":[{"message":"none","fix":"ask"}]}'
            )
            record(outbox, driver.request(event, hook=hook))
    for number in range(2):
        driver.send(f"lead{number}@example.com", target=NEWSLETTER)
    driver.finish(driver.claimed(driver.lane(NEWSLETTER)), DeliveryState.DEAD, reason=DeadReason.PERMANENT)
    found = troubles(outbox, {})
    assert [(one.what, one.where, one.count) for one in found] == [
        ("refused", "form", 3),
        ("dead", "Newsletter", 2),
        ("refused", "shop", 1),
    ]
    assert found[0].fix == "ask"
    for one in found:
        selector = selector_of(one.marks, now=outbox.now())
        assert len(acts.choose(outbox, one.acts[0], selector).ids) == one.count
        assert one.first_at <= one.last_at
    cancel(outbox, [1, 2])
    assert [one.what for one in troubles(outbox, {})] == ["refused", "refused"], "somebody has decided on the dead"


def test_held_lanes_are_listed_with_what_waits(outbox: Outbox) -> None:
    driver = OutboxDriver(outbox)
    driver.send(target=NEWSLETTER)
    assert held_lanes(status(outbox).apis) == ()
    with outbox.write() as transaction:
        transaction.connection.execute("UPDATE lanes SET held_reason = 'no such list', held_since = 1")
    (held,) = held_lanes(status(outbox).apis)
    assert (held.target, held.reason, held.waiting) == ("Newsletter", "no such list", 1)
