"""The main job under fire: 400 events over five hooks, a deliverer and a receiving worker killed in the middle."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import pytest

from bridge import intake, outbox
from bridge.errors import NoAnswerError
from bridge.hooks import folder as hooks
from bridge.hooks.hook import Hook
from bridge.model import DeliveryState, Request
from bridge.outbox import operator, registry
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.e2e.conftest import NewSandbox, NewService, Processes, Service

EVENTS_A_HOOK = 80
BATCH = 4
SECRETS = {f"{name}_SECRET": f"the-secret-of-{name}".lower() for name in ("FORM", "SHOP", "EVENTS", "PARTNER", "SITE")}
SCALE = {"trigger-calls": "20", "subscribe-calls": "200", "window": "5", "lock": "30"}

ACCOUNT = """
lists: [Newsletter, Customers, Events]
journeys:
  - Welcome
  - Onboarding
  - {name: Reminder, reentry: true}
"""
LEAD = """
consent: {answer: consent}
lead:
  Lead Email: {answer: email}
  First Name: {answer: name}
actions:
"""
MAPPINGS = {
    "form": "preset: typeform\nsecrets: {signing: FORM_SECRET}"
    + LEAD
    + "  - subscribe: {list: Newsletter}\n  - trigger: {journey: Welcome}\n",
    "shop": "preset: json\nsecrets: {signing: SHOP_SECRET}\n"
    "verify: {hmac: {header: X-Signature, algorithm: sha256, encoding: hex, content: '{timestamp}.{body}',"
    " timestamp: {header: X-Timestamp, unit: s}, tolerance: 300}}\nid: body.id"
    + LEAD
    + "  - subscribe: {list: Customers}\n  - trigger: {journey: Onboarding}\n",
    "events": "preset: json\nsecrets: {token: EVENTS_SECRET}\nverify: {header_token: X-Token}\nid: body.id"
    + LEAD
    + "  - subscribe: {list: Events}\n  - trigger: {journey: Reminder}\n",
    "partner": "preset: json\nsecrets: {password: PARTNER_SECRET}\nverify: {basic: partner}\nid: body.id"
    + LEAD
    + "  - subscribe: {list: Newsletter, sources: Partner}\n  - trigger: {journey: Welcome}\n",
    "site": "preset: form\nsecrets: {token: SITE_SECRET}\nverify: {query_token: token}"
    + LEAD
    + "  - subscribe: {list: Customers, sources: Website}\n  - trigger: {journey: Onboarding}\n",
}
TARGETS = {
    "form": ("Newsletter", "Welcome"),
    "shop": ("Customers", "Onboarding"),
    "events": ("Events", "Reminder"),
    "partner": ("Newsletter", "Welcome"),
    "site": ("Customers", "Onboarding"),
}


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One request with the leads it brings."""

    hook: str
    leads: tuple[str, ...]
    body: bytes
    content_type: str = "application/json"


@dataclass(kw_only=True)
class Run:
    """What was answered, and what is there in the end."""

    service: Service
    answered: dict[str, Webhook] = field(default_factory=dict)
    retried: list[str] = field(default_factory=list)
    stories: Sequence[operator.EventStory] = ()
    zoho: dict[str, Any] = field(default_factory=dict)
    access_token: str = ""
    output: str = ""


@pytest.fixture(scope="module")
def run(new_service: NewService, new_sandbox: NewSandbox, tmp_path_factory: pytest.TempPathFactory) -> Run:
    account = tmp_path_factory.mktemp("account") / "account.yaml"
    account.write_text(ACCOUNT)
    scale = [part for name, value in SCALE.items() for part in (f"--{name}", value)]
    sandbox = new_sandbox("--account", str(account), *scale)
    scaled = {
        f"LEADBRIDGE_{name.replace('-', '_').upper()}{'' if 'calls' in name else '_SECONDS'}": value
        for name, value in SCALE.items()
    }
    service = new_service(**sandbox.settings, **scaled, **SECRETS)
    service.write(**MAPPINGS)
    serving = service.start("serve")
    run = Run(service=service)
    sandbox.fault(kind="slow", api="subscribe", seconds=0.4, count=12)
    _send_all(run, serving)
    wait_until(lambda: _all_ended(service))
    run.stories, run.zoho = service.stories(), sandbox.state()
    run.access_token = _access_token(service)
    assert serving.stop() == 0
    run.output = "".join(one.output.read_text() + one.errors.read_text() for one in (serving, sandbox.processes))
    return run


def _send_all(run: Run, serving: Processes) -> None:
    """Post everything from sixteen clients at once; kill the deliverer and a worker when half is answered."""
    opened = _open_hooks(run.service)
    with ThreadPoolExecutor(16) as clients:
        posts = [clients.submit(_send, run, opened[webhook.hook], webhook) for webhook in _webhooks()]
        deliverer = serving.part("deliverer")
        wait_until(lambda: len(run.answered) > EVENTS_A_HOOK and _stops_with_a_call_in_flight(run.service, deliverer))
        for pid in (deliverer, serving.workers()[0]):
            os.kill(pid, signal.SIGKILL)
        for post in posts:
            post.result()
    wait_until(lambda: run.service.lines("service.part_died", part="deliverer"))
    _let_the_leases_end(run.service, deliverer)


def _webhooks() -> list[Webhook]:
    """All requests, the hooks by turns."""
    leads = {hook: [f"lead{number}@{hook}.example.com" for number in range(EVENTS_A_HOOK)] for hook in MAPPINGS}
    singles = [
        Webhook(hook=hook, leads=(lead,), body=orjson.dumps(_item(lead)))
        for pair in zip(leads["events"], leads["partner"], strict=True)
        for hook, lead in zip(("events", "partner"), pair, strict=True)
    ]
    forms = [Webhook(hook="form", leads=(lead,), body=_typeform(lead)) for lead in leads["form"]]
    sites = [
        Webhook(hook="site", leads=(lead,), body=urlencode(_item(lead)).encode(), content_type=FORM_TYPE)
        for lead in leads["site"]
    ]
    batches = [
        Webhook(hook="shop", leads=tuple(some), body=orjson.dumps([_item(lead) for lead in some]))
        for some in (leads["shop"][start : start + BATCH] for start in range(0, EVENTS_A_HOOK, BATCH))
    ]
    return [
        webhook for group in zip(singles[::2], singles[1::2], forms, sites, strict=True) for webhook in group
    ] + batches


FORM_TYPE = "application/x-www-form-urlencoded"


def _item(lead: str) -> dict[str, str]:
    return {"id": lead, "email": lead, "name": "Ada", "consent": "yes"}


def _typeform(lead: str) -> bytes:
    fields = [("email", "email"), ("name", "short_text"), ("consent", "yes_no")]
    answers = [
        {"type": "email", "email": lead, "field": {"id": "email", "ref": "email", "type": "email"}},
        {"type": "text", "text": "Ada", "field": {"id": "name", "ref": "name", "type": "short_text"}},
        {"type": "boolean", "boolean": True, "field": {"id": "consent", "ref": "consent", "type": "yes_no"}},
    ]
    definition = {"fields": [{"id": ref, "ref": ref, "type": kind, "title": ref} for ref, kind in fields]}
    response = {"form_id": "f", "token": lead, "definition": definition, "answers": answers}
    return orjson.dumps({"event_id": lead, "event_type": "form_response", "form_response": response})


def _open_hooks(service: Service) -> dict[str, Hook]:
    presets = hooks.load_presets()
    opened = [
        hooks.open_hook(file, presets, SECRETS.__getitem__) for file in hooks.read_folder(service.mappings, presets)
    ]
    return {hook.name: hook for hook in opened if isinstance(hook, Hook)}


def _send(run: Run, hook: Hook, webhook: Webhook) -> None:
    """Post until there is an answer, as senders do."""
    now = time.time_ns() // 1_000_000
    headers = {"content-type": webhook.content_type}
    bare = Request(hook=hook.name, method="POST", url="", headers=headers, query={}, body=webhook.body, received_at=now)
    signed = intake.sign_request(bare, hook.scheme, hook.secrets, now=now)
    path = f"{hook.name}?{urlencode(signed.query)}" if signed.query else hook.name
    for _ in range(100):
        try:
            answer = run.service.post(path, signed.body, signed.headers)
        except NoAnswerError:
            run.retried.append(webhook.leads[0])
            time.sleep(0.05)
            continue
        assert answer.status == 202, answer.body
        for lead, event in zip(webhook.leads, orjson.loads(answer.body)["events"], strict=True):
            assert event["state"] == "accepted", event
            run.answered[lead] = webhook
        return
    raise AssertionError("no answer after 100 tries")


def _stops_with_a_call_in_flight(service: Service, deliverer: int) -> bool:
    """Stop the deliverer, so that no call ends before it is killed; go on with it where it has none."""
    os.kill(deliverer, signal.SIGSTOP)
    if _in_flight(service):
        return True
    os.kill(deliverer, signal.SIGCONT)
    return False


def _in_flight(service: Service) -> bool:
    """Whether a call is in flight this moment."""
    with closing(sqlite3.connect(service.outbox)) as connection:
        claimed = "SELECT count(*) FROM deliveries WHERE state = ?"
        return bool(connection.execute(claimed, (DeliveryState.CLAIMED,)).fetchone()[0])


def _let_the_leases_end(service: Service, deliverer: int) -> None:
    """Spare the test a minute: leases of the killed deliverer, which outlast a call's deadline, end now."""
    with closing(sqlite3.connect(service.outbox, timeout=10)) as connection, connection:
        connection.execute(
            "UPDATE deliveries SET lease_until = 0 WHERE state = ? AND call_id IN"
            " (SELECT id FROM calls WHERE answered_at IS NULL AND deliverer LIKE ?)",
            (DeliveryState.CLAIMED, f"%:{deliverer}"),
        )


def _all_ended(service: Service) -> bool:
    ends = (DeliveryState.DELIVERED, DeliveryState.DEAD)
    with closing(sqlite3.connect(service.outbox)) as connection:
        return not connection.execute("SELECT 1 FROM deliveries WHERE state NOT IN (?, ?)", ends).fetchone()


def _access_token(service: Service) -> str:
    store = outbox.open_outbox(service.settings["LEADBRIDGE_DATABASE_URL"])
    token = registry.token(store, "default")
    store.close()
    return token.access if token else ""


def test_every_event_was_answered_though_processes_died(run: Run) -> None:
    assert len(run.answered) == 5 * EVENTS_A_HOOK
    assert len(run.stories) == 5 * EVENTS_A_HOOK, "no event is kept twice"
    assert run.service.lines("service.part_died", part="deliverer", exit_code=-signal.SIGKILL)
    lost = [attempt for story in run.stories for one in story.deliveries for attempt in one.attempts]
    assert any(attempt.result == "lease_over" for attempt in lost), "the deliverer was killed with a call in flight"


def test_every_answered_lead_is_in_its_list_and_its_journey(run: Run) -> None:
    for lead, webhook in run.answered.items():
        mail_list, journey = TARGETS[webhook.hook]
        assert run.zoho["leads"][mail_list][lead]["status"] == "active"
        assert run.zoho["leads"][mail_list][lead]["fields"]["First Name"] == "Ada"
        assert run.zoho["journeys"][journey][lead] >= 1
    assert {one.state for story in run.stories for one in story.deliveries} == {DeliveryState.DELIVERED}


def test_zoho_never_locked_an_api(run: Run) -> None:
    assert run.zoho["lockouts"] == 0
    assert run.zoho["max_in_window"]["subscribe"] < int(SCALE["subscribe-calls"])
    assert run.zoho["max_in_window"]["trigger"] < int(SCALE["trigger-calls"])


def test_no_trigger_call_carries_more_than_200_leads_and_leads_share_calls(run: Run) -> None:
    sizes = [len(call["leads"]) for call in run.zoho["calls"] if call["api"] == "trigger"]
    assert max(sizes) <= 200
    assert len(sizes) < 2 * EVENTS_A_HOOK


def test_every_lead_is_subscribed_before_it_is_triggered(run: Run) -> None:
    first: dict[str, dict[str, int]] = {"subscribe": {}, "trigger": {}}
    for number, call in enumerate(run.zoho["calls"]):
        for lead in call["leads"]:
            first[call["api"]].setdefault(lead, number)
    assert set(first["subscribe"]) == set(first["trigger"]) == set(run.answered)
    assert all(first["subscribe"][lead] < number for lead, number in first["trigger"].items())


def test_no_address_secret_or_token_is_in_the_whole_output(run: Run) -> None:
    assert len(run.output) > 100_000
    assert len(run.access_token) > 10
    for hidden in ("example.com", "Ada", run.access_token, *SECRETS.values()):
        assert hidden not in run.output
