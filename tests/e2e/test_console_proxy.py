"""The console behind nginx as the examples have it: below a path, by HTTPS, with passwords or single sign-on."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import ssl
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

import pytest
from werkzeug.security import generate_password_hash

from tests.e2e.conftest import free_port
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    from tests.e2e.conftest import NewService

    Ask = Callable[..., "Answer"]

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse"
USERS = f"ada@example.com:viewer\nboss:admin:{generate_password_hash(PASSWORD, 'scrypt:1024:8:1')}"


class Answer(NamedTuple):
    """What came through nginx."""

    status: int
    headers: Message
    text: str


SIGNED_ON = """
    location = /oauth2/auth {{ internal; proxy_pass http://127.0.0.1:{port}; proxy_pass_request_body off; }}
    location = /oauth2/sign_in {{ return 401 "sign in first"; }}
}}
server {{
    listen 127.0.0.1:{port};
    location / {{
        if ($cookie_who = "") {{ return 401; }}
        add_header X-Auth-Request-Email $cookie_who always;
        return 202;
    }}
}}
"""
"""Stands for oauth2-proxy: it takes a cookie's word for who somebody is."""


@pytest.fixture
def serve(new_service: NewService, tmp_path: Path) -> Iterator[Callable[..., Ask]]:
    """Starts a console and an nginx of this server block in front of it; gives what asks nginx for a path."""
    if shutil.which("nginx") is None:
        assert not os.environ.get("CI"), "nginx is not installed"
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    started: list[subprocess.Popen[bytes]] = []

    def serve(block: str, **settings: str) -> Ask:
        console, port = free_port(), free_port()
        service = new_service(
            LEADBRIDGE_CONSOLE_BIND=f"127.0.0.1:{console}",
            LEADBRIDGE_CONSOLE_URL="https://ops.example.com/leadbridge",
            LEADBRIDGE_CONSOLE_USERS=USERS,
            **settings,
        )
        service.leadbridge("migrate")
        service.run("console")
        certificate(tmp_path)
        block = re.sub(r"listen 443 ssl;\n\s*listen \[::\]:443 ssl;", f"listen 127.0.0.1:{port} ssl;", block)
        block = re.sub(r"/etc/letsencrypt/live/[^/]*/(fullchain|privkey)", rf"{tmp_path}/\1", block)
        block = block.replace("127.0.0.1:8082", f"127.0.0.1:{console}").replace("allow 10.0.0.0/8", "allow 127.0.0.1")
        block = re.sub(r"access_log [^;]*;", "access_log off;", block)
        paths = " ".join(
            f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = f"pid {tmp_path}/pid; daemon off; events {{}}\nhttp {{ {paths}\n{block} }}\n"
        (tmp_path / "nginx.conf").write_text(whole)
        command = ["nginx", "-c", f"{tmp_path}/nginx.conf", "-e", f"{tmp_path}/error.log"]
        started.append(subprocess.Popen(command))

        def ask(path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
            context = ssl.create_default_context(cafile=f"{tmp_path}/fullchain.pem")
            context.check_hostname = False  # it is reached by its number
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
            given = {"Host": "ops.example.com", "Content-Type": "application/x-www-form-urlencoded"}
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            with closing(connection):
                connection.request(method, path, body or None, given | named)
                answer = connection.getresponse()
                return Answer(answer.status, answer.headers, answer.read().decode())

        wait_until(lambda: is_up(ask))
        return ask

    yield serve
    for one in started:
        one.terminate()
        one.wait()


def certificate(folder: Path) -> None:
    """A certificate of its own for ops.example.com."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ops.example.com",
         "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


def is_up(ask: Ask) -> bool:
    try:
        return ask("/leadbridge/livez", Cookie="who=ada@example.com").status == 200
    except OSError:
        return False


def example() -> str:
    """The console's server block of the example."""
    text = (ROOT / "deploy/nginx/leadbridge.conf").read_text()
    return text[text.index("server {", text.index("# The console,")) :]


def signed_on() -> str:
    """The same with the location that docs/console.md has for single sign-on."""
    location = (ROOT / "docs/console.md").read_text().partition("```nginx\n")[2].partition("```")[0]
    text = example()
    start = text.index("    location /leadbridge/")
    return text[:start] + location + SIGNED_ON.format(port=free_port())


def test_passwords_and_pages_work_below_a_path(serve: Callable[..., Ask]) -> None:
    ask = serve(example())
    answer = ask("/leadbridge/leads")
    assert (answer.status, answer.headers["Location"]) == (303, "/leadbridge/login?to=/leads")
    assert ask("/leadbridge/leads", X_Forwarded_User="boss").status == 303, "what a browser says of itself is nothing"
    form = urlencode({"name": "boss", "password": PASSWORD})
    forged = ask("/leadbridge/login", "POST", form, Origin="https://evil.example", Sec_Fetch_Site="cross-site")
    assert forged.status == 403
    answer = ask("/leadbridge/login?to=/leads", "POST", form, Origin="https://ops.example.com")
    assert (answer.status, answer.headers["Location"]) == (303, "/leadbridge/leads")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-leadbridge=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    page = ask("/leadbridge/leads", Cookie=cookie.partition(";")[0])
    assert page.status == 200
    links = re.findall(r'(?:href|src|action)="([^"#]*)"', page.text)
    assert links
    assert [link for link in links if not link.startswith("/leadbridge/")] == []
    for link in [link for link in links if "/static/" in link]:
        static = ask(link)
        assert (static.status, "immutable" in static.headers["Cache-Control"]) == (200, True)


def test_a_single_sign_on_proxy_says_who_somebody_is(serve: Callable[..., Ask]) -> None:
    settings = {"LEADBRIDGE_CONSOLE_USER_HEADER": "X-Forwarded-User", "LEADBRIDGE_TRUSTED_PROXIES": "127.0.0.1"}
    ask = serve(signed_on(), **settings)
    assert ask("/leadbridge/leads", X_Forwarded_User="boss").status == 401, "nobody has signed in at the proxy"
    page = ask("/leadbridge/leads", Cookie="who=ada@example.com", X_Forwarded_User="boss")
    assert page.status == 200
    assert "ada@example.com, viewer" in page.text
    assert ask("/leadbridge/trying", Cookie="who=ada@example.com").status == 403
    assert ask("/leadbridge/leads", Cookie="who=stranger@example.com").status == 403
