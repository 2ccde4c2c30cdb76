"""NUL and half a surrogate pair, which PostgreSQL cannot hold, in all places of a request: nothing is answered 5xx."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from bridge import bootstrap, config
from bridge.console import console_app
from bridge.console.page import Console
from bridge.outbox import open_outbox
from bridge.web import receiver_app
from tests.unit.console.conftest import MAPPING, SAME_ORIGIN, USERS, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

NUL, HALF, HALF_BYTES = "a\0b", "a\ud800b", "%ED%A0%80"
TEXTS = (quote(NUL), HALF_BYTES, "%FF%00")


@pytest.fixture
def environ(tmp_path: Path, outbox_url: str) -> dict[str, str]:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "form.yaml").write_text(MAPPING)
    return {
        "LEADBRIDGE_DATABASE_URL": outbox_url,
        "LEADBRIDGE_MAPPINGS": str(tmp_path / "mappings"),
        "LEADBRIDGE_CONSOLE_BIND": "127.0.0.1:8082",
        "LEADBRIDGE_CONSOLE_USERS": USERS,
    }


@pytest.fixture
def receiver(environ: dict[str, str]) -> Iterator[FlaskClient]:
    opened = bootstrap.open_receiver(config.load(environ), environ)
    yield receiver_app(opened).test_client()
    opened.outbox.close()


@pytest.fixture
def console(environ: dict[str, str]) -> Iterator[FlaskClient]:
    read = config.load(environ)
    assert read.console is not None
    store = open_outbox(environ["LEADBRIDGE_DATABASE_URL"])
    client = console_app(Console(settings=read, own=read.console, outbox=store)).test_client()
    sign_in(client, "admin")
    yield client
    store.close()


@pytest.mark.parametrize("text", TEXTS)
def test_the_receiver_in_path_query_and_headers(receiver: FlaskClient, text: str) -> None:
    for method in ("GET", "POST", "HEAD", "PUT"):
        for path in (f"/hooks/{text}", f"/{text}", f"/hooks/form/{text}", f"/hooks/form?{text}={text}&token={text}"):
            assert receiver.open(path, method=method).status_code < 500, (method, path)
    hostile = "a\xed\xa0\x80\x01b"
    for name in ("Content-Type", "User-Agent", "X-Request-Id", "Host", "Content-Encoding", "X-Forwarded-For", "Accept"):
        answer = receiver.post("/hooks/form", data=b'{"email": "ada@example.com"}', headers={name: hostile})
        assert answer.status_code < 500, (name, answer.text)


@pytest.mark.parametrize("text", [NUL, HALF])
def test_the_receiver_in_bodies(receiver: FlaskClient, text: str) -> None:
    bodies = [
        ("application/json", json.dumps({"email": "ada@example.com", "first": text, text: text, "consent": True})),
        ("application/json", json.dumps({"email": f"ada{text}@example.com", "consent": True})),
        ("application/json", json.dumps({"id": text, "type": text, "email": text})),
        (
            "application/x-www-form-urlencoded",
            f"email=ada@example.com&first={HALF_BYTES}%00&%00={HALF_BYTES}&consent=1",
        ),
        ("text/xml", f"<lead><email>{quote(text, errors='replace')}</email></lead>"),
        (f"application/{quote(text, errors='replace')}", "x"),
    ]
    for kind, body in bodies:
        answer = receiver.post("/hooks/form", data=body.encode(), content_type=kind)
        assert answer.status_code < 500, (kind, body, answer.text)


@pytest.mark.parametrize("text", TEXTS)
def test_every_page_of_the_console_in_path_and_query(console: FlaskClient, text: str) -> None:
    names = ("what", "hook", "state", "type", "since", "until", "before", "lead", "event", "which", "to", "from", "act")
    query = "&".join(f"{name}={text}" for name in names)
    rules = [rule for rule in console.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    assert len(rules) > 10
    for rule in rules:
        path = rule.rule
        for argument in rule.arguments:
            for shape in (f"<{argument}>", f"<int:{argument}>", f"<path:{argument}>"):
                path = path.replace(shape, text)
        assert console.get(f"{path}?{query}").status_code < 500, path


@pytest.mark.parametrize("text", TEXTS)
def test_every_form_of_the_console(console: FlaskClient, text: str) -> None:
    names = (
        "what",
        "hook",
        "state",
        "type",
        "before",
        "lead",
        "event",
        "which",
        "act",
        "lane",
        "expected",
        "text",
        "name",
    )
    fields = "&".join(f"{name}={text}" for name in (*names, "password", "example", "reason"))
    for rule in [rule for rule in console.application.url_map.iter_rules() if "POST" in (rule.methods or ())]:
        path = rule.rule
        for argument in rule.arguments:
            for shape in (f"<{argument}>", f"<int:{argument}>", f"<path:{argument}>"):
                path = path.replace(shape, text)
        if path != "/logout":
            answer = console.post(
                path, data=fields, content_type="application/x-www-form-urlencoded", headers=SAME_ORIGIN
            )
            assert answer.status_code < 500, path
