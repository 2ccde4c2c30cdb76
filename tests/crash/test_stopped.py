"""Processes that are stopped at the worst moment (SIGSTOP, a paused machine) and go on later."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bridge.http import Http
from tests.crash.installation import key_of, make_service, post, start_sandbox, webhook
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Processes, Sandbox, Service

LONGEST_SEND_SECONDS = 1.0
"""How long after its claim a call may be sent, as site/points.py sets it."""


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as opened:
        yield opened


@pytest.fixture
def sandbox(tmp_path: Path, http: Http) -> Iterator[Sandbox]:
    (tmp_path / "sandbox").mkdir()
    started = start_sandbox(tmp_path, http)
    yield started
    started.processes.destroy()


@contextmanager
def installed(name: str, folder: Path, sandbox: Sandbox) -> Iterator[Service]:
    """A host of its own, on the outbox that all hosts in this folder share."""
    service = make_service(folder / name, f"sqlite:///{folder / 'outbox.db'}", folder / name, sandbox, sandbox.http)
    (service.folder / "seen").mkdir()
    try:
        yield service
    finally:
        for processes in service.started:
            processes.destroy()


def test_others_are_answered_503_while_a_receiver_stands_in_the_writers_lock(tmp_path: Path, sandbox: Sandbox) -> None:
    with installed("stopped", tmp_path, sandbox) as stopped, installed("other", tmp_path, sandbox) as other:
        receiving = stopped.run("receive")
        other.run("receive")
        wait_until(stopped.is_ready)
        wait_until(other.is_ready)
        with ThreadPoolExecutor() as clients:
            with _stopped_at("before commit", stopped, receiving):
                first = clients.submit(_post_until_taken, stopped, "first@example.com")
                wait_until((stopped.folder / "taken").exists)
                others = [clients.submit(post, other, webhook(f"other{number}@example.com", 1)) for number in range(3)]
                assert [one.result()[0] for one in others] == [503] * 3
                assert not first.done()
            first.result()
            assert post(other, webhook("other0@example.com", 1))[0] == 202
        keys = [story.key for story in other.stories()]
    assert keys == [key_of("first@example.com", 1), key_of("other0@example.com", 1)]


def test_a_deliverer_that_stood_still_between_claim_and_sending_sends_nothing(tmp_path: Path, sandbox: Sandbox) -> None:
    with installed("host", tmp_path, sandbox) as service:
        service.start("receive")
        delivering = service.run("deliver")
        with _stopped_at("before make_call", service, delivering):
            assert post(service, webhook("ada@example.com", 1))[0] == 202
            wait_until((service.folder / "taken").exists)
            end = time.monotonic() + 2 * LONGEST_SEND_SECONDS
            wait_until(lambda: time.monotonic() > end)
            assert sandbox.calls("subscribe") == []
        wait_until(lambda: service.delivery_states("ada@example.com") == ["delivered"] * 3)
        abandoned = service.lines("call.abandoned")
        (story,) = service.stories()
    assert len(abandoned) == 1
    assert [call["leads"] for call in sandbox.calls("subscribe")] == [["ada@example.com"]]
    assert len(story.deliveries[0].attempts) == 2


@contextmanager
def _stopped_at(point: str, service: Service, processes: Processes) -> Iterator[None]:
    """Whichever of a command's processes passes a point next stands still there until the end of the block."""
    (service.folder / "writing").write_text(f"stop {point}")
    (service.folder / "writing").rename(service.folder / "next")
    yield
    stopped = [pid for pid in processes.alive() if _state(pid) == "T"]
    assert len(stopped) == 1
    os.kill(stopped[0], signal.SIGCONT)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _post_until_taken(service: Service, address: str) -> None:
    """As senders do: one that is answered 503 sends it again."""
    wait_until(lambda: post(service, webhook(address, 1))[0] == 202)
