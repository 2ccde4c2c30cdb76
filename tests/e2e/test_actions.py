"""Actions in every account: each of them in two, and a journey that starts with a tag (docs/recipes.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewSandbox, NewService

ACCOUNT = """
lists:
  - Newsletter
  - {name: Webinar, public: true}
journeys:
  - {name: Follow-up, tag: Hot lead}
  - Welcome
tags: [Hot lead]
"""
MAPPING = """
preset: json
verify: none
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
actions:
  - subscribe: {list: %s}
  - tag: {name: Hot lead, when: {from: body.score, in: [80, 90, 100]}}
"""
HOT, COLD, ASKED = "hot@example.com", "cold@example.com", "asked@example.com"


def test_who_is_tagged_enters_the_journey_at_once_or_after_the_click(
    new_service: NewService, new_sandbox: NewSandbox, outbox_url: str, tmp_path: Path
) -> None:
    (tmp_path / "account.yaml").write_text(ACCOUNT)
    sandbox = new_sandbox("--account", str(tmp_path / "account.yaml"))
    service = new_service(**sandbox.settings, LEADBRIDGE_DATABASE_URL=outbox_url)
    service.write(form=MAPPING % "Newsletter", webinar=MAPPING % "Webinar")
    checked = service.leadbridge("check", "--online")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    pulled = service.leadbridge("pull")
    assert "1 tag" in pulled.stdout
    assert "  tag      Hot lead" in pulled.stdout
    running = service.start("serve")
    service.post("form", {"email": HOT, "score": 90})
    service.post("form", {"email": COLD, "score": 10})
    service.post("webinar", {"email": ASKED, "score": 90})
    wait_until(lambda: service.delivery_states(HOT) == ["delivered", "delivered"])
    wait_until(lambda: service.delivery_states(COLD) == ["delivered"])
    assert sandbox.state()["journeys"]["Follow-up"] == {HOT: 1}
    wait_until(lambda: "waits until the person is an active lead" in service.leadbridge("show", ASKED).stdout)
    sandbox.confirm(ASKED)
    delivery = service.stories(lead=ASKED)[0].deliveries[1]
    assert service.leadbridge("cancel", f"dlv_{delivery.delivery_id}", "--yes").returncode == 0
    assert service.leadbridge("retry", f"dlv_{delivery.delivery_id}", "--yes").returncode == 0
    wait_until(lambda: sandbox.state()["journeys"]["Follow-up"] == {HOT: 1, ASKED: 1})
    assert running.stop() == 0


EVERYTHING = """
preset: json
verify: none
account: %s
consent: {not_asked: the tests}
withdraw:
  when: {from: body.leaves, is: "yes"}
  actions:
    - unsubscribe: {list: Newsletter}
    - unsubscribe: {list: Webinar, when: {from: body.all, is: "yes"}}
    - do_not_mail: {when: {from: body.all, is: "yes"}}
lead:
  Lead Email: {answer: email}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome, on_doubt: hold}
  - tag: {name: %s, create: true}
  - untag: {name: VIP, when: {from: body.plain, is: "yes"}}
  - tag: {name: VIP, when: {from: body.vip, is: "yes"}}
"""


def test_every_action_is_done_in_the_account_of_its_mapping(
    new_service: NewService, new_sandbox: NewSandbox, outbox_url: str
) -> None:
    sandboxes = {"default": new_sandbox(), "agency": new_sandbox()}
    more = {name.replace("ZOHO_", "ZOHO_AGENCY_"): text for name, text in sandboxes["agency"].settings.items()}
    settings = sandboxes["default"].settings | more | {"LEADBRIDGE_ACCOUNTS": "agency"}
    service = new_service(**settings, LEADBRIDGE_DATABASE_URL=outbox_url)
    service.write(**{account: EVERYTHING % (account, f"Of {account}") for account in sandboxes})
    running = service.start("serve")
    for account in sandboxes:
        service.post(account, {"email": f"vip@{account}.example.com", "vip": "yes"})
        service.post(account, {"email": f"plain@{account}.example.com", "plain": "yes"})
        service.post(account, {"email": f"left@{account}.example.com"})
    emails = [f"{name}@{account}.example.com" for account in sandboxes for name in ("vip", "plain", "left")]
    wait_until(lambda: {one for email in emails for one in service.delivery_states(email)} == {"delivered"})
    for account in sandboxes:
        service.post(account, {"email": f"left@{account}.example.com", "leaves": "yes", "all": "yes"})
        service.post(account, {"email": f"plain@{account}.example.com", "leaves": "yes"})
    wait_until(lambda: {one for email in emails for one in service.delivery_states(email)} == {"delivered"})
    for account, sandbox in sandboxes.items():
        vip, plain, left = (f"{name}@{account}.example.com" for name in ("vip", "plain", "left"))
        state = sandbox.state()
        statuses = {lead: one["status"] for lead, one in state["leads"]["Newsletter"].items()}
        assert statuses == {vip: "active", plain: "unsubscribed", left: "do_not_mail"}
        assert state["journeys"]["Welcome"] == {vip: 1, plain: 1, left: 1}
        assert state["tags"] == {"Customer": [], "VIP": [vip], f"Of {account}": sorted([vip, plain, left])}
        assert state["do_not_mail"] == [left]
        assert state["lockouts"] == 0
    assert running.stop() == 0
