"""Who gets in, and who does not."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from bridge.console import login
from bridge.console.login_delay import FREE_TRIES
from bridge.errors import OutboxUnavailableError
from bridge.times import now_ms
from tests.unit.console.conftest import HASH, PASSWORD, act, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    NewConsole = Callable[..., FlaskClient]

PROXY = {"LEADBRIDGE_CONSOLE_USER_HEADER": "X-Forwarded-User"}


def where(answer: Any) -> str:
    return str(urlsplit(answer.headers["Location"]).path)


@pytest.mark.parametrize(("name", "password"), [("operator", "wrong"), ("nobody", PASSWORD), ("", ""), ("*", PASSWORD)])
def test_a_wrong_name_or_password_gets_no_session(new_console: NewConsole, name: str, password: str) -> None:
    client = new_console()
    answer = sign_in(client, name, password)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert where(client.get("/leads")) == "/login"


def test_a_right_password_leads_to_the_page_that_was_asked_for(new_console: NewConsole) -> None:
    client = new_console()
    asked = client.get("/leads/evt_1")
    answer = client.post(
        asked.headers["Location"],
        data={"name": "viewer", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert where(answer) == "/leads/evt_1"
    assert client.get("/leads/evt_1").status_code == 200


@pytest.mark.parametrize(
    "to",
    [
        *(
            "https://example.com/",
            "//example.com",
            "/\\example.com",
            "/%2f/example.com",
            "javascript:alert(1)",
            "/\n/x",
        ),
        *("/leads/../..", "/..", "/%2e%2e/other", "/leads/.%2E/..\\x", "/./x"),
    ],
)
def test_signing_in_leads_nowhere_else(new_console: NewConsole, to: str) -> None:
    client = new_console()
    answer = client.post(
        "/login",
        query_string={"to": to},
        data={"name": "viewer", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.headers["Location"] == "/"


def test_wrong_passwords_make_the_next_try_wait(new_console: NewConsole) -> None:
    client = new_console()
    for _ in range(FREE_TRIES):
        assert sign_in(client, "admin", "wrong").status_code == 401
    answer = sign_in(client, "admin", PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_wrong_passwords_at_the_same_time_are_no_more_than_one_after_another(
    new_console: NewConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "now_ms", lambda: 1_700_000_000_000)
    app, tries = new_console().application, 4 * FREE_TRIES
    together = Barrier(tries)

    def once(_: int) -> int:
        together.wait()
        return int(sign_in(app.test_client(), "admin", "wrong").status_code)

    with ThreadPoolExecutor(tries) as threads:
        statuses = Counter(threads.map(once, range(tries)))
    assert statuses == {401: FREE_TRIES, 429: tries - FREE_TRIES}


@pytest.mark.parametrize(("url", "status"), [("", 429), ("https://ops.example.com", 401)])
def test_a_forwarded_address_is_counted_only_where_a_proxy_is_before_the_console(
    new_console: NewConsole, url: str, status: int
) -> None:
    client = new_console(**({"LEADBRIDGE_CONSOLE_URL": url} if url else {}))
    for number in range(FREE_TRIES + 1):
        answer = client.post(
            "/login",
            data={"name": f"name{number}", "password": "wrong"},
            headers={"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": f"198.51.100.{number}"},
        )
    assert answer.status_code == status


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(new_console: NewConsole) -> None:
    local = sign_in(new_console(), "viewer").headers["Set-Cookie"]
    https = sign_in(new_console(LEADBRIDGE_CONSOLE_URL="https://ops.example.com/bridge"), "viewer").headers[
        "Set-Cookie"
    ]
    for cookie in (local, https):
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/;" in cookie
    assert https.startswith("__Host-")
    assert "Secure" in https
    assert "Domain" not in https


def test_signing_out_ends_the_session(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "viewer")
    assert where(act(client, "/logout")) == "/login"
    assert where(client.get("/leads")) == "/login"


def test_a_copied_cookie_opens_nothing_once_its_owner_has_signed_out_or_in_again(new_console: NewConsole) -> None:
    client, thief = new_console(), new_console()
    ends: list[Callable[[], Any]] = [lambda: act(client, "/logout"), lambda: sign_in(client, "viewer")]
    for end in ends:
        sign_in(client, "viewer")
        cookie = client.get_cookie("leadbridge")
        assert cookie is not None
        thief.set_cookie("leadbridge", cookie.value)
        assert thief.get("/leads").status_code == 200
        end()
        assert where(thief.get("/leads")) == "/login"


def test_signing_out_ends_no_other_session_of_the_same_user(new_console: NewConsole) -> None:
    here, there = new_console(), new_console()
    sign_in(here, "viewer")
    sign_in(there, "viewer")
    act(here, "/logout")
    assert there.get("/leads").status_code == 200


def test_what_one_user_revealed_is_masked_for_the_next_of_the_same_browser(new_console: NewConsole) -> None:
    client = new_console(**PROXY, LEADBRIDGE_CONSOLE_USERS="ada:operator\n*:viewer")
    client.post("/leads/evt_1/reveal", headers={"X-Forwarded-User": "ada", "Sec-Fetch-Site": "same-origin"})
    assert "ada@example.com" in client.get("/leads/evt_1", headers={"X-Forwarded-User": "ada"}).text
    assert "ada@example.com" not in client.get("/leads/evt_1", headers={"X-Forwarded-User": "grace"}).text


def test_a_session_ends_when_the_users_role_or_password_changes(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "operator")
    cookie = client.get_cookie("leadbridge")
    assert cookie is not None
    for users in (f"operator:viewer:{HASH}", f"operator:operator:{HASH}0", f"viewer:viewer:{HASH}"):
        other = new_console(LEADBRIDGE_CONSOLE_USERS=users)
        other.set_cookie("leadbridge", cookie.value)
        assert where(other.get("/leads")) == "/login"
    same = new_console()
    same.set_cookie("leadbridge", cookie.value)
    assert same.get("/leads").status_code == 200


def test_a_session_ends_after_twelve_hours(new_console: NewConsole, monkeypatch: pytest.MonkeyPatch) -> None:
    client = new_console()
    sign_in(client, "viewer")
    now = now_ms()
    monkeypatch.setattr("bridge.console.sessions.now_ms", lambda: now + 12 * 3_600_000 - 60_000)
    assert client.get("/leads").status_code == 200
    monkeypatch.setattr("bridge.console.sessions.now_ms", lambda: now + 12 * 3_600_000 + 60_000)
    assert where(client.get("/leads")) == "/login"


def test_a_changed_cookie_is_no_session(new_console: NewConsole) -> None:
    client = new_console()
    sign_in(client, "viewer")
    cookie = client.get_cookie("leadbridge")
    assert cookie is not None
    client.set_cookie("leadbridge", cookie.value[:-2])
    assert where(client.get("/leads")) == "/login"


def test_a_trusted_proxy_names_the_user(new_console: NewConsole) -> None:
    client = new_console(**PROXY, LEADBRIDGE_CONSOLE_USERS="ada@example.com:operator")
    page = client.get("/leads", headers={"X-Forwarded-User": "ada@example.com"})
    assert page.status_code == 200
    assert "operator" in page.text
    assert client.get("/leads", headers={"X-Forwarded-User": "ADA@example.com"}).status_code == 403
    for other in ("ada@example.com.evil.example", "\xa0ada@example.com", "ada@example.com\x85"):
        assert client.get("/leads", headers={"X-Forwarded-User": other}).status_code == 403


def test_anybody_whom_the_proxy_names_has_the_role_of_the_star(new_console: NewConsole) -> None:
    client = new_console(**PROXY, LEADBRIDGE_CONSOLE_USERS="*:viewer\nada:admin")
    assert "viewer" in client.get("/leads", headers={"X-Forwarded-User": "grace"}).text
    assert "admin" in client.get("/leads", headers={"X-Forwarded-User": "ada"}).text


def test_a_header_is_believed_only_of_a_trusted_proxy_and_only_where_it_is_set(new_console: NewConsole) -> None:
    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    client = new_console(**PROXY, LEADBRIDGE_CONSOLE_USERS="*:admin")
    assert where(client.get("/leads", headers={"X-Forwarded-User": "ada"}, environ_base=stranger)) == "/login"
    client = new_console()
    assert where(client.get("/leads", headers={"X-Forwarded-User": "admin"})) == "/login"


def test_a_user_without_a_password_cannot_sign_in_by_one(new_console: NewConsole) -> None:
    client = new_console(**PROXY, LEADBRIDGE_CONSOLE_USERS=f"ada:admin\nviewer:viewer:{HASH}")
    assert sign_in(client, "ada", "").status_code == 401


def test_a_console_that_nobody_may_enter_says_how_to_open_it(new_console: NewConsole) -> None:
    client = new_console(LEADBRIDGE_CONSOLE_USERS="")
    assert "leadbridge console-password" in client.get("/login").text
    assert sign_in(client, "", "").status_code == 401


def test_an_outbox_that_is_away_is_said_on_a_page(new_console: NewConsole, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_store: object) -> bytes:
        raise OutboxUnavailableError("the database does not answer")

    client = new_console()
    monkeypatch.setattr("bridge.outbox.registry.identity", away)
    for path in ("/", "/login", "/leads"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert "The outbox cannot be reached" in answer.text
    assert client.get("/livez").status_code == 200
    monkeypatch.undo()
    assert client.get("/login").status_code == 200
