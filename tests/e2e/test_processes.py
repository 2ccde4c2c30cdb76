"""The service as processes: what is started is finished, what dies is started again, and nothing stays behind."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from bridge.errors import NoAnswerError
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import NewSandbox, NewService, Sandbox, Service

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
SECONDS = 30.0


@pytest.fixture(scope="module")
def sandbox(new_sandbox: NewSandbox) -> Sandbox:
    return new_sandbox()


@pytest.fixture
def service(new_service: NewService, sandbox: Sandbox) -> Service:
    made = new_service(**sandbox.settings)
    made.write(form=MAPPING)
    return made


def deliver(service: Service, address: str) -> None:
    """A webhook goes all the way."""
    assert service.post("form", {"email": address}).status == 202
    wait_until(lambda: service.delivery_states(address) == ["delivered"])


def test_sigterm_lets_a_request_and_a_call_in_flight_end_and_exits_0(service: Service, sandbox: Sandbox) -> None:
    serving = service.start("serve")
    deliver(service, "first@example.com")
    sandbox.fault(kind="slow", api="subscribe", seconds=1.5, count=1)
    service.post("form", {"email": "slow@example.com"})
    wait_until(lambda: service.delivery_states("slow@example.com") == ["claimed"])
    lock = service.outbox.with_name(service.outbox.name + ".lock")
    with lock.open("rb") as held, ThreadPoolExecutor() as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        request = pool.submit(service.post, "form", {"email": "late@example.com"})
        wait_until(lambda: _reads_the_lock(lock, serving.workers()))
        serving.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.lines("service.stopping"))
        fcntl.flock(held, fcntl.LOCK_UN)
        assert request.result().status == 202
    assert serving.process.wait(PATIENCE_SECONDS) == 0
    assert serving.alive() == []
    assert service.delivery_states("slow@example.com") == ["delivered"]
    assert service.delivery_states("late@example.com") == ["pending"]
    assert serving.errors.read_text() == ""


def test_a_part_that_is_killed_is_started_again_and_the_others_go_on(service: Service) -> None:
    serving = service.start("serve")
    for name in ("deliverer", "admin", "receiver"):
        os.kill(serving.part(name), signal.SIGKILL)
    wait_until(lambda: len(service.lines("service.started")) == 6)
    wait_until(lambda: service.answers("/livez", admin=True))
    wait_until(lambda: _is_taken(service, "after@example.com"))  # an orphaned worker may have been the one to answer
    wait_until(lambda: service.delivery_states("after@example.com") == ["delivered"])
    assert [line["exit_code"] for line in service.lines("service.part_died")] == [-signal.SIGKILL] * 3
    assert serving.stop() == 0


def test_a_worker_that_is_killed_is_replaced(service: Service) -> None:
    serving = service.start("serve")
    killed = serving.workers()[0]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(set(serving.workers()) - {killed}) == 2)
    deliver(service, "worker@example.com")
    assert service.lines("service.part_died") == []


def test_nothing_stays_behind_when_the_supervisor_is_killed(service: Service) -> None:
    serving = service.start("serve")
    assert len(serving.alive()) >= 6
    os.kill(serving.pid, signal.SIGKILL)
    wait_until(lambda: serving.alive() == [], seconds=SECONDS)


def test_nothing_stays_behind_when_supervisor_and_parts_are_killed_at_once(service: Service) -> None:
    serving = service.start("serve")
    parts = [serving.part(name) for name in ("receiver", "admin", "deliverer")]
    for pid in (serving.pid, *parts):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: serving.alive() == [], seconds=SECONDS)


def test_a_unit_counts_as_started_once_webhooks_are_taken(service: Service, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE_SECONDS)
        service.settings["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        service.run("serve")
        assert systemd.recv(1000).startswith(b"READY=1")
        assert service.post("form", {"email": "started@example.com"}).status == 202
        wait_until(lambda: service.has_admin_pages())
        systemd.setblocking(False)
        with pytest.raises(BlockingIOError):
            systemd.recv(1000)


def test_missing_settings_stop_the_start_with_all_problems_at_once(new_service: NewService) -> None:
    bare = new_service(LEADBRIDGE_WORKERS="none", LEADBRIDGE_ADMIN_BIND="nowhere")
    ended = bare.leadbridge("serve")
    assert (ended.returncode, ended.stdout) == (1, "")
    named = ("WORKERS", "ADMIN_BIND", "ZOHO_DATA_CENTER", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
    problems = ended.stderr.splitlines()
    assert len(problems) == len(named)
    assert all(any(name in problem for problem in problems) for name in named)
    assert all(problem.startswith("leadbridge: ") for problem in problems)


def test_an_address_that_is_taken_stops_the_start_at_once(new_service: NewService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = f"127.0.0.1:{listener.getsockname()[1]}"
        ended = new_service(LEADBRIDGE_BIND=taken).leadbridge("receive")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert (
        ended.stderr
        == f"leadbridge: LEADBRIDGE_BIND is {taken!r}, which cannot be listened on: Address already in use\n"
    )


def test_receiving_and_delivering_can_be_two_services(service: Service) -> None:
    receiving = service.start("receive")
    service.post("form", {"email": "apart@example.com"})
    assert service.delivery_states("apart@example.com") == ["pending"]
    delivering = service.run("deliver")
    wait_until(lambda: service.delivery_states("apart@example.com") == ["delivered"])
    assert (receiving.stop(), delivering.stop()) == (0, 0)
    assert receiving.alive() == delivering.alive() == []


def test_deliver_once_delivers_what_is_due_and_ends(service: Service) -> None:
    receiving = service.start("receive")
    addresses = [f"once{number}@example.com" for number in range(5)]
    service.post("form", [{"email": address} for address in addresses])
    assert receiving.stop() == 0
    ended = service.leadbridge("deliver", "--once")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [service.delivery_states(address) for address in addresses] == [["delivered"]] * 5


def test_the_receiver_runs_under_a_users_own_gunicorn(service: Service) -> None:
    command = (str(Path(sys.executable).with_name("gunicorn")), "bridge.web:create_app()", "--no-control-socket")
    own = service.start("--bind", service.settings["LEADBRIDGE_BIND"], "--threads", "4", command=command)
    answer = service.post("form", {"email": "own@example.com"})
    assert (answer.status, orjson.loads(answer.body)["events"][0]["state"]) == (202, "accepted")
    assert service.lines("request.answered", status=202)
    assert own.stop() == 0


def _is_taken(service: Service, address: str) -> bool:
    """Whether a webhook is taken; nobody may be there to take it for a moment, and its sender tries again."""
    try:
        return service.post("form", {"email": address}).status == 202
    except NoAnswerError:
        return False


def _reads_the_lock(lock: Path, pids: list[int]) -> bool:
    """Whether one of the processes waits for the lock: /proc/locks shows those who wait by an arrow."""
    inode = str(lock.stat().st_ino)
    waiting = [line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
    return any(f":{inode} " in " ".join(words) and any(str(pid) in words for pid in pids) for words in waiting)
