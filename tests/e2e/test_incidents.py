"""The ten incidents of docs/incidents.md, played through on real processes: what is logged, what the metrics and the
commands show, what fixes it, and that nothing is lost.
"""

from __future__ import annotations

import os
import resource
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bridge.errors import NoAnswerError
from tests.e2e.conftest import LEADBRIDGE
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.http import Http
    from tests.e2e.conftest import NewSandbox, NewService, Sandbox, Service

MAPPING = """preset: json
verify: none
consent: {not_asked: "the shop's own terms"}
lead:
  Lead Email: {from: body.email}
  First Name: {from: body.name}
actions:
  - subscribe: {list: Newsletter}
  - trigger: {journey: Welcome}
"""
LIST_ONLY = MAPPING.replace("  - trigger: {journey: Welcome}\n", "")
FORM = """preset: tally
verify: none
consent: {not_asked: "the form's own terms"}
lead:
  Lead Email: {answer: Your e-mail}
  First Name: {answer: Your name}
actions:
  - subscribe: {list: Newsletter}
"""


def gauge(service: Service, metric: str, /, **labels: str) -> float:
    """The sum of a metric's values with these labels, as the admin page shows it."""
    page = service.get("/metrics", admin=True).body.decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == f"leadbridge_{metric}" and labels.items() <= sample.labels.items()
    )


def alarms(service: Service) -> dict[str, str]:
    """The alarms that stand, by name, with how urgent they are."""
    reported = orjson.loads(service.leadbridge("status", "--json").stdout)
    return {alarm["name"]: alarm["severity"] for alarm in reported["alarms"]}


def diagnosis(service: Service, address: str) -> str:
    return service.leadbridge("show", address).stdout.partition("\n")[0]


def delivered(service: Service, address: str) -> bool:
    states = service.delivery_states(address)
    return bool(states) and states[-1] == "delivered" and not {"pending", "blocked", "claimed"} & set(states)


def wait_until_delivered(service: Service, *addresses: str) -> None:
    for address in addresses:
        wait_until(partial(delivered, service, address))


def clear(sandbox: Sandbox) -> None:
    sandbox.http.send("DELETE", f"{sandbox.url}/_sandbox/faults", deadline_seconds=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox) -> Sandbox:
    return new_sandbox()


@pytest.fixture(scope="module")
def running(new_service: NewService, sandbox: Sandbox) -> Service:
    service: Service = new_service(**sandbox.settings)
    service.write(shop=MAPPING, plain=LIST_ONLY, form=FORM)
    service.start("serve")
    wait_until(lambda: service.lines("account.read"))
    wait_until(lambda: service.answers("/livez", admin=True))
    return service


@pytest.fixture
def service(running: Service, sandbox: Sandbox) -> Iterator[Service]:
    yield running
    clear(sandbox)
    running.leadbridge("release", "--all")


def post(service: Service, address: str, hook: str = "shop", name: str = "Ada") -> int:
    return service.post(hook, {"email": address, "name": name}).status


def test_1_a_journey_is_paused(service: Service, sandbox: Sandbox) -> None:
    sandbox.fault(kind="journey_inactive")
    assert post(service, "paused@example.com") == 202
    wait_until(lambda: service.lines("lane.held", api="trigger"))
    assert gauge(service, "held_lanes", api="trigger") == 1
    assert alarms(service)["hold"] == "warning"
    assert "held: the journey is inactive; activate it in Zoho" in diagnosis(service, "paused@example.com")
    clear(sandbox)
    assert service.leadbridge("release", "--all").returncode == 0
    wait_until_delivered(service, "paused@example.com")
    assert "entered at" in diagnosis(service, "paused@example.com")
    assert "hold" not in alarms(service)


def test_2_a_list_is_deleted(service: Service, sandbox: Sandbox) -> None:
    sandbox.fault(kind="list_deleted", api="subscribe")
    assert post(service, "deleted@example.com", hook="plain") == 202
    wait_until(lambda: service.lines("lane.held", api="subscribe"))
    assert gauge(service, "held_lanes", api="subscribe") == 1
    assert "held: the list key is empty or not valid" in diagnosis(service, "deleted@example.com")
    clear(sandbox)
    service.write(plain=LIST_ONLY.replace("Newsletter", "Webinar"))
    assert service.leadbridge("reload").returncode == 0
    shown = service.leadbridge("replay", "--hook", "plain", "--state", "pending", "--diff").stdout
    assert "actions[0].list: Newsletter -> Webinar" in shown
    assert service.leadbridge("replay", "--hook", "plain", "--state", "pending", "--yes").returncode == 0
    wait_until_delivered(service, "deleted@example.com")
    assert "deleted@example.com" in sandbox.state()["leads"]["Webinar"]


def test_3_the_token_is_revoked(new_service: NewService, new_sandbox: NewSandbox) -> None:
    zoho = new_sandbox("--refresh-token", "good")
    service: Service = new_service(**zoho.settings | {"ZOHO_REFRESH_TOKEN": "revoked"})
    service.write(shop=LIST_ONLY)
    serving = service.start("serve")
    assert post(service, "revoked@example.com") == 202
    wait_until(lambda: service.lines("token.failed", permanent=True))
    wait_until(lambda: service.answers("/livez", admin=True))
    assert gauge(service, "alarm", name="token_revoked", severity="critical") == 1
    assert alarms(service)["token_revoked"] == "critical"
    assert (service.get("/readyz").status, post(service, "meanwhile@example.com")) == (200, 202)
    assert serving.stop() == 0
    service.settings["ZOHO_REFRESH_TOKEN"] = "good"
    service.start("serve")
    wait_until_delivered(service, "revoked@example.com", "meanwhile@example.com")
    assert "token_revoked" not in alarms(service)


def test_4_a_scope_is_missing(service: Service, sandbox: Sandbox) -> None:
    sandbox.fault(kind="error", code="INVALID_OAUTHSCOPE", api="trigger")
    before = len(service.lines("token.refreshed"))
    assert post(service, "scope@example.com") == 202
    wait_until(lambda: [line for line in service.lines("lane.held") if "scope" in line["reason"]])
    assert gauge(service, "held_lanes", api="trigger") == 1
    assert "the token lacks a scope; authorise again" in diagnosis(service, "scope@example.com")
    assert len(service.lines("token.refreshed")) == before, "a scope error never refreshes"
    clear(sandbox)
    assert service.leadbridge("release", "--all").returncode == 0
    wait_until_delivered(service, "scope@example.com")


def submission(service: Service, number: int, name_question: str) -> int:
    fields = [
        {"key": "q1", "label": "Your e-mail", "type": "INPUT_EMAIL", "value": f"form{number}@example.com"},
        {"key": f"q_{name_question}", "label": name_question, "type": "INPUT_TEXT", "value": "Ada"},
    ]
    body: dict[str, Any] = {
        "eventId": f"e{number}",
        "eventType": "FORM_RESPONSE",
        "createdAt": "2026-11-21T09:00:00.000Z",
        "data": {"responseId": f"r{number}", "formId": "f", "fields": fields},
    }
    return service.post("form", body).status


def test_5_a_question_of_the_form_is_renamed(service: Service, sandbox: Sandbox) -> None:
    assert submission(service, 1, "Your name") == 202
    assert submission(service, 2, "What shall we call you?") == 202
    (line,) = wait_until(lambda: service.lines("mapping.drifted"))
    assert (line["question"], line["closest"]) == ("Your name", "What shall we call you?")
    assert line["place"].endswith("form.yaml:6")
    assert gauge(service, "alarm", name="drift", subject="form: Your name") == 1
    assert alarms(service)["drift"] == "warning"
    wait_until_delivered(service, "form2@example.com")
    assert "First Name" not in sandbox.state()["leads"]["Newsletter"]["form2@example.com"]["fields"]
    service.write(form=FORM.replace("Your name", "What shall we call you?"))
    assert service.leadbridge("reload").returncode == 0
    wait_until(lambda: "drift" not in alarms(service))  # the processes are only asked to reload
    assert submission(service, 3, "What shall we call you?") == 202
    assert "drift" not in alarms(service)
    replayed = service.leadbridge("replay", "form2@example.com", "--yes", "--json")
    assert orjson.loads(replayed.stdout)["counts"] == {"send": 1}
    wait_until(lambda: "First Name" in sandbox.state()["leads"]["Newsletter"]["form2@example.com"]["fields"])


def test_6_zoho_is_down_for_long(service: Service, sandbox: Sandbox) -> None:
    sandbox.fault(kind="status", status=503, api="subscribe")
    for number in range(3):
        assert post(service, f"down{number}@example.com", hook="shop") == 202
    wait_until(lambda: service.lines("api.failing", api="subscribe"))
    assert gauge(service, "breaker_failures", api="subscribe") >= 1
    assert alarms(service)["outage"] == "info"
    assert "waits for Zoho to answer again" in diagnosis(service, "down2@example.com")
    assert service.get("/readyz").status == 200
    clear(sandbox)
    wait_until_delivered(service, *(f"down{number}@example.com" for number in range(3)))
    wait_until(lambda: service.lines("api.recovered", api="subscribe"))
    assert all(story.deliveries[0].attempts_count <= 1 for story in service.stories(lead="down2@example.com"))


def test_7_the_disk_is_full(new_service: NewService, sandbox: Sandbox) -> None:
    service: Service = new_service(**sandbox.settings)
    service.write(shop=LIST_ONLY)
    limit = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY)); "
    start = (LEADBRIDGE[0], "-c", limit + "os.execv(sys.executable, [sys.executable, '-m', 'bridge', 'serve'])")
    serving = service.start(command=start)
    wait_until(lambda: service.answers("/livez", admin=True))
    answers: list[tuple[str, int]] = []
    while not answers or answers[-1][1] == 202:
        address = f"full{len(answers)}@example.com"
        answers.append((address, service.post("shop", {"email": address, "filler": "x" * 200_000}).status))
        assert len(answers) < 50
    assert answers[-1][1] == 503
    assert service.lines("request.failed", status=503)
    for pid in serving.alive():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    wait_until(lambda: service.get("/readyz").status == 200)
    address, _ = answers.pop()
    assert service.post("shop", {"email": address}).status == 202, "the sender tries again"
    wait_until_delivered(service, address, *(known for known, _ in answers))


def test_8_a_storm_of_webhooks(new_service: NewService, new_sandbox: NewSandbox) -> None:
    limits = {"calls": "41", "window": "2"}
    zoho = new_sandbox("--subscribe-calls", limits["calls"], "--window", limits["window"], "--lock", "20")
    scaled = {"LEADBRIDGE_SUBSCRIBE_CALLS": limits["calls"], "LEADBRIDGE_WINDOW_SECONDS": limits["window"]}
    service: Service = new_service(**zoho.settings | scaled)
    service.write(shop=LIST_ONLY)
    deliverer = service.start("serve").part("deliverer")
    os.kill(deliverer, signal.SIGSTOP)  # else a slow machine would deliver all before anybody asks what waits
    while post(service, "storm0@example.com") == 503:  # it was stopped in a transaction, and holds the lock
        os.kill(deliverer, signal.SIGCONT)
        os.kill(deliverer, signal.SIGSTOP)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: post(service, f"storm{number}@example.com"), range(140)))
    assert set(answers) == {202}
    reported = orjson.loads(service.leadbridge("status", "--json").stdout)
    subscribe = next(api for api in reported["apis"] if api["api"] == "subscribe")
    assert subscribe["empty_at"] > reported["now"]
    assert gauge(service, "deliveries_waiting", api="subscribe") > 0
    forecast = service.leadbridge("forecast", "--hook", "shop", "--leads", "1000", "--json")
    assert orjson.loads(forecast.stdout)["apis"][0]["seconds"] > 20
    os.kill(deliverer, signal.SIGCONT)
    wait_until(lambda: len(zoho.state()["leads"]["Newsletter"]) == 140)
    assert zoho.state()["lockouts"] == 0
    assert gauge(service, "events_total", hook="shop", state="accepted") == 140
    assert wait_until(lambda: gauge(service, "outcomes_total", api="subscribe", result="subscribed") == 140)


def test_9_a_bad_mapping_is_deployed_and_the_pod_restarts(new_service: NewService, sandbox: Sandbox) -> None:
    service: Service = new_service(**sandbox.settings)
    service.write(shop=LIST_ONLY)
    serving = service.start("serve")
    assert post(service, "before@example.com") == 202
    service.write(shop=LIST_ONLY.replace("subscribe:", "subscrbe:"))
    assert serving.stop(signal.SIGTERM) == 0
    service.start("serve")
    assert service.lines("mapping.rejected", hook="shop", last_good_in_use=True)
    assert service.leadbridge("check").returncode == 1
    assert post(service, "after@example.com") == 202
    assert service.stories(lead="after@example.com")[0].state.name == "ACCEPTED"
    service.write(shop=LIST_ONLY)
    assert service.leadbridge("reload").returncode == 0
    wait_until_delivered(service, "before@example.com", "after@example.com")


def test_10_a_person_asks_to_be_erased(service: Service, http: Http) -> None:
    assert post(service, "erased@example.com", name="Somebody Particular") == 202
    wait_until_delivered(service, "erased@example.com")
    event_id = service.stories(lead="erased@example.com")[0].event_id
    done = service.leadbridge("forget", "Erased@Example.com", "--yes")
    assert done.returncode == 0, done.stdout
    assert "A search of every row finds 0 traces of the address." in done.stdout
    assert service.leadbridge("show", "erased@example.com").returncode == 1
    assert "the person asked to be forgotten" in diagnosis(service, f"evt_{event_id}")
    stored = b"".join(path.read_bytes() for path in service.folder.glob("outbox.db*") if path.is_file())
    assert b"erased@example.com" not in stored.lower()
    assert b"Somebody Particular" not in stored
    logged = b"".join(processes.output.read_bytes() for processes in service.started)
    assert b"erased@example.com" not in logged
    assert wait_until(lambda: _alive(service))


def _alive(service: Service) -> bool:
    try:
        return service.get("/readyz").status == 200
    except NoAnswerError:
        return False
