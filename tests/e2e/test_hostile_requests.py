"""Requests that no honest client sends, over real sockets: each is answered, leaves one line, and harms nobody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from tests.e2e.conftest import NewService, Service

PUBLIC_URL = "https://hooks.example.com"
KEY = "a signing key"
TOKEN = "PLANTED-token-1234"
ADDRESS = "planted.person@example.com"
LEAD = """consent: {not_asked: the tests}
lead: {Lead Email: {answer: email}}
actions: [{subscribe: {list: Newsletter}}]
"""
OPEN = f"preset: json\nverify: none\n{LEAD}"
BY_QUERY = f"preset: json\nsecrets: {{token: QUERY_TOKEN}}\nverify: {{query_token: token}}\n{LEAD}"
SIGNED = f"""preset: json
secrets: {{signing: SIGNING_KEY}}
verify: {{hmac: {{header: X-Signature, algorithm: sha256, encoding: base64, content: "{{url}}{{body}}"}}}}
{LEAD}"""
BODY = b'{"email":"ada@example.com"}'
POST = b"POST /hooks/open HTTP/1.1\r\nHost: x\r\n"
WHOLE = POST + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKS = POST + b"Transfer-Encoding: chunked\r\n\r\n"
QUERY = f"token={TOKEN}&email={ADDRESS}".encode()


@pytest.fixture(scope="module")
def service(new_service: NewService) -> Service:
    service = new_service(
        QUERY_TOKEN=TOKEN, SIGNING_KEY=KEY, LEADBRIDGE_PUBLIC_URL=PUBLIC_URL, LEADBRIDGE_MAX_BODY="100000"
    )
    service.write(open=OPEN, query=BY_QUERY, signed=SIGNED, other=SIGNED)
    service.start("receive")
    return service


def send(service: Service, data: bytes) -> bytes:
    """What is answered to these bytes until the connection ends."""
    address = urlsplit(service.hooks_url)
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=PATIENCE_SECONDS) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        received = b""
        while piece := client.recv(65536):
            received += piece
    return received


def statuses(answers: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", answers)]


def lines_after(service: Service, before: int, count: int = 1) -> list[dict[str, Any]]:
    """The lines about requests since there were so many, once there are so many more."""
    return wait_until(lambda: found if len(found := _lines(service)[before:]) >= count else None)  # type: ignore[no-any-return]


def _lines(service: Service) -> list[dict[str, Any]]:
    return [line for line in service.lines() if line["event"].startswith("request.")]


@pytest.mark.parametrize(
    ("data", "status", "why"),
    [
        pytest.param(b"POST /hooks/query?" + QUERY + b" \r\n\r\n", 400, "malformed", id="no version"),
        pytest.param(POST + b"X-Api-Key PLANTED-token-1234\r\n\r\n", 400, "malformed", id="header without colon"),
        pytest.param(POST + b"Content-Length: 0000000000000000037\r\n\r\n" + BODY, 400, "malformed", id="19 digits"),
        pytest.param(CHUNKS + b"0000000030\r\n" + WHOLE, 400, "malformed", id="chunk size of 10 digits"),
        pytest.param(CHUNKS + b"0x7\r\n" + BODY, 400, "malformed", id="chunk size 0x7"),
        pytest.param(CHUNKS + b"0 \r\n\r\n", 400, "malformed", id="blank after the chunk size"),
        pytest.param(CHUNKS + b"3\r\nabcdef\r\n0\r\n\r\n", 400, "malformed", id="chunk without its end"),
        pytest.param(CHUNKS + b"0\r\nbad trailer\r\n\r\n", 400, "malformed", id="trailer without colon"),
        pytest.param(CHUNKS + b"0\r\nX: " + b"a" * 70_000, 431, "malformed", id="endless trailer"),
        pytest.param(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "malformed", id="gzip, chunked"),
        pytest.param(POST + b"Expect: other\r\nExpect: 100-continue\r\n\r\n", 417, "malformed", id="two expectations"),
        pytest.param(POST + b"X: " + b"a" * 70_000, 431, "malformed", id="head without end"),
        pytest.param(POST + b"Content-Length: 100001\r\n\r\n", 413, "too_large", id="announced too large"),
        pytest.param(CHUNKS + b"186a1\r\n", 413, "too_large", id="chunk too large"),
        pytest.param(WHOLE.replace(b"/hooks/open", b"/hooks/nowhere/"), 404, "unknown_hook", id="unknown hook"),
        pytest.param(WHOLE.replace(b"/hooks/open", b"/hooks/%00"), 404, "unknown_hook", id="NUL as name"),
        pytest.param(WHOLE.replace(b"POST", b"DELETE"), 405, "method", id="DELETE"),
    ],
)
def test_it_is_refused_with_one_line_and_nothing_behind_it_is_read(
    service: Service, data: bytes, status: int, why: str
) -> None:
    before = len(_lines(service))
    kept = why in ("unknown_hook", "method")
    answers = send(service, data + WHOLE)
    assert statuses(answers) == ([status, 202] if kept else [status])
    line = lines_after(service, before, 2 if kept else 1)[0]
    assert (line["event"], line["status"], line["why"]) == ("request.rejected", status, why)
    assert (b"application/problem+json") in answers
    assert len(_lines(service)) == before + (2 if kept else 1)


def test_nothing_of_what_was_refused_is_in_any_output(service: Service) -> None:
    for data in (
        b"POST /hooks/query?" + QUERY + b"\r\n\r\n",
        b"GET /hooks/query?" + QUERY + b" HTTP/9.9\r\n\r\n",
        b"POST /hooks/query?" + QUERY + b" HTTP/1.1\r\nX-Key PLANTED-token-1234\r\n\r\n",
        b"POST /hooks/query?" + QUERY + b" HTTP/1.1\r\n" + QUERY + b": x\r\n\r\n",
        b"POST /hooks/query?" + QUERY + b" HTTP/1.1\r\nContent-Length: " + TOKEN.encode() + b"\r\n\r\n",
    ):
        assert statuses(send(service, data)) in ([400], [505])
    written = b"".join(run.output.read_bytes() + run.errors.read_bytes() for run in service.started)
    assert TOKEN.encode() not in written
    assert ADDRESS.encode() not in written
    assert all(line.startswith(b"{") for line in written.splitlines())


def test_what_is_malformed_is_counted(service: Service) -> None:
    send(service, b"NONSENSE\r\n\r\n")
    page = service.get("/metrics", admin=True).body.decode()
    assert re.search(r'leadbridge_rejected_total\{hook="",why="malformed"\} [1-9]', page)


def test_a_name_that_is_not_escaped_in_the_address_costs_no_lead(service: Service) -> None:
    target = b"POST /hooks/query?token=" + TOKEN.encode() + b"&name=J\xc3\xbcrgen HTTP/1.1\r\n"
    answers = send(service, WHOLE.replace(b"POST /hooks/open HTTP/1.1\r\n", target))
    assert statuses(answers) == [202]


@pytest.mark.parametrize(
    "path",
    ["/hooks/open/", "/hooks//open", "//hooks/open", "/hooks/OPEN", "/hooks/%20open%20", "http://h:1/hooks/open"],
)
def test_an_address_that_means_a_hook_is_taken(service: Service, path: str) -> None:
    answers = send(service, WHOLE.replace(b"/hooks/open", path.encode()))
    assert statuses(answers) == [202]


@pytest.mark.parametrize("host", ["xn--a", "x/hooks/open#", "[::1", "\xfc", "a:b:c", ""])
@pytest.mark.parametrize("target", ["/hooks/open", "http://h/hooks/open", "http://xn--a/hooks/open"])
def test_a_host_that_is_none_breaks_nothing(service: Service, host: str, target: str) -> None:
    data = WHOLE.replace(b"Host: x", f"Host: {host}".encode("latin-1")).replace(b"/hooks/open", target.encode(), 1)
    assert statuses(send(service, data)) == [202]


@pytest.mark.parametrize(
    "header", ["SCRIPT_NAME: /a", "PATH_INFO: /a", "X_Forwarded_For: 1.2.3.4", "Content_Length: 3"]
)
def test_a_header_with_an_underscore_is_not_read(service: Service, header: str) -> None:
    assert statuses(send(service, WHOLE.replace(b"Host: x", b"Host: x\r\n" + header.encode()))) == [202]


def test_the_line_of_a_401_names_the_header_that_was_not_read(service: Service) -> None:
    before = len(_lines(service))
    data = WHOLE.replace(b"/hooks/open", b"/hooks/signed").replace(b"Host: x", b"Host: x\r\nX_Signature: abc")
    assert statuses(send(service, data)) == [401]
    (line,) = lines_after(service, before)
    assert "x_signature" in line["hint"]
    assert "abc" not in str(line)


def test_the_host_is_no_part_of_the_address_that_is_signed(service: Service) -> None:
    signature = hmac.new(KEY.encode(), f"{PUBLIC_URL}/hooks/signed".encode() + BODY, hashlib.sha256).digest()
    header = b"\r\nX-Signature: " + base64.b64encode(signature)

    def posted(path: bytes, host: bytes) -> list[int]:
        return statuses(
            send(service, WHOLE.replace(b"/hooks/open", path).replace(b"Host: x", b"Host: " + host + header))
        )

    assert posted(b"/hooks/signed", b"x") == [202]
    assert posted(b"/hooks/other", b"x") == [401]
    for host in (b"x/hooks/signed#", b"x/hooks/signed?", b"x/hooks/signed"):
        assert posted(b"/hooks/other", host) == [401]


def test_a_body_of_one_byte_chunks_is_read_like_any_other(service: Service) -> None:
    body = b'{"email":"ada@example.com","note":"' + b"a" * 90_000 + b'"}'
    answers = send(service, CHUNKS + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
    assert statuses(answers) == [202]


def test_a_plain_gunicorn_answers_hostile_requests_too(new_service: NewService) -> None:
    """Behind a proxy that buffers; its logger class leaves out what was asked."""
    service = new_service(LEADBRIDGE_MAX_BODY="100000", QUERY_TOKEN=TOKEN)
    service.write(open=OPEN, query=BY_QUERY)
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    command = (gunicorn, "bridge.web:create_app()", "--no-control-socket")
    own = ("--worker-class", "gthread", "--threads", "4", "--logger-class", "bridge.web.server.logger.Logger")
    running = service.start("--bind", service.settings["LEADBRIDGE_BIND"], *own, command=command)
    assert statuses(send(service, WHOLE)) == [202]
    assert statuses(send(service, CHUNKS + b"3\r\n{} \r\n0\r\n\r\n"))[0] in (202, 400)
    assert statuses(send(service, CHUNKS + b"0x7\r\n" + BODY + WHOLE)) == [400]
    assert statuses(send(service, CHUNKS + b"186a1\r\n" + b"a" * 100_001 + b"\r\n0\r\n\r\n")) == [413]
    assert statuses(send(service, POST + b"Content-Length: 100001\r\n\r\n")) == [413]
    assert statuses(send(service, b"POST /hooks/query?" + QUERY + b" \r\n\r\n" + WHOLE)) == [400]
    assert service.lines("request.rejected", why="malformed")
    assert running.stop() == 0
    written = running.output.read_bytes() + running.errors.read_bytes()
    assert TOKEN.encode() not in written
    assert all(line.startswith(b"{") for line in written.splitlines())
