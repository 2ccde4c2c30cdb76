"""An account that reads no body of a call, under a storm: everybody arrives, and nobody loses an attempt by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import NewSandbox, NewService

MAPPING = """
preset: json
verify: none
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
  First Name: {answer: name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""
LEADS = 240
LIMITS = {"LEADBRIDGE_WINDOW_SECONDS": "2", "LEADBRIDGE_TRIGGER_CALLS": "6", "LEADBRIDGE_SUBSCRIBE_CALLS": "120"}


def test_a_storm_reaches_an_account_that_takes_parameters_in_the_url_only(
    new_service: NewService, new_sandbox: NewSandbox, outbox_url: str
) -> None:
    sandbox = new_sandbox(
        "--parameters-in-url", "--window", "2", "--trigger-calls", "6", "--subscribe-calls", "120", "--lock", "60"
    )
    service = new_service(**sandbox.settings, **LIMITS, LEADBRIDGE_DATABASE_URL=outbox_url)
    service.write(form=MAPPING)
    running = service.start("serve")
    leads = [f"lead{number:03}@example.com" for number in range(LEADS)]
    for start in range(0, LEADS, 40):
        service.post("form", [{"email": lead, "name": "Ada"} for lead in leads[start : start + 40]])
    wait_until(lambda: len(sandbox.state()["journeys"]["Welcome"]) == LEADS)
    wait_until(lambda: all(one.ended_at for story in service.stories() for one in story.deliveries))
    state = sandbox.state()
    deliveries = [one for story in service.stories() for one in story.deliveries]
    assert {(one.state.name, one.attempts_count) for one in deliveries} == {("DELIVERED", 1)}
    assert set(state["journeys"]["Welcome"].values()) == {1}
    assert (state["lockouts"], 414 in {call["status"] for call in state["calls"]}) == (0, False)
    assert state["max_in_window"]["trigger"] <= 6
    known = {
        one["api"]: one["parameters_in"] for one in orjson.loads(service.leadbridge("status", "--json").stdout)["apis"]
    }
    assert (known["subscribe"], known["trigger"]) == ("url", "url")
    assert "takes its parameters in the URL only" in service.leadbridge("status").stdout
    assert "takes parameters in the URL only: subscribe, trigger" in service.leadbridge("doctor").stdout
    assert {line["api"] for line in service.lines("api.parameters_in_url")} == {"subscribe", "trigger"}
    assert running.stop() == 0
