"""The health pages: alive, ready to take a webhook, and everything well are three different questions."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

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
  First Name: {value: Ada}
actions:
  - subscribe: {list: Newsletter}
"""


def health(service: Service) -> tuple[int, dict[str, Any]]:
    answer = service.get("/healthz", admin=True)
    report: dict[str, Any] = orjson.loads(answer.body)
    assert answer.status == (200 if report["healthy"] else 503)
    return answer.status, report


def takes_webhooks(service: Service, address: str) -> bool:
    """Whether it says that it is ready, and is."""
    ready = service.get("/readyz")
    assert (ready.status, orjson.loads(ready.body)) == (200, {"ready": True})
    return service.post("form", {"email": address}).status == 202


def test_a_error_at_zoho_is_reported_and_never_stops_receiving(
    new_service: NewService, new_sandbox: NewSandbox
) -> None:
    sandbox = new_sandbox()
    service = new_service(**sandbox.settings)
    service.write(form=MAPPING)
    serving = service.start("serve")
    wait_until(lambda: service.lines("account.read"))
    wait_until(lambda: service.answers("/livez", admin=True))
    ok = {"ok": True}
    assert health(service) == (200, {"healthy": True, "outbox": ok, "hooks": ok, "deliverer": ok, "zoho": ok})
    sandbox.processes.destroy()
    assert takes_webhooks(service, "down@example.com")
    wait_until(lambda: service.lines("api.failing"))
    status, report = health(service)
    assert (status, report["subscribe outage"]["ok"]) == (503, False)
    assert report["subscribe outage"]["fix"]
    assert takes_webhooks(service, "still-down@example.com")
    assert serving.stop() == 0
    assert service.delivery_states("down@example.com") == ["pending"]


def test_a_refused_token_is_reported_with_its_fix(new_service: NewService, new_sandbox: NewSandbox) -> None:
    service = new_service(**new_sandbox("--refresh-token", "another").settings)
    service.write(form=MAPPING)
    service.start("serve")
    assert takes_webhooks(service, "ada@example.com")
    wait_until(lambda: service.lines("token.failed", permanent=True))
    wait_until(lambda: service.answers("/livez", admin=True))
    status, report = health(service)
    assert (status, report["token"]["ok"], report["token"]["fix"]) == (503, False, "see `leadbridge auth`")
    assert report["token"]["since"].startswith("20")
    assert takes_webhooks(service, "grace@example.com")


def test_a_receiver_alone_is_ready_and_says_that_nobody_delivers(new_service: NewService) -> None:
    service = new_service(NEEDED="")
    service.write(form=MAPPING, closed=f"secrets: {{token: NEEDED}}{MAPPING}".replace("none", "{query_token: token}"))
    receiving = service.start("receive")
    wait_until(lambda: service.answers("/livez", admin=True))
    assert takes_webhooks(service, "ada@example.com")
    status, report = health(service)
    assert (status, report["deliverer"]["ok"], report["hook closed"]["ok"]) == (503, False, False)
    assert "NEEDED" in report["hook closed"]["detail"]
    assert report["hook closed"]["fix"].startswith("set NEEDED or NEEDED_FILE for the service")
    assert orjson.loads(service.get("/livez").body) == {"live": True}
    assert service.get("/healthz").status == 404, "details are for the admin address only"
    assert receiving.stop(signal.SIGINT) == 0


def test_without_an_outbox_or_an_open_hook_nothing_is_ready_but_all_is_alive(new_service: NewService) -> None:
    service = new_service(LEADBRIDGE_DATABASE_URL="sqlite:////nowhere/outbox.db")
    service.write(form=MAPPING)
    service.run("receive")
    wait_until(lambda: service.answers("/livez", admin=True))
    wait_until(lambda: service.answers("/livez"))
    ready = service.get("/readyz")
    assert (ready.status, "/nowhere/outbox.db" in orjson.loads(ready.body)["reason"]) == (503, True)
    assert service.post("form", {"email": "ada@example.com"}).status == 503
    assert service.get("/livez").status == 200
    status, report = health(service)
    assert (status, report["outbox"]["ok"]) == (503, False)


def test_a_mapping_for_an_account_that_nobody_serves_takes_its_leads_and_is_reported_everywhere(
    new_service: NewService, new_sandbox: NewSandbox
) -> None:
    service = new_service(**new_sandbox().settings)
    service.write(form=f"account: agency{MAPPING}")
    serving = service.start("serve")
    assert takes_webhooks(service, "ada@example.com")
    wait_until(lambda: service.answers("/livez", admin=True))
    detail = "there is no Zoho account 'agency' in the settings; known: default"
    assert health(service)[1]["hook form"]["detail"] == detail
    assert service.lines("hook.account_unknown")[0]["problem"] == detail
    shown = service.leadbridge("show", "ada@example.com").stdout.splitlines()[0]
    assert (
        shown == f"ada@example.com: Subscribe to 'Newsletter': waits: {detail}; it goes on once the account is there."
    )
    assert serving.stop() == 0
