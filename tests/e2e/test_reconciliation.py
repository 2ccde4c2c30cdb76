"""A service that compares by itself what it delivered with Zoho's lists, and says so wherever people look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import NewSandbox, NewService, Service

MAPPING = """
preset: json
verify: none
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
actions:
  - subscribe: {list: Newsletter}
"""
LEAVES = """
preset: json
verify: none
lead:
  Lead Email: {answer: email}
withdraw:
  when: {answer: email, present: true}
  actions:
    - unsubscribe: {list: Newsletter}
"""
LEADS = [f"lead{number}@example.com" for number in range(4)]


def alarms(service: Service) -> set[str]:
    """The alarms that every place names alike."""
    health = orjson.loads(service.get("/healthz", admin=True).body).get("alarms", [])
    status = orjson.loads(service.leadbridge("status", "--json").stdout)["alarms"]
    metrics = service.get("/metrics", admin=True).body.decode()
    names = {one["name"] for one in health} & {one["name"] for one in status}
    return {name for name in names if f'leadbridge_alarm{{name="{name}"' in metrics}


def test_missing_leads_raise_an_alarm_that_ends_when_they_are_back(
    new_service: NewService, new_sandbox: NewSandbox, outbox_url: str
) -> None:
    sandbox = new_sandbox()
    service = new_service(**sandbox.settings, LEADBRIDGE_DATABASE_URL=outbox_url, LEADBRIDGE_RECONCILE_HOURS="0.003")
    service.write(form=MAPPING)
    running = service.start("serve")
    service.post("form", [{"email": lead} for lead in LEADS])
    wait_until(lambda: all(service.delivery_states(lead) == ["delivered"] for lead in LEADS))
    sandbox.change("remove", LEADS[0])
    wait_until(lambda: service.lines("alarm.raised", alarm="leads_missing"))
    wait_until(lambda: "leads_missing" in alarms(service))
    assert 'leadbridge_reconciled_leads{result="missing"} 1.0' in service.get("/metrics", admin=True).body.decode()
    jobs = orjson.loads(service.leadbridge("jobs", "--json").stdout)["jobs"]
    assert {(one["act"], one["source"]) for one in jobs} == {("reconcile", "service")}
    again = service.leadbridge("reconcile", "--retry", "--yes")
    assert LEADS[0] in again.stdout, again.stderr
    wait_until(lambda: service.lines("alarm.cleared", alarm="leads_missing"))
    assert "leads_missing" not in alarms(service)
    assert sandbox.state()["leads"]["Newsletter"].keys() == set(LEADS)
    assert sandbox.state()["lockouts"] == 0
    assert running.stop() == 0


def test_who_is_missing_is_sent_again_whatever_came_later_but_for_a_withdrawal(
    new_service: NewService, new_sandbox: NewSandbox, outbox_url: str
) -> None:
    sandbox = new_sandbox()
    service = new_service(**sandbox.settings, LEADBRIDGE_DATABASE_URL=outbox_url)
    service.write(form=MAPPING, shop=MAPPING.replace("subscribe: {list: Newsletter}", "tag: Customer"))
    service.write(leave=LEAVES)
    running = service.start("serve")
    service.post("form", [{"email": lead} for lead in LEADS])
    wait_until(lambda: all(service.delivery_states(lead) == ["delivered"] for lead in LEADS))
    service.post("shop", {"email": LEADS[0]})
    wait_until(lambda: service.delivery_states(LEADS[0]) == ["delivered"] * 2)
    for lead in LEADS[:2]:
        sandbox.change("remove", lead)
    again = service.leadbridge("reconcile", "--retry", "--yes")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "2 events sent")
    wait_until(lambda: sandbox.state()["leads"]["Newsletter"].keys() == set(LEADS))
    service.post("leave", {"email": LEADS[0]})
    wait_until(lambda: {one for lead in LEADS for one in service.delivery_states(lead)} == {"delivered"})
    for lead in LEADS[:2]:
        sandbox.change("remove", lead)
    again = service.leadbridge("reconcile", "--retry", "--yes", "--json")
    assert (again.returncode, orjson.loads(again.stdout)["replayed"]["counts"]) == (0, {"send": 1})
    assert running.stop() == 0
