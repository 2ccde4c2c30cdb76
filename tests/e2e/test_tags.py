"""A journey that starts with a tag: the recipe of docs/recipes.md, from the webhook to who entered."""

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
