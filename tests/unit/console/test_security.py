"""What another site cannot make a signed-in browser do, and the headers of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.console.security import is_own_host, is_same_origin
from tests.unit.console.conftest import PASSWORD, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    NewConsole = Callable[..., FlaskClient]

URLS = {"https://ops.example.com/bridge", "http://127.0.0.1:8082/"}


@pytest.mark.parametrize(
    ("site", "origin", "accepted"),
    [
        ("same-origin", None, True),
        ("none", None, True),
        ("same-site", "https://ops.example.com", False),
        ("cross-site", "https://ops.example.com", False),
        ("", None, False),
        (None, "https://ops.example.com", True),
        (None, "http://127.0.0.1:8082", True),
        (None, "https://ops.example.com.evil.example", False),
        (None, "https://evil.example/?ops.example.com", False),
        (None, "https://ops.example.com:8443", False),
        (None, "null", False),
        (None, "", False),
        (None, None, False),
    ],
)
def test_where_a_request_that_acts_may_come_from(site: str | None, origin: str | None, accepted: bool) -> None:
    assert is_same_origin(site, origin, URLS) is accepted


@pytest.mark.parametrize(
    ("host", "url", "accepted"),
    [
        ("127.0.0.1:8082", "http://127.0.0.1:8082", True),
        ("localhost:9000", "http://127.0.0.1:8082", True),
        ("[::1]:8082", "http://127.0.0.1:8082", True),
        ("evil.example", "http://127.0.0.1:8082", False),
        ("127.0.0.1.evil.example:8082", "http://127.0.0.1:8082", False),
        ("", "http://127.0.0.1:8082", False),
        ("service:8082", "https://ops.example.com", True),
    ],
)
def test_a_foreign_name_of_this_host_is_refused(host: str, url: str, accepted: bool) -> None:
    assert is_own_host(host, url) is accepted


def test_a_page_of_a_foreign_name_reaches_nothing_but_the_health_page(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "admin")
    for path in ("/", "/login", "/leads", "/leads.json"):
        answer = client.get(path, headers={"Host": "rebound.example:8082"})
        assert answer.status_code == 403, path
        assert "evt_" not in answer.text
    assert sign_in(client, "admin", Host="rebound.example:8082").status_code == 403
    assert client.get("/livez", headers={"Host": "10.0.0.7:8082"}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_every_act_is_refused_to_another_site(new_console: NewConsole, headers: dict[str, str]) -> None:
    client = new_console()
    sign_in(client, "admin")
    acts = [rule for rule in client.application.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert acts
    for rule in acts:
        path = rule.rule.replace("<what>", "evt_1").replace("<hook>", "form")
        answer = client.post(path, data={"name": "admin", "password": PASSWORD}, headers=headers)
        assert answer.status_code == 403, path
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/login", "/leads", "/leads.json", "/leads/evt_1", "/nothing", "/trying/form", "/livez"]
)
def test_every_answer_has_the_security_headers(new_console: NewConsole, path: str) -> None:
    client = new_console()
    sign_in(client, "operator")
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy


def test_each_page_has_a_nonce_of_its_own_and_only_its_script_has_it(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "viewer")
    nonces = set()
    for _ in range(3):
        page = client.get("/leads")
        nonce = page.headers["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
        assert page.text.count(nonce) == 1
        assert f'nonce="{nonce}"' in page.text
        nonces.add(nonce)
    assert len(nonces) == 3
