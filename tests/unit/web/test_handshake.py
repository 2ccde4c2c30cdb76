"""Handshakes, methods and required answers over HTTP: what is answered, and that nothing of a handshake is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from bridge import bootstrap, config, intake, log
from bridge.model import Request
from bridge.web import receiver_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

MAPPING = """preset: {preset}
{verification}
consent: {{not_asked: a test}}
lead: {{Lead Email: contact.email}}
actions: [{{subscribe: {{list: Newsletter}}}}]
"""
OPEN = "verify: {query_token: token}\nsecrets: {token: TEST_TOKEN}"
HOOKS = {
    "meta": ("meta-lead-ads", "secrets: {signing: META_SECRET, verify_token: META_VERIFY}"),
    "unset": ("meta-lead-ads", "secrets: {signing: META_SECRET, verify_token: NOT_SET}"),
    "salesforce": ("salesforce", OPEN),
    "mailchimp": ("mailchimp", OPEN),
    "woo": ("woocommerce", "secrets: {signing: META_SECRET}"),
    "by-get": ("by-get", OPEN),
    "pinned": ("hubspot-workflow", "verify: {version: v3}\nsecrets: {signing: META_SECRET}"),
}
BY_GET = """name: by-get
title: A sender of GET
category: general
docs: []
setup: []
verify: choose
methods: [GET, POST]
body: form
contact: usual
answers: body
"""
CHALLENGE = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    home = tmp_path_factory.mktemp("greet")
    folder = home / "mappings"
    (folder / "presets").mkdir(parents=True)
    (folder / "presets" / "by-get.yaml").write_text(BY_GET)
    for name, (preset, verify) in HOOKS.items():
        (folder / f"{name}.yaml").write_text(MAPPING.format(preset=preset, verification=verify))
    environ = {
        "LEADBRIDGE_MAPPINGS": str(folder),
        "LEADBRIDGE_DATABASE_URL": f"sqlite:///{home}/outbox.db",
        "META_SECRET": "app-secret",
        "META_VERIFY": "my-token",
        "TEST_TOKEN": "t0ken",
    }
    log.configure(level="error")
    receiver = bootstrap.open_receiver(config.load(environ), environ)
    yield receiver_app(receiver)
    receiver.outbox.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _events(answer: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = orjson.loads(answer.data)["events"]
    return events


def test_a_challenge_is_answered_with_itself(client: FlaskClient) -> None:
    answer = client.get("/hooks/meta", query_string={**CHALLENGE, "hub.verify_token": "my-token"})
    assert (answer.status_code, answer.data) == (200, b"1158201444")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("token", ["wrong", "app-secret", ""])
def test_a_challenge_with_another_token_is_forbidden(token: str, client: FlaskClient) -> None:
    answer = client.get("/hooks/meta", query_string={**CHALLENGE, "hub.verify_token": token})
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert b"my-token" not in answer.data


def test_a_hook_without_its_verify_token_still_takes_events(client: FlaskClient) -> None:
    assert client.get("/hooks/unset", query_string={**CHALLENGE, "hub.verify_token": "x"}).status_code == 403
    assert client.post("/hooks/unset", json={}).status_code == 401


def test_other_methods_are_reported_what_is_taken(client: FlaskClient) -> None:
    for method in ("GET", "HEAD", "PUT", "PATCH"):
        answer = client.open("/hooks/meta", method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert client.get("/hooks/nowhere").status_code == 404


def test_a_probe_is_answered_and_needs_no_token(client: FlaskClient) -> None:
    assert client.get("/hooks/mailchimp").status_code == 200
    assert client.head("/hooks/mailchimp").status_code == 200
    assert client.post("/hooks/mailchimp", data={"type": "subscribe"}).status_code == 401


def test_a_ping_is_answered_though_it_is_not_signed(client: FlaskClient) -> None:
    assert client.post("/hooks/woo", data={"webhook_id": "7"}).status_code == 200
    assert client.post("/hooks/woo", json={"id": 7}).status_code == 401


def test_an_outbound_message_gets_the_answer_it_needs(client: FlaskClient) -> None:
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><notifications>'
        '<Notification><Id>04l1</Id><sObject xmlns:x="urn:x" x:type="sf:Lead"><Email>ada@example.com</Email></sObject>'
        "</Notification></notifications></s:Body></s:Envelope>"
    )
    answer = client.post("/hooks/salesforce?token=t0ken", data=body, content_type="text/xml; charset=utf-8")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert b"<Ack>true</Ack>" in answer.data
    bomb = client.post("/hooks/salesforce?token=t0ken", data="<!DOCTYPE a []><a/>", content_type="text/xml")
    assert b"<Ack>true</Ack>" in bomb.data  # kept as refused: Salesforce would only send it again for a day


def test_an_event_by_get_is_kept_without_its_token(client: FlaskClient) -> None:
    answer = client.get("/hooks/by-get?token=t0ken&email=ada%40example.com&i[]=a&i[]=b")
    assert answer.status_code == 202
    assert [event["state"] for event in _events(answer)] == ["accepted"]
    assert client.get("/hooks/by-get?token=t0ken&email=ada%40example.com&i[]=a&i[]=b").json == {
        "events": [_events(answer)[0] | {"duplicate": True}]
    }
    assert client.get("/hooks/by-get?email=ada%40example.com").status_code == 401


def test_a_pinned_version_refuses_the_others(client: FlaskClient) -> None:
    base = intake.read_scheme({"hmac": {"header": "X-HubSpot-Signature", "algorithm": "plain-sha256",
                                        "content": "{secret}{method}{url}{body}"}}, "v", is_preset=True)  # fmt: skip
    assert not isinstance(base, list)
    url = "http://localhost/hooks/pinned"
    request = Request(hook="", method="POST", url=url, headers={}, query={}, body=b"{}", received_at=0)
    weak = intake.sign_request(request, base, {"signing": ("app-secret",)}, now=0)
    headers = {**weak.headers, "X-HubSpot-Signature-Version": "v2"}
    answer = client.post("/hooks/pinned", data=b"{}", headers=headers)
    assert answer.status_code == 401
    assert b"which version" in answer.data


def test_nothing_of_a_handshake_is_kept(client: FlaskClient) -> None:
    (before,) = _events(client.get("/hooks/by-get?token=t0ken&email=before%40example.com"))
    client.get("/hooks/meta", query_string={**CHALLENGE, "hub.verify_token": "my-token"})
    client.get("/hooks/mailchimp")
    client.post("/hooks/woo", data={"webhook_id": "7"})
    (after,) = _events(client.get("/hooks/by-get?token=t0ken&email=after%40example.com"))
    assert int(after["id"].removeprefix("evt_")) == int(before["id"].removeprefix("evt_")) + 1
