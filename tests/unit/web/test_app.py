"""The HTTP face in one process: what the end-to-end tests cannot make happen."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from bridge import bootstrap, config, log
from bridge.errors import OutboxUnavailableError, SettingsError
from bridge.web import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

MAPPING = """
preset: json
verify: none
consent: {not_asked: the tests}
lead:
  Lead Email: {answer: email}
actions:
  - trigger: {journey: Welcome, list: Newsletter}
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    (tmp_path / "form.yaml").write_text(MAPPING)
    (tmp_path / "Twin.yaml").write_text(MAPPING)
    (tmp_path / "twin.yaml").write_text(MAPPING)
    environ = {
        "LEADBRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'outbox.db'}",
        "LEADBRIDGE_MAPPINGS": str(tmp_path),
        "LEADBRIDGE_HOOK_LIMIT": "300",
    }
    receiver = bootstrap.open_receiver(config.load(environ), environ)
    yield app.receiver_app(receiver).test_client()
    receiver.outbox.close()


def post(client: FlaskClient, **headers: str) -> Any:
    return client.post("/hooks/form", json={"email": "ada@example.com"}, headers=headers)


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The log lines of the requests so far."""
    written = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in written if line["event"].startswith("request.")]


def break_receiving(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(app, "receive", broken)


def test_a_error_of_ours_before_anything_is_stored_asks_the_sender_to_try_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_receiving(monkeypatch, RuntimeError("about ada@example.com"))
    answer = post(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Leadbridge failed",
        "status": 503,
        "detail": "nothing was stored; send it again",
    }


def test_an_outbox_that_is_away_asks_the_sender_to_try_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_receiving(monkeypatch, OutboxUnavailableError("the outbox is away; bring it back"))
    answer = post(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.json["detail"] == "the outbox is away; bring it back"


def test_every_answer_carries_a_request_id(client: FlaskClient) -> None:
    assert post(client, **{"X-Request-Id": "a_b-1"}).headers["X-Request-Id"] == "a_b-1"
    assert len(post(client).headers["X-Request-Id"]) == 16
    assert client.post("/nowhere").headers["X-Request-Id"]


@pytest.mark.parametrize("given", ["x" * 65, "a b", "<script>", "é"])
def test_a_request_id_that_could_poison_a_log_is_replaced(client: FlaskClient, given: str) -> None:
    assert post(client, **{"X-Request-Id": given}).headers["X-Request-Id"] != given


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/form/",
        "/hooks//form",
        "/hooks/FORM",
        "/Hooks/Form",
        "/hooks/%20form%20",
        "/hooks/form%0A",
    ],
)
def test_an_address_that_means_one_hook_is_taken_without_a_redirect(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json={"email": "ada@example.com"})
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("path", "questions"),
    [
        ("/hooks/TWIN", "TWIN"),
        ("/hooks/a/b", ""),
        ("/hooks/", ""),
        ("/hooks/%00", "�"),
        ("/hooks/%1b%5d0;x%07", "�]0;x�"),
        ("/hooks/" + "n" * 4000, "n" * 63 + "…"),
        ("/", ""),
        ("/hooks//http:%2f%2fevil.example", ""),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PROPFIND", "DELETE"])
def test_any_other_request_is_404_and_leaves_one_line(
    client: FlaskClient, capfd: pytest.CaptureFixture[str], path: str, questions: str, method: str
) -> None:
    log.configure(stream=sys.__stdout__)
    answer = client.open(path, method=method)
    (line,) = lines(capfd)
    assert (answer.status_code, line["event"], line["hook"], line["why"]) == (
        404,
        "request.rejected",
        questions,
        "unknown_hook",
    )
    assert len(json.dumps(line)) < 600


def test_the_line_names_the_closest_hook_and_the_answer_does_not(
    client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    log.configure(stream=sys.__stdout__)
    answer = client.post("/hooks/fomr", json={})
    (line,) = lines(capfd)
    assert (line["hook"], line["hint"]) == ("fomr", "the closest hook is 'form'")
    assert b"form'" not in answer.data


def test_other_methods_are_405_and_leave_a_line(client: FlaskClient, capfd: pytest.CaptureFixture[str]) -> None:
    log.configure(stream=sys.__stdout__)
    assert [client.open("/hooks/form", method=method).status_code for method in ("GET", "PROPFIND")] == [405, 405]
    assert [line["why"] for line in lines(capfd)] == ["method", "method"]


def test_more_requests_of_a_hook_than_its_limit_are_429_and_others_are_not(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.web.app.now_ms", lambda: 1_772_000_000_000)
    statuses = [post(client).status_code for _ in range(60)]
    assert statuses[:50] == [202] * 50
    assert statuses[-1] == 429
    answer = post(client)
    assert int(answer.headers["Retry-After"]) >= 1
    assert client.post("/hooks/twin", json={"email": "ada@example.com"}).status_code == 202


def test_what_is_not_taken_uses_up_no_limit(client: FlaskClient) -> None:
    assert {client.post("/hooks/form", data=b"{").status_code for _ in range(60)} == {400}
    assert post(client).status_code == 202


@pytest.mark.parametrize("host", ["x/hooks/a#", "a b", "[::1", "ü", ""])
def test_a_host_that_is_none_changes_nothing(client: FlaskClient, host: str) -> None:
    answer = client.post("/hooks/form", json={"email": "ada@example.com"}, headers={"Host": host})
    assert answer.status_code == 202


def test_the_receiver_does_not_start_on_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADBRIDGE_THREADS", "many")
    with pytest.raises(SettingsError, match="LEADBRIDGE_THREADS is 'many'"):
        app.create_app()
