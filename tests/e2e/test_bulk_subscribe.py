"""A subscribe that sends nothing but the address shares its calls: `bulk: true`, from the webhook to Zoho's list."""

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
actions:
  - subscribe: {list: Newsletter, bulk: true}
"""


def test_leads_with_an_address_only_go_ten_in_a_call(
    new_service: NewService, new_sandbox: NewSandbox, outbox_url: str
) -> None:
    sandbox = new_sandbox()
    service = new_service(**sandbox.settings, LEADBRIDGE_DATABASE_URL=outbox_url)
    service.write(footer=MAPPING)
    running = service.start("serve")
    leads = [f"lead{number:02}@example.com" for number in range(11)]
    answer = service.post("footer", [{"email": lead} for lead in leads])
    assert [event["state"] for event in orjson.loads(answer.body)["events"]] == ["accepted"] * len(leads)
    wait_until(lambda: all(service.delivery_states(lead) == ["delivered"] for lead in leads))
    calls = [call["leads"] for call in sandbox.calls("add_leads")]
    assert sorted(map(len, calls)) == [1, 10]
    assert sorted(lead for call in calls for lead in call) == leads
    assert sandbox.calls("subscribe") == []
    assert sorted(sandbox.state()["leads"]["Newsletter"]) == leads
    assert running.stop() == 0
