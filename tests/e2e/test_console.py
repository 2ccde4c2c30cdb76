"""The console as a process: a part of the service where it is set, or alone, and never open by accident."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from werkzeug.security import generate_password_hash

from bridge.errors import NoAnswerError
from bridge.operations import acts
from bridge.outbox import open_outbox
from bridge.outbox.acts import Actor
from bridge.outbox.operator import Selector
from tests.builders import HookDriver
from tests.e2e.conftest import ONE_REQUEST, free_port
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from bridge.http import Http
    from tests.e2e.conftest import NewService, Service

USERS = f"ada:viewer:{generate_password_hash('correct horse', 'scrypt:1024:8:1')}"


@pytest.fixture
def service(new_service: NewService) -> Service:
    bind = f"127.0.0.1:{free_port()}"
    made = new_service(LEADBRIDGE_CONSOLE_BIND=bind, LEADBRIDGE_CONSOLE_USERS=USERS)
    made.write(form="preset: json\nverify: none\nconsent: {not_asked: a test}\nlead:\n  Lead Email: {answer: email}\n"
                    "actions:\n  - subscribe: {list: Newsletter}\n")  # fmt: skip
    return made


def is_up(service: Service, http: Http) -> bool:
    try:
        return answered(service, http, "/livez").startswith("200")
    except NoAnswerError:
        return False


def answered(service: Service, http: Http, path: str) -> str:
    url = f"http://{service.settings['LEADBRIDGE_CONSOLE_BIND']}{path}"
    answer = http.send("GET", url, headers=ONE_REQUEST, deadline_seconds=PATIENCE_SECONDS)
    return f"{answer.status} {answer.body.decode()}"


def test_the_console_runs_alone_and_is_started_again_when_it_dies(service: Service, http: Http) -> None:
    processes = service.run("console")
    wait_until(lambda: is_up(service, http))
    assert "Sign in" in answered(service, http, "/login")
    os.kill(processes.part("console"), signal.SIGKILL)
    wait_until(lambda: service.lines("service.part_died", part="console"))
    wait_until(lambda: is_up(service, http))
    assert processes.stop() == 0


def test_serve_has_a_console_where_it_is_set_and_none_where_it_is_not(
    service: Service, new_service: NewService, http: Http
) -> None:
    processes = service.start("receive")
    assert not service.lines("service.started", part="console")
    processes.stop()
    settings = {"ZOHO_CLIENT_ID": "a", "ZOHO_CLIENT_SECRET": "b", "ZOHO_REFRESH_TOKEN": "c"}
    service.settings |= {**settings, "ZOHO_API_URL": "http://127.0.0.1:9", "ZOHO_ACCOUNTS_URL": "http://127.0.0.1:9"}
    processes = service.start("serve")
    wait_until(lambda: is_up(service, http))
    processes.stop()


def test_a_console_in_the_open_does_not_start_without_users(service: Service) -> None:
    service.settings |= {"LEADBRIDGE_CONSOLE_BIND": "0.0.0.0:0", "LEADBRIDGE_CONSOLE_USERS": ""}
    ended = service.leadbridge("console")
    assert ended.returncode == 1
    assert "nobody can sign in" in ended.stderr
    assert "leadbridge console-password" in ended.stderr


def test_a_line_for_a_user_is_made_from_a_password(service: Service) -> None:
    ended = service.leadbridge("console-password", "ada")
    assert ended.returncode == 1  # nobody types a password here
    assert "scrypt" not in ended.stdout


def test_the_console_carries_out_a_job_that_nobody_runs(service: Service, http: Http) -> None:
    processes = service.run("console")
    wait_until(lambda: is_up(service, http))
    store = open_outbox(service.settings["LEADBRIDGE_DATABASE_URL"])
    form = HookDriver(store, (service.mappings / "form.yaml").read_text())
    for number in range(20):
        form.receive({"email": f"lead{number}@example.com"})
    chosen = acts.choose(store, "replay", Selector(hook="form"))
    job = acts.start(store, chosen, actor=Actor(name="ada", source="cli"), options={"again": True})
    wait_until(lambda: acts.needed(store, job.job_id).ended_at is not None)
    assert acts.needed(store, job.job_id).counts == {"send": 20}
    store.close()
    assert processes.stop() == 0
