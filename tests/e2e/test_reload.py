"""Mappings and secrets that change while the service runs, and what a bad file may not do."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import NewService, Processes, Service

TOKEN = {"X-Token": "first"}
ADA = {"email": "ada@example.com"}
BAD = "preset: jsn\nlead: {Lead Email: email}\n"


def mapping(company: str, *, verify: str = "{header_token: X-Token}") -> str:
    return f"""preset: json
secrets: {{token: FORM_TOKEN}}
verify: {verify}
consent: {{not_asked: a test}}
lead:
  Lead Email: {{answer: email}}
  Company Name: {{value: {company}}}
actions:
  - subscribe: {{list: Newsletter}}
"""


@pytest.fixture(scope="module")
def secret_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secrets") / "token"
    path.write_text("first\n")
    return path


@pytest.fixture(scope="module")
def service(new_service: NewService, secret_file: Path) -> Service:
    service = new_service(FORM_TOKEN_FILE=str(secret_file), LEADBRIDGE_WORKERS="2")
    service.write(form=mapping("One"), shop=mapping("Shop"), page=mapping("Page"))
    return service


@pytest.fixture(scope="module")
def running(service: Service) -> Processes:
    return service.start("receive")


def status(service: Service, hook: str, token: str = "first") -> int:  # noqa: S107 - a test's token
    return service.post(hook, ADA, {"X-Token": token}).status


def reloads(service: Service) -> int:
    return len(service.lines("mappings.loaded"))


def company(service: Service, hook: str = "form") -> str:
    """What the mapping active makes of an event, empty when it is not taken; each post may meet another worker."""
    answer = service.post(hook, {"email": f"{time.monotonic_ns()}@example.com"}, TOKEN)
    if answer.status != 202:
        return ""
    (story,) = service.stories(event_id=int(orjson.loads(answer.body)["events"][0]["id"].removeprefix("evt_")))
    return bytes(story.deliveries[0].body or b"").decode().partition('"Company Name":"')[2].rstrip('"}')


def all_say(service: Service, text: str) -> bool:
    return all(company(service) == text for _ in range(4))


def test_a_changed_file_is_reloaded_by_every_worker_within_a_second(service: Service, running: Processes) -> None:
    service.write(form=mapping("Two"))
    wait_until(lambda: all_say(service, "Two"))
    sets = [story.mapping_set_id for story in service.stories(hook="form")]
    assert sets[-1] is not None


def test_a_bad_file_stops_nothing_not_even_over_a_dead_worker_and_a_restart(
    service: Service, running: Processes
) -> None:
    service.write(form=mapping("Good"))
    wait_until(lambda: all_say(service, "Good"))
    service.write(form=BAD)
    os.kill(running.pid, signal.SIGHUP)
    wait_until(lambda: service.lines("mapping.rejected", hook="form"))
    for worker in (old := running.workers()):
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(set(running.workers()) - set(old)) == 2)
    wait_until(service.is_ready)
    assert [status(service, hook) for hook in ("form", "shop", "page")] == [202, 202, 202]
    assert all_say(service, "Good")
    rejected, *_ = service.lines("mapping.rejected", hook="form")
    assert rejected["last_good_in_use"] is True
    assert "unknown preset 'jsn'" in rejected["problem"]
    report = orjson.loads(service.get("/healthz", admin=True).body)
    assert "last good" in report["hook form"]["detail"]

    assert running.stop() == 0
    again = service.start("receive")
    assert [status(service, hook) for hook in ("form", "shop", "page")] == [202, 202, 202]
    assert all_say(service, "Good")
    service.write(form=mapping("Three"))
    wait_until(lambda: all_say(service, "Three"))
    assert again.process.poll() is None


def test_a_vanished_file_answers_503_until_its_hook_is_unregistered(service: Service, running: Processes) -> None:
    file = service.mappings / "page.yaml"
    text = file.read_text()
    refused = service.leadbridge("unregister", "page")
    assert (refused.returncode, "remove that file first" in refused.stderr) == (1, True)
    file.unlink()
    wait_until(lambda: status(service, "page") == 503)
    assert service.leadbridge("unregister", "page").returncode == 0
    wait_until(lambda: [status(service, "page") for _ in range(6)] == [404] * 6)
    assert service.leadbridge("unregister", "page").returncode == 2  # nothing of that name is registered any more
    file.write_text(text)
    wait_until(lambda: status(service, "page") == 202)


def test_a_secret_in_a_file_is_read_again(service: Service, running: Processes, secret_file: Path) -> None:
    secret_file.write_text("second\n")
    wait_until(lambda: (status(service, "shop", "second"), status(service, "shop")) == (202, 401))
    secret_file.write_text("first\n")
    wait_until(lambda: status(service, "shop") == 202)


def test_a_swapped_link_counts_as_a_change(service: Service, running: Processes, tmp_path: Path) -> None:
    for name, text in (("old", "Before"), ("new", "After")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "linked.yaml").write_text(mapping(text))
    (tmp_path / "data").symlink_to("old")
    (service.mappings / "linked.yaml").symlink_to(tmp_path / "data" / "linked.yaml")
    wait_until(lambda: status(service, "linked") == 202)
    (tmp_path / "fresh").symlink_to("new")
    (tmp_path / "fresh").rename(tmp_path / "data")
    wait_until(lambda: company(service, "linked") == "After")


def test_reload_asks_every_process_and_reports_what_is_bad(service: Service, running: Processes) -> None:
    before = reloads(service)
    assert service.leadbridge("reload").returncode == 0
    wait_until(lambda: reloads(service) > before)  # said by the health pages for all of this host
    service.write(form=BAD)
    reported = service.leadbridge("reload")
    assert (reported.returncode, "unknown preset 'jsn'" in reported.stdout) == (1, True)
