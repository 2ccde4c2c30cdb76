"""The log of a running service: one whole line for each request, event, call and delivery that reached its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from bridge.log import lead_id, undeclared
from bridge.log.lines import EVENTS
from bridge.outbox import open_outbox
from bridge.outbox.registry import identity
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import NewSandbox, NewService, Service

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
TOKEN = {"X-Token": "a-secret-of-the-form"}
MAPPING = """
preset: json
secrets: {token: FORM_TOKEN}
verify: {header_token: X-Token}
consent: {answer: newsletter}
lead:
  Lead Email: {answer: email}
  First Name: {answer: name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""


@pytest.fixture(scope="module")
def service(new_service: NewService, new_sandbox: NewSandbox) -> Service:
    """A service through which three webhooks have gone: one all the way, one refused by Zoho, one forged."""
    service = new_service(**new_sandbox().settings, FORM_TOKEN=TOKEN["X-Token"])
    service.write(form=MAPPING)
    service.start("serve")
    _post(service, "ada", {"email": "ada@example.com", "name": "Ada", "newsletter": True})
    wait_until(lambda: service.delivery_states("ada@example.com") == ["delivered"] * 2)
    _post(service, "grace", {"email": "abuse@example.com", "name": "Grace", "newsletter": True})
    wait_until(lambda: service.delivery_states("abuse@example.com") == ["dead"] * 2)
    _post(service, "forged", {"email": "eve@example.com", "newsletter": True}, {"X-Token": "guessed-secret"})
    return service


def _post(service: Service, request_id: str, body: Any, headers: dict[str, str] | None = None) -> None:
    service.post("form", body, {**TOKEN, "X-Request-Id": request_id, **(headers or {})})


def one(service: Service, event: str, **fields: Any) -> dict[str, Any]:
    """The one line of an event with these fields, less what differs from run to run."""
    (line,) = service.lines(event, **fields)
    assert line.pop("timestamp").endswith("Z")
    for name in ("duration_ms", "age_ms"):
        if name in line:
            assert 0 <= line.pop(name) < 60_000
    return line


def _lead(service: Service, address: str) -> str:
    store = open_outbox(service.settings["LEADBRIDGE_DATABASE_URL"])
    key = identity(store)
    store.close()
    return lead_id(key, address)


def test_a_request_has_one_line(service: Service) -> None:
    assert one(service, "request.answered", request_id="ada") == {
        "event": "request.answered",
        "level": "info",
        "request_id": "ada",
        "hook": "form",
        "status": 202,
        "states": ["accepted"],
    }


def test_a_request_that_is_rejected_says_why_and_to_which_hook(service: Service) -> None:
    line = one(service, "request.rejected", request_id="forged")
    assert line == {
        "event": "request.rejected",
        "level": "warning",
        "request_id": "forged",
        "hook": "form",
        "status": 401,
        "why": "signature",
        "error": "the token in the header 'x-token' does not match",
        "client": "127.0.0.1",
    }


def test_an_event_has_one_line(service: Service) -> None:
    assert one(service, "event.recorded", request_id="ada") == {
        "event": "event.recorded",
        "level": "info",
        "request_id": "ada",
        "hook": "form",
        "event_id": "evt_1",
        "state": "accepted",
        "reason": "",
        "kind": "submission",
        "lead_id": _lead(service, "ada@example.com"),
        "deliveries": 2,
        "duplicate": False,
        "update": False,
    }


def test_a_call_has_one_line(service: Service) -> None:
    first = one(service, "delivery.delivered", event_id="evt_1", api="trigger")["call_id"]
    assert one(service, "call.finished", call_id=first) == {
        "event": "call.finished",
        "level": "info",
        "account": "default",
        "api": "trigger",
        "call_id": first,
        "leads": 1,
        "moved": 1,
        "http_status": 200,
        "code": "200",
        "effect": "none",
        "results": {"triggered": 1},
    }


def test_a_delivery_that_reached_zoho_has_one_line(service: Service) -> None:
    (story,) = service.stories(event_id=1)
    (attempt,) = story.deliveries[0].attempts
    assert one(service, "delivery.delivered", delivery_id=f"dlv_{story.deliveries[0].delivery_id}") == {
        "event": "delivery.delivered",
        "level": "info",
        "account": "default",
        "api": "subscribe",
        "call_id": f"call_{attempt.call_id}",
        "delivery_id": f"dlv_{story.deliveries[0].delivery_id}",
        "event_id": "evt_1",
        "lead_id": _lead(service, "ada@example.com"),
        "result": "subscribed",
        "attempts": 1,
    }


def test_a_delivery_that_was_given_up_has_one_line_with_the_reason(service: Service) -> None:
    (story,) = service.stories(event_id=2)
    (attempt,) = story.deliveries[0].attempts
    assert one(service, "delivery.died", event_id="evt_2") == {
        "event": "delivery.died",
        "level": "warning",
        "account": "default",
        "api": "subscribe",
        "call_id": f"call_{attempt.call_id}",
        "delivery_id": f"dlv_{story.deliveries[0].delivery_id}",
        "event_id": "evt_2",
        "lead_id": _lead(service, "abuse@example.com"),
        "result": "refused",
        "attempts": 1,
        "reason": "permanent",
        "code": "2005",
    }


def test_every_line_is_a_declared_event_with_level_and_time(service: Service) -> None:
    lines = service.lines()
    assert {"service.started", "mappings.loaded", "token.refreshed", "account.read"} <= {
        line["event"] for line in lines
    }
    assert all(line["event"] in EVENTS and line["level"] and line["timestamp"] for line in lines)
    assert {line["event"]: undeclared(line) for line in lines if undeclared(line)} == {}
    schema = jsonschema.Draft202012Validator(json.loads((SCHEMAS / "log-lines.json").read_text()))
    assert [line for line in lines if not schema.is_valid(line)] == []


def test_no_address_name_secret_or_token_is_in_any_output(service: Service) -> None:
    output = "".join(one.output.read_text() + one.errors.read_text() for one in service.started)
    for secret in ("example.com", "Ada", "Grace", TOKEN["X-Token"], "guessed-secret"):
        assert secret not in output
