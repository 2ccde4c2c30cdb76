"""Alarms of a real service arrive at a real receiver, whose own preset verifies their signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import NewService

SECRET = "whsec_" + "c2VjcmV0" * 5
ALARMED = """
preset: standard-webhooks
secrets: {signing: ALARMS}
consent: {not_asked: it is not a person}
lead:
  Lead Email: {value: ops@example.com}
  Last Name: {value: Alarm}
actions:
  - subscribe: {list: Newsletter}
"""
CLOSED = """
preset: json
verify: {query_token: token}
secrets: {token: NOT_SET}
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
actions:
  - subscribe: {list: Newsletter}
"""


def test_an_alarm_arrives_signed_and_once(new_service: NewService) -> None:
    receiver = new_service(ALARMS=SECRET)
    receiver.write(ops=ALARMED)
    receiver.start("receive")
    service = new_service(
        LEADBRIDGE_ALARM_WEBHOOK_URL=f"{receiver.hooks_url}/hooks/ops",
        LEADBRIDGE_ALARM_WEBHOOK_SECRET=SECRET,
        LEADBRIDGE_ALARM_PRIVATE="true",
    )
    service.write(form=CLOSED)
    service.run("receive")

    tested = service.leadbridge("alarms", "--test", "--json")
    assert orjson.loads(tested.stdout) == {
        "channels": [{"channel": "webhook", "host": "127.0.0.1", "sent": True, "error": None}]
    }, tested.stderr
    wait_until(lambda: service.lines("alarm.sent"))
    assert [line["status"] for line in receiver.lines("request.answered")] == [202, 202]
    assert receiver.lines("request.rejected") == []
    wait_until(lambda: "last message" in service.leadbridge("alarms").stdout)
    raised = orjson.loads(service.leadbridge("alarms", "--json").stdout)
    assert {alarm["name"] for alarm in raised["alarms"]} == {"hook_closed", "deliverer_dead"}
    assert raised["channels"][0]["sent_at"]
    assert SECRET not in b"".join(one.output.read_bytes() for one in service.started).decode()


def test_without_a_channel_the_test_fails_and_names_the_settings(new_service: NewService) -> None:
    service = new_service()
    assert service.leadbridge("migrate").returncode == 0
    tested = service.leadbridge("alarms", "--test")
    assert (tested.returncode, "LEADBRIDGE_ALARM_WEBHOOK_URL" in tested.stdout) == (1, True)
