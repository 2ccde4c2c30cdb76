"""Events and Jobs: filters are the address, an act is shown before it is done, and goes on as a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from bridge.console.job_runner import JobRunner
from bridge.console.page import EXTENSION
from bridge.forget import count_traces
from bridge.outbox.acts import audit_lines, newest_jobs
from bridge.outbox.registry import HookTrouble, note_hooks, register_hooks
from tests.unit.console.conftest import act, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from bridge.console.page import Console

    NewConsole = Callable[..., FlaskClient]


def parts(client: FlaskClient) -> Console:
    found: Console = client.application.extensions[EXTENSION]
    return found


def run_jobs(client: FlaskClient) -> None:
    """What the thread of the console's process does."""
    JobRunner(parts(client).outbox, parts(client).settings).run_waiting()


def document(client: FlaskClient, path: str, **query: str) -> Any:
    return client.get(path, query_string=query).json


def events(client: FlaskClient, **marks: str) -> list[str]:
    return [one["event"] for one in document(client, "/events.json", **marks)["events"]]


def test_the_address_filters(client: FlaskClient) -> None:
    assert events(client) == ["evt_3", "evt_2", "evt_1"]
    assert events(client, state="refused") == ["evt_3"]
    assert events(client, hook="form", kind="submission", before="evt_3") == ["evt_2", "evt_1"]
    assert events(client, target="Newsletter", state="pending") == ["evt_1"]
    assert events(client, since="2h", until="1h") == []
    for wrong in (
        {"state": "odd"},
        {"since": "soon"},
        {"lane": "one"},
        {"before": "dlv_1"},
        {"what": "ada@example.com"},
    ):
        assert client.get("/events", query_string=wrong).status_code == 400, wrong


def test_an_act_is_shown_with_its_count_and_exceptions_before_it_is_done(client: FlaskClient) -> None:
    shown = act(client, "/events/preview", act="cancel", hook="form").text
    assert "1 delivery will be cancelled" in shown
    assert newest_jobs(parts(client).outbox, limit=9) == (), "nothing is done yet"
    shown = act(client, "/events/preview", act="replay", state="refused").text
    assert "evt_3" in shown
    assert "Charles" not in shown
    shown = act(client, "/events/preview", act="replay", hook="form").text
    assert "1 refused by today&#39;s mapping" in shown, "the exceptions are counted"
    assert act(client, "/events/preview", act="cancel").status_code == 400, "not everything there is"
    assert act(client, "/events/preview", act="forget", hook="form").status_code == 400


def test_an_act_is_done_by_a_job_and_stands_in_the_audit(client: FlaskClient) -> None:
    answer = act(client, "/events/start", act="dismiss", state="refused", expected="1")
    assert answer.status_code == 303
    run_jobs(client)
    page = client.get(answer.headers["Location"]).text
    assert "1 of 1 event" in page
    assert events(client, state="refused") == []
    lines = audit_lines(parts(client).outbox, limit=9)
    assert [(line.actor.name, line.actor.source, line.result) for line in lines] == [
        ("operator", "console", "1 dismissed"),
        ("operator", "console", "started"),
    ]


def test_a_count_that_has_changed_is_shown_again_instead(client: FlaskClient) -> None:
    answer = act(client, "/events/start", act="dismiss", state="refused", expected="7")
    assert answer.status_code == 200
    assert "the number has changed" in answer.text
    assert newest_jobs(parts(client).outbox, limit=9) == ()


def newest(shown: str) -> str:
    found = re.search(r'name="newest" value="(\d+)"', shown)
    assert found is not None
    return found[1]


def test_a_form_that_is_sent_twice_and_two_people_start_a_job_once(client: FlaskClient) -> None:
    shown = act(client, "/events/preview", act="replay", state="ignored", since="2h", again="1").text
    since = re.search(r'name="since" value="([^"]+)"', shown)
    assert since is not None
    form = {"act": "replay", "state": "ignored", "since": since[1].replace("&#43;", "+"), "expected": "1", "again": "1"}
    first, second = (act(client, "/events/start", **form, newest=newest(shown)) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(newest_jobs(parts(client).outbox, limit=9)) == 1
    run_jobs(client)
    assert "not again" in client.get(second.headers["Location"]).text
    shown = act(client, "/events/preview", **form).text
    assert act(client, "/events/start", **form, newest=newest(shown)).headers["Location"] != first.headers["Location"]


def test_one_event_is_replayed_once_by_a_form_that_is_sent_twice(client: FlaskClient) -> None:
    shown = newest(client.get("/leads/evt_1/replay?again=1").text)
    for _ in range(2):
        assert act(client, "/leads/evt_1/replay", again="1", newest=shown).status_code == 303
    assert len(newest_jobs(parts(client).outbox, limit=9)) == 1


def test_a_job_is_stopped_and_resumed(client: FlaskClient) -> None:
    location = act(client, "/events/start", act="replay", state="ignored", expected="1", again="1").headers["Location"]
    number = re.search(r"/jobs/(\d+)", location)
    assert number is not None
    assert act(client, f"/jobs/{number[1]}/stop").status_code == 303
    run_jobs(client)
    assert document(client, f"/jobs/{number[1]}.json")["status"] == "stopped"
    assert act(client, f"/jobs/{number[1]}/resume").status_code == 303
    run_jobs(client)
    assert document(client, f"/jobs/{number[1]}.json")["status"] == "ended"
    assert act(client, f"/jobs/{number[1]}/resume").status_code == 400
    assert client.get("/jobs/99").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/events",
        "/events.json",
        "/jobs",
        "/jobs.json",
        "/now",
        "/now.json",
        "/trouble",
        "/trouble.json",
        "/hooks",
        "/hooks.json",
        "/hooks/form",
        "/hooks/form.json",
    ],
)
@pytest.mark.parametrize("name", ["viewer", "admin"])
def test_the_pages_for_operating_show_nobody(new_console: NewConsole, name: str, path: str) -> None:
    client = new_console()
    sign_in(client, name)
    answer = client.get(path)
    assert answer.status_code == 200
    assert not [one for one in ("ada@", "grace@", "charles at", "Charles", "Grace") if one in answer.text]


def test_an_admin_forgets_a_person_and_nobody_else_may(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "operator")
    assert client.get("/leads/evt_1/forget").status_code == 403
    assert act(client, "/leads/evt_1/forget").status_code == 403
    assert "Forget" not in client.get("/leads/evt_1").text
    sign_in(client, "admin")
    shown = client.get("/leads/evt_1/forget").text
    assert "1 event" in shown
    assert "ada@example.com" not in shown
    assert act(client, "/leads/evt_1/forget").status_code == 303
    run_jobs(client)
    assert count_traces(parts(client).outbox, "ada@example.com") == {}
    assert audit_lines(parts(client).outbox, limit=1)[0].result == "1 forgotten"
    assert client.get("/leads/evt_1/forget").status_code == 404


def test_a_hook_is_closed_where_its_receiver_has_reported_so(client: FlaskClient) -> None:
    trouble = HookTrouble(hook="form", status="closed", problem="FORM_SECRET is not set", fix="set it")
    store = parts(client).outbox
    register_hooks(store, ["form", "old"])
    note_hooks(store, [], [trouble], folder="mappings")
    hooks = {one["hook"]: one for one in document(client, "/hooks.json")["hooks"]}
    assert (hooks["form"]["state"], hooks["old"]["state"]) == ("closed", "closed")
    assert "FORM_SECRET is not set" in client.get("/hooks/form").text
