from __future__ import annotations

import contextlib
import gzip
import logging
import socket
import threading
import time
import traceback
from io import BytesIO, StringIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest
import structlog

from bridge import log
from bridge.errors import NoAnswerError
from bridge.http import Http, client
from bridge.http.sockets import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Serve = Callable[[Callable[[socket.socket], None]], str]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as opened:
        yield opened


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that hands each connection to a function; gives its URL."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def accept(listener: socket.socket, talk: Callable[[socket.socket], None]) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(5)
                talk(connection)

    def start(talk: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        thread = threading.Thread(target=accept, args=(listener, talk), daemon=True)
        thread.start()
        threads.append(thread)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(60)


def _request_of(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return received
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _drip(connection: socket.socket, start: bytes, drop: bytes) -> None:
    """Sends the start, then a drop every 50 ms, so that no single read ever waits long."""
    _request_of(connection)
    connection.sendall(start)
    for _ in range(12):
        time.sleep(0.05)
        connection.sendall(drop)


def _failure(http: Http, url: str, *, deadline_seconds: float = 5.0, max_bytes: int = 1_000_000) -> NoAnswerError:
    with pytest.raises(NoAnswerError) as caught:
        http.send("POST", url, form={"a": "b"}, deadline_seconds=deadline_seconds, max_bytes=max_bytes)
    return caught.value


def test_a_form_is_sent_urlencoded_and_the_answer_comes_back_whole(http: Http, serve: Serve) -> None:
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(_request_of(connection))
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nX-Thing: One\r\nContent-Length: 4\r\n\r\nbody")

    answer = http.send(
        "POST", serve(talk) + "/p", form={"a": "é &+"}, headers={"Authorization": "x"}, deadline_seconds=5
    )
    assert (answer.status, answer.body, answer.headers["x-thing"]) == (404, b"body", "One")
    assert seen[0].startswith(b"POST /p HTTP/1.1\r\n")
    assert b"application/x-www-form-urlencoded" in seen[0]
    assert seen[0].endswith(b"a=%C3%A9+%26%2B")


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
        (b"", b""),
    ],
    ids=["headers", "body", "chunks", "body without a length", "silence"],
)
def test_a_server_that_drips_is_left_at_the_deadline(http: Http, serve: Serve, start: bytes, drop: bytes) -> None:
    dripped = threading.Event()

    def talk(connection: socket.socket) -> None:
        _drip(connection, start, drop)
        dripped.set()

    failure = _failure(http, serve(talk), deadline_seconds=0.2)
    assert failure.sent
    assert "within 0.2 s" in str(failure)
    assert not dripped.is_set()


def test_a_tls_handshake_that_never_comes_is_left_at_the_deadline_and_nothing_was_sent(
    http: Http, serve: Serve
) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"\x16\x03\x03\x40\x00")
        for _ in range(12):
            time.sleep(0.05)
            connection.sendall(b"\x02")

    failure = _failure(http, serve(talk).replace("http:", "https:"), deadline_seconds=0.2)
    assert not failure.sent
    assert "within 0.2 s" in str(failure)


def test_a_refused_connection_was_not_sent(http: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    failure = _failure(http, f"http://127.0.0.1:{port}/hooks?token=geheim")
    assert not failure.sent
    assert "it refuses the connection" in str(failure)
    assert "geheim" not in str(failure)


def test_a_host_without_an_address_was_not_sent(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_args: object, **_kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    assert not _failure(http, "http://zoho.example.com").sent


def test_a_name_server_that_does_not_answer_is_left_at_the_deadline(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def slow(*_args: object, **_kwargs: object) -> list[object]:
        released.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    failure = _failure(http, "http://zoho.example.com", deadline_seconds=0.1)
    released.set()
    assert not failure.sent
    assert "within 0.1 s" in str(failure)


@pytest.mark.parametrize("url", ["http://", "nonsense", "http://[::1", "ftp://127.0.0.1/"])
def test_an_unusable_address_was_not_sent(http: Http, url: str) -> None:
    assert not _failure(http, url).sent


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    ],
    ids=["nothing", "half a line", "half a body", "not http", "a negative chunk"],
)
def test_an_answer_cut_off_leaves_the_call_in_doubt(http: Http, serve: Serve, part: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        _request_of(connection)
        connection.sendall(part)

    failure = _failure(http, serve(talk) + "/x?token=geheim")
    assert failure.sent
    assert "geheim" not in str(failure)
    assert failure.__suppress_context__


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_an_answer_larger_than_allowed_is_refused(http: Http, serve: Serve, packed: bool) -> None:
    body = gzip.compress(bytes(300_000)) if packed else bytes(300_000)
    encoding = b"Content-Encoding: gzip\r\n" if packed else b""

    def talk(connection: socket.socket) -> None:
        _request_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (encoding, len(body)) + body)

    failure = _failure(http, serve(talk), max_bytes=100_000)
    assert failure.sent
    assert "more than 100000 bytes" in str(failure)


def test_a_redirect_is_an_answer_and_not_followed(http: Http, serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        _request_of(connection)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    assert http.send("GET", serve(talk), deadline_seconds=5).status == 302


def test_the_environment_gives_no_proxy_and_no_password(
    http: Http, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    def talk(connection: socket.socket) -> None:
        _request_of(connection)
        connection.sendall(OK)

    assert http.send("GET", serve(talk), deadline_seconds=5).status == 200


def test_a_proxy_that_is_set_takes_the_call(serve: Serve) -> None:
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(_request_of(connection))
        connection.sendall(OK)

    with Http(proxy=serve(talk)) as http:
        assert http.send("GET", "http://zoho.example.com/x", deadline_seconds=5).body == b"ok"
    assert seen[0].startswith(b"GET http://zoho.example.com/x HTTP/1.1")


def test_a_proxy_that_refuses_the_tunnel_means_that_nothing_was_sent(serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        _request_of(connection)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with Http(proxy=serve(talk)) as http:
        assert not _failure(http, "https://zoho.example.com/").sent


def test_a_connection_is_used_again_and_cookies_are_not_sent_back(http: Http, serve: Serve) -> None:
    requests: list[bytes] = []
    connections: list[int] = []

    def talk(connection: socket.socket) -> None:
        connections.append(1)
        while received := _request_of(connection):
            requests.append(received)
            connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok")

    url = serve(talk)
    for _ in range(3):
        assert http.send("GET", url, deadline_seconds=5).body == b"ok"
    assert (len(requests), len(connections)) == (3, 1)
    assert not any(b"Cookie" in request for request in requests)
    http.close()


def test_a_connection_idle_for_long_is_not_used_again(
    http: Http, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[int] = []

    def talk(connection: socket.socket) -> None:
        connections.append(1)
        while _request_of(connection):
            connection.sendall(OK)

    url = serve(talk)
    http.send("GET", url, deadline_seconds=5)
    monkeypatch.setattr(client, "MAX_IDLE_SECONDS", -1.0)
    http.send("GET", url, deadline_seconds=5)
    assert len(connections) == 2
    http.close()


def test_a_drip_on_a_used_connection_is_left_at_the_deadline_too(http: Http, serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        _request_of(connection)
        connection.sendall(OK)
        _drip(connection, b"HTTP/1.1 200 OK\r\n", b"X-Drop: 1\r\n")

    url = serve(talk)
    http.send("GET", url, deadline_seconds=5)
    assert _failure(http, url, deadline_seconds=0.2).sent


def test_a_socket_that_comes_after_the_end_is_not_taken_on() -> None:
    watch = Watch(10)
    watch.expire()
    left, right = socket.socketpair()
    with left, right, pytest.raises(TimeoutError):
        watch.cover(left)


def test_a_call_leaves_no_timer_and_no_handle_behind(http: Http, serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        _request_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")

    http.send("GET", serve(talk), deadline_seconds=60)
    assert all(thread.finished.is_set() for thread in threading.enumerate() if isinstance(thread, threading.Timer))


@pytest.mark.parametrize("level", log.LEVELS)
def test_no_log_and_no_error_holds_the_url(http: Http, serve: Serve, level: str) -> None:
    """Also where somebody has Python's own logging write everything: some accounts take addresses in URLs only."""
    written = TextIOWrapper(BytesIO())
    everything = logging.StreamHandler(StringIO())
    root = logging.getLogger()
    log.configure(level=level, stream=written)
    before = root.level
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    try:
        for answer in (OK, b"", b"HTTP/1.1 200 OK\r\nno header\r\nX: y\r\n\r\nbody", b"nonsense\r\n\r\n", OK[:20]):
            url = serve(lambda connection, answer=answer: _answer(connection, answer))  # type: ignore[misc]
            text = _error_of(http, f"{url}/lead?details=planted%40example.com")
            assert "planted" not in text
        assert "planted" not in _error_of(http, "http://127.0.0.1:1/lead?details=planted%40example.com")
    finally:
        root.removeHandler(everything)
        root.setLevel(before)
        structlog.reset_defaults()
    written.flush()
    assert b"planted" not in written.buffer.getvalue()
    assert "planted" not in everything.stream.getvalue()


def _answer(connection: socket.socket, answer: bytes) -> None:
    connection.recv(65536)
    connection.sendall(answer)


def _error_of(http: Http, url: str) -> str:
    """The whole traceback of a call that fails, empty for one that does not."""
    try:
        http.send("POST", url, deadline_seconds=5)
    except NoAnswerError:
        return traceback.format_exc()
    return ""
