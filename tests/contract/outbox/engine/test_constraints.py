"""The tables refuse a row whose columns contradict its state, whatever query writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from bridge.errors import OutboxError
from bridge.outbox.acts import Actor, start_job
from bridge.outbox.engine import migrate
from bridge.outbox.registry import register_hooks

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from tests.builders import OutboxDriver

BREAKS: Final = (
    ("lane_held", "lanes", "held_reason = 'credentials'"),
    ("lane_held", "lanes", "held_since = 1"),
    ("lane_held", "lanes", "probe_at = 1"),
    ("hook_problem", "hooks", "status = 'stale'"),
    ("hook_problem", "hooks", "status = 'stale', problem = 'a', since = 1"),
    ("hook_problem", "hooks", "problem = 'a'"),
    ("event_state", "events", "state = 0"),
    ("event_state", "events", "state = 5"),
    ("event_reason", "events", "state = 2"),
    ("event_reason", "events", "state = 3"),
    ("delivery_state", "deliveries", "state = 6"),
    ("delivery_priority", "deliveries", "priority = 3"),
    ("delivery_claim", "deliveries", "call_id = 1"),
    ("delivery_claim", "deliveries", "lease_until = 1"),
    ("delivery_claim", "deliveries", "state = 2"),
    ("delivery_claim", "deliveries", "state = 2, call_id = 1"),
    ("delivery_blocked", "deliveries", "state = 3"),
    ("delivery_end", "deliveries", "state = 4"),
    ("delivery_end", "deliveries", "state = 5, reason = 'cancelled'"),
    ("delivery_end", "deliveries", "ended_at = 1"),
    ("delivery_dead", "deliveries", "state = 5, ended_at = 1"),
    ("call_leads", "calls", "live_leads = 2"),
    ("call_leads", "calls", "live_leads = -1"),
    ("call_end", "calls", "answered_at = 1"),
    ("call_end", "calls", "effect = 'hold'"),
    ("call_answer", "calls", "ended_at = 1, http_status = 200"),
    ("job_end", "jobs", "total = NULL, ended_at = 1"),
)


@pytest.mark.parametrize(("constraint", "table", "change"), BREAKS)
def test_a_row_that_contradicts_its_state_is_refused(
    driver: OutboxDriver, constraint: str, table: str, change: str
) -> None:
    driver.send()
    assert driver.claim(driver.lane()) is not None  # its call is in flight
    driver.send()  # and this delivery is pending
    register_hooks(driver.outbox, ["form"])
    start_job(driver.outbox, "retry", [1], subject="", options={}, actor=Actor(name="ada", source="cli"))
    where = "state = 1" if table == "deliveries" else "id > 0"
    with pytest.raises(OutboxError, match="refused a row") as refused, driver.outbox.write() as transaction:
        transaction.connection.execute(f"UPDATE {table} SET {change} WHERE {where}")  # noqa: S608 - all from the table above
    assert constraint in str(refused.value.__cause__)


def test_every_constraint_is_broken_above(outbox: Outbox) -> None:
    with outbox.read() as transaction:
        (script,) = [one.script for one in migrate.migrations(transaction.dialect)]
    named = {line.split()[1] for line in script.splitlines() if line.strip().startswith("CONSTRAINT")}
    assert named == {constraint for constraint, _, _ in BREAKS}
