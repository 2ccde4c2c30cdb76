"""`leadbridge listen`, `tail` and `show --request`: what came, as it came."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bridge.bootstrap import open_receiver
from bridge.config import environment, load
from bridge.http import Http
from bridge.intake import sign_request
from bridge.intake.samples import shipped_sample
from bridge.model import Request
from tests.builders import take
from tests.unit.cli.conftest import output, run
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    output("init")
    return tmp_path


def signed(home: Path, body: bytes | None = None) -> Request:
    """The first mapping's sample, as its sender signs it."""
    sample = shipped_sample("typeform")
    assert sample is not None
    receiver = open_receiver(load(environment()), environment())
    hook = receiver.hooks.by_name["newsletter"]
    receiver.outbox.close()
    request = Request(
        hook="newsletter",
        method="POST",
        url="http://127.0.0.1/hooks/newsletter",
        headers=sample.request.headers,
        query={},
        body=body or sample.request.body,
        received_at=1_800_000_000_000,
    )
    return sign_request(request, hook.scheme, hook.secrets, now=1_800_000_000_000)  # type: ignore[union-attr]


def store(request: Request) -> None:
    receiver = open_receiver(load(environment()), environment())
    take(request, receiver.hooks, receiver.outbox)
    receiver.outbox.close()


def test_a_request_is_shown_as_it_came_with_its_duplicates(home: Path) -> None:
    request = signed(home)
    store(request)
    store(request)
    shown = output("show", "evt_1", "--request")
    assert shown.startswith("POST /hooks/newsletter  received ")
    assert "evt_1: submission, sent 2026-03-04 15:00:00 UTC, received 2 times, last " in shown
    assert '"title": "Spring webinar"' in shown
    assert "typeform-signature" not in shown
    assert run("show", "ada@example.com", "--request", "--raw").stdout_bytes == request.body
    (shown,) = json.loads(output("show", "ada@example.com", "--request", "--json"))["requests"]
    assert shown["body"].encode() == request.body
    assert shown["events"][0]["times_received"] == 2
    assert run("show", "nobody@example.com", "--request").exit_code == 1


def test_tail_prints_one_line_an_event(home: Path) -> None:
    store(signed(home))
    (line,) = output("tail", "--no-follow").splitlines()
    assert "newsletter  evt_1  accepted  ada@example.com  subscribe Newsletter, trigger Welcome" in line
    (home / "mappings" / "other.yaml").write_text("preset: json\nverify: none\n")
    assert "nothing has come yet, in the outbox" in output("tail", "--no-follow", "--hook", "other")
    assert output("tail", "--no-follow", "--last", "0") == ""
    assert json.loads(output("tail", "--no-follow", "--json"))["event"] == "evt_1"


def another(home: Path, number: int) -> Request:
    body = signed(home).body.replace(b"01HXTYPEFORM", b"01HX%d" % number).replace(b"a3a12ec6", b"b3a12ec%d" % number)
    return signed(home, body)


def test_tail_follows_with_what_is_new_alone(home: Path) -> None:
    for number in range(3):
        store(another(home, number))
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", "tail", "--last", "1"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as tail:
        assert tail.stdout is not None
        assert "evt_3" in tail.stdout.readline()
        store(another(home, 4))
        assert "evt_4" in tail.stdout.readline(), "what came before the last one is not new"
        tail.terminate()


@pytest.fixture
def listener(home: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "bridge", "listen", "--port", "0", "--save", "bodies", "--requests", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        yield process
        process.terminate()


def heard(listener: subprocess.Popen[str], request: Request) -> tuple[Any, str]:
    """The answer to a request, and what was printed of it."""
    assert listener.stderr is not None
    url = listener.stderr.readline().split()[2].removesuffix("/hooks/NAME,")
    with Http() as http:
        answer = http.send(
            "POST",
            f"{url}/hooks/{request.hook}",
            body=request.body,
            headers=request.headers,
            deadline_seconds=PATIENCE_SECONDS,
        )
    printed, errors = listener.communicate()
    assert listener.returncode == 0, errors
    return answer, printed


def test_an_authentic_request_is_heard_and_mapped(home: Path, listener: subprocess.Popen[str]) -> None:
    answer, printed = heard(listener, signed(home))
    assert answer.status == 202
    assert "verification: valid" in printed
    assert "Lead Email: ada@example.com" in printed
    assert next((home / "bodies").iterdir()).read_bytes() == signed(home).body
    assert output("status", "--json")  # and nothing was stored:
    assert json.loads(output("list", "--json"))["events"] == []


def test_a_wrong_signature_is_explained(home: Path, listener: subprocess.Popen[str]) -> None:
    request = signed(home)
    (home / "secrets" / "NEWSLETTER_SECRET").write_text("another-secret-of-the-same-length")
    _, printed = heard(listener, request)
    assert "verification: not valid" in printed
    assert "Lead Email: ada@example.com" in printed


def test_without_a_mapping_the_sender_is_recognised(home: Path, listener: subprocess.Popen[str]) -> None:
    request = signed(home)
    (home / "mappings" / "newsletter.yaml").unlink()
    _, printed = heard(listener, request)
    assert "read by the preset 'typeform'" in printed
    assert "ada@example.com" in printed
    assert "`leadbridge new newsletter --from FILE`" in printed
