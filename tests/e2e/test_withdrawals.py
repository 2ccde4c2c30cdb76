"""A withdrawal that Zoho does not take is reported wherever people look, until it is through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.test_reconciliation import alarms
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import NewSandbox, NewService

MAPPING = """
preset: json
verify: none
consent: {not_asked: the tests}
withdraw:
  when: {from: body.left, is: "yes"}
  actions:
    - unsubscribe: {list: Newsletter}
lead:
  Lead Email: {answer: email}
actions:
  - subscribe: {list: Newsletter}
"""
ADA = "ada@example.com"


def test_a_withdrawal_that_zoho_refuses_is_an_alarm_until_it_is_through(
    new_service: NewService, new_sandbox: NewSandbox, outbox_url: str
) -> None:
    sandbox = new_sandbox()
    service = new_service(**sandbox.settings, LEADBRIDGE_DATABASE_URL=outbox_url)
    service.write(form=MAPPING)
    running = service.start("serve")
    service.post("form", {"email": ADA})
    wait_until(lambda: service.delivery_states(ADA) == ["delivered"])
    sandbox.fault(kind="error", code="2004", api="unsubscribe", count=1)
    service.post("form", {"email": ADA, "left": "yes"})
    wait_until(lambda: service.lines("alarm.raised", alarm="withdrawal_stuck", severity="critical"))
    wait_until(lambda: "withdrawal_stuck" in alarms(service))
    assert "dead_letters" not in alarms(service)
    status = service.leadbridge("status").stdout
    assert "1 withdrawal" in status, status
    assert service.leadbridge("retry", "--state", "dead", "--yes").returncode == 0
    wait_until(lambda: service.lines("alarm.cleared", alarm="withdrawal_stuck"))
    assert "withdrawal_stuck" not in alarms(service)
    assert sandbox.state()["leads"]["Newsletter"][ADA]["status"] == "unsubscribed"
    assert running.stop() == 0
