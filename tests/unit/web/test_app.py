"""The HTTP face in one process: what the end-to-end tests cannot make happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge import bootstrap, config
from bridge import web as app
from bridge.errors import OutboxUnavailableError, SettingsError

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
    environ = {"LEADBRIDGE_DATABASE_URL": f"sqlite:///{tmp_path / 'outbox.db'}", "LEADBRIDGE_MAPPINGS": str(tmp_path)}
    receiver = bootstrap.open_receiver(config.load(environ), environ)
    yield app.receiver_app(receiver).test_client()
    receiver.outbox.close()


def post(client: FlaskClient, **headers: str) -> Any:
    return client.post("/hooks/form", json={"email": "ada@example.com"}, headers=headers)


def break_receiving(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(app, "receive", broken)


def test_a_fault_of_ours_before_anything_is_stored_asks_the_sender_to_try_again(
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


def test_the_receiver_does_not_start_on_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADBRIDGE_THREADS", "many")
    with pytest.raises(SettingsError, match="LEADBRIDGE_THREADS is 'many'"):
        app.create_app()
