"""No request is smuggled through nginx, HAProxy or Caddy: what they forward is read as what they meant, and no more.

Each proxy gives each request that it forwards an id of its own. A request that the receiver reads without one, or with
one that was there before, was smuggled; and whoever asks next must get his own answer.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.deploy.conftest import DEPLOY
from tests.e2e.conftest import free_port
from tests.fuzz import framing
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVE: Final = """
import json, sys, threading
from flask import Flask, request
from bridge.web.server import Server
def create_app():
    app, lock = Flask("seen"), threading.Lock()
    @app.before_request
    def seen():
        body = request.get_data().decode("latin-1")
        one = {"path": request.path, "id": request.headers.get("X-Request-Id"), "body": body}
        with lock, open(sys.argv[2], "a") as file:
            file.write(json.dumps(one) + "\\n")
        return one
    return app
Server(create_app, bind="127.0.0.1:" + sys.argv[1], workers=1, threads=8).run()
"""
HIDDEN: Final = "POST /hooks/hidden HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
SIZE: Final = f"{len(HIDDEN):x}"
LENGTHS: Final = (
    "", f"Content-Length: {len(HIDDEN)}\r\n", "Content-Length: 0\r\n", "Content-Length: 5\r\n",
    f"Content-Length: {len(HIDDEN)}\r\nContent-Length: 0\r\n", f"Content-Length: 0, {len(HIDDEN)}\r\n",
    f"Content-Length: +{len(HIDDEN)}\r\n", f"Content-Length: {'0' * 20}{len(HIDDEN)}\r\n",
    f"Content-Length:\r\n {len(HIDDEN)}\r\n", f"Content-Length : {len(HIDDEN)}\r\n",
    "Content-Length: 18446744073709551621\r\n", f"Content_Length: {len(HIDDEN)}\r\n",
    f"X: y\nContent-Length: {len(HIDDEN)}\r\n", f"Content-Length: {len(HIDDEN)}\0\r\n",
)  # fmt: skip
CODINGS: Final = (
    "", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding:\r\n chunked\r\n", "Transfer-Encoding : chunked\r\n", "Transfer-Encoding: chunked\x0b\r\n",
    "Transfer_Encoding: chunked\r\n", "X: y\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: \"chunked\"\r\n",
)  # fmt: skip
BODIES: Final = (
    HIDDEN, f"0\r\n\r\n{HIDDEN}", f"{SIZE}\r\n{HIDDEN}\r\n0\r\n\r\n", f"{SIZE};a=\"\n\"\r\n{HIDDEN}\r\n0\r\n\r\n",
    f"0000000{SIZE}\r\n{HIDDEN}\r\n0\r\n\r\n", f"{SIZE}\n{HIDDEN}\n0\n\n", f"0;x\n\r\n{HIDDEN}", f"0x0\r\n\r\n{HIDDEN}",
    f"0\r\nX: y\r\n{HIDDEN}", f"{SIZE}\r\n{HIDDEN[:20]}",
)  # fmt: skip
STARTS: Final = (
    "POST /hooks/stream HTTP/1.1\r\nHost: h\r\n",
    "POST /hooks/stream HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n",
    "GET http://other/hooks/stream HTTP/1.1\r\nHost: h\r\n",
    "POST /hooks/stream HTTP/1.1\r\nHost: h\r\nHost: other\r\n",
    "POST /hooks/stream HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: Content-Length, X-Request-Id\r\n",
    "POST /hooks/stream HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n",
)  # fmt: skip
HEADERS: Final = (
    f"Content-Length: {len(HIDDEN)}, {len(HIDDEN)}\r\n", "Content-Length: 0x10\r\n", "Content-Length: 1e1\r\n",
    "Content-Length: -0\r\n", "Content-Length: \r\n", "Content-Length: 5 5\r\n",
    "Content-Length: 0\r\nContent-Length:\r\n",
    f"Content-Length\0: {len(HIDDEN)}\r\n", f"\0Content-Length: {len(HIDDEN)}\r\n", "Content-Length:\xa05\r\n",
    f"X: y\rContent-Length: {len(HIDDEN)}\r\n", "X: y\rTransfer-Encoding: chunked\r\n",
    " X: y\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", "Transfer-Encoding:chunked\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: ,chunked\r\n", "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding: \xa0chunked\r\n",
    "Transfer-Encoding: chunKed\r\n", "Transfer-Encoding:\tchunked\r\n", "\x0bTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\n , identity\r\n", "Transfer-Encoding\r\n: chunked\r\n", "Transfer-Encoding: \r\n",
    "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "TE: chunked\r\nTrailer: Content-Length\r\n",
    "Connection: close, Content-Length\r\nContent-Length: 5\r\n", "no colon\r\nContent-Length: 5\r\n",
    "Expect: y 100-continue\r\nContent-Length: 5\r\n", "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n",
    "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 5\r\n",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 777\r\nContent-Length: 0\r\n",
)  # fmt: skip
"""What may be read as another length, coding or kind of connection."""

LINES: Final = (
    "GET /hooks/stream HTTP/1.1\r\n", "HEAD /hooks/stream HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n",
    "POST  /hooks/stream HTTP/1.1\r\n", "POST /hooks/stream  HTTP/1.1\r\n", "POST /hooks/stream HTTP/1.1\t\r\n",
    "\r\n\r\nPOST /hooks/stream HTTP/1.1\r\n", "POST /hooks/stream\r\n", "POST /hooks/stream HTTP/1.10\r\n",
    "POST http://u:p@h/hooks/stream HTTP/1.1\r\n", "POST /hooks/stream?a HTTP/1.1 HTTP/1.1\r\n",
    "CONNECT h:80 HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST /hooks/stream#\xff HTTP/1.1\r\n",
    "POST /hooks/stream HTTP/1.1\n", "POST /hooks/x/../stream HTTP/1.1\r\n", "POST /hooks/%73tream%0d%0a HTTP/1.1\r\n",
)  # fmt: skip
CHUNKS: Final = (
    f"{SIZE};\n\r\n{HIDDEN}\r\n0\r\n\r\n", f"5;a\r{HIDDEN}\r\n0\r\n\r\n", f"{SIZE} ;x\r\n{HIDDEN}\r\n0\r\n\r\n",
    f" {SIZE}\r\n{HIDDEN}\r\n0\r\n\r\n", f"+0\r\n\r\n{HIDDEN}", f"0_0\r\n\r\n{HIDDEN}", f"-0\r\n\r\n{HIDDEN}",
    f"{SIZE}\r\r\n{HIDDEN}\r\n0\r\n\r\n", f"{SIZE}\r\n{HIDDEN}xx0\r\n\r\n", f"5\r\nhello{HIDDEN}0\r\n\r\n",
    f"0\r\nContent-Length: {len(HIDDEN)}\r\n\r\n{HIDDEN}", f"0\r\nTransfer-Encoding: chunked\r\n\r\n{HIDDEN}",
    f"0\r\nX-Request-Id: a\r\n\r\n{HIDDEN}", f"0\r\n: x\r\n\r\n{HIDDEN}", f"0\r\n X: y\r\n\r\n{HIDDEN}",
    f"0\n\r\n{HIDDEN}",
    f"0\r\n\n{HIDDEN}", f"0\r\n\r{HIDDEN}", f"0;\r\n\r\n{HIDDEN}", f"0;a=b;c=\"\r\n\r\n{HIDDEN}",
    f"0\x00\r\n\r\n{HIDDEN}",
    f"10000000000000000\r\n\r\n{HIDDEN}", f"{SIZE}{HIDDEN}", f"\r\n0\r\n\r\n{HIDDEN}", f"{'0' * 300}\r\n\r\n{HIDDEN}",
)  # fmt: skip


def streams() -> list[bytes]:
    """Each start, line, header and chunk by itself, each pair of length and coding with bodies in turn, random ones."""
    made = [f"{start}{LENGTHS[1]}\r\n{HIDDEN}" for start in STARTS]
    made += [f"{start}{CODINGS[1]}\r\n{body}" for start, body in product(STARTS, BODIES)]
    made += [f"{line}Host: h\r\n{length}\r\n{HIDDEN}" for line, length in product(LINES, ("", LENGTHS[1]))]
    made += [f"{STARTS[0]}{header}\r\n{body}" for header, body in product(HEADERS, (HIDDEN, f"0\r\n\r\n{HIDDEN}"))]
    made += [f"{STARTS[0]}{CODINGS[1]}\r\n{body}" for body in CHUNKS]
    for number, (length, coding) in enumerate(product(LENGTHS, CODINGS)):
        for body in (BODIES[number % len(BODIES)], BODIES[(number * 3 + 1) % len(BODIES)]):
            made.append(f"{STARTS[0]}{length}{coding}\r\n{body}")
    chance = random.Random(20)
    return [one.encode("latin-1") for one in made] + [framing.stream(chance) for _ in range(150)]


@contextmanager
def _running(log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def _nginx(folder: Path, port: int, receiver: int) -> list[str]:
    """The shipped file, its first server, without TLS."""
    text = (DEPLOY / "nginx/leadbridge.conf").read_text().partition("\n# The console")[0]
    text = re.sub(r"listen 443 ssl;\n\s*listen \[::\]:443 ssl;", f"listen 127.0.0.1:{port};", text)
    text = re.sub(r"ssl_certificate\w*\s+[^;]*;", "", text).replace("/var/log/nginx", str(folder))
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{receiver}")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in kinds)
    (folder / "proxy.conf").write_text(f"pid {folder}/pid; daemon off; events {{}}\nhttp {{ {paths}\n{text} }}\n")
    return ["nginx", "-c", f"{folder}/proxy.conf", "-e", f"{folder}/error.log"]


def _haproxy(folder: Path, port: int, receiver: int) -> list[str]:
    (folder / "proxy.conf").write_text(
        "defaults\n mode http\n timeout connect 5s\n timeout client 9s\n timeout server 9s\n http-reuse always\n"
        f"frontend hooks\n bind 127.0.0.1:{port}\n http-request set-header X-Request-Id %[uuid()]\n"
        f" default_backend leadbridge\nbackend leadbridge\n server one 127.0.0.1:{receiver}\n"
    )
    return ["haproxy", "-db", "-f", f"{folder}/proxy.conf"]


def _caddy(folder: Path, port: int, receiver: int) -> list[str]:
    """Without `Expect`, as deploy/README.md says: Caddy 2.6 crashes when a client leaves before it may go on."""
    (folder / "proxy.conf").write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://:{port} {{\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:{receiver} {{\n"
        "  header_up X-Request-Id {http.request.uuid}\n  header_up -Expect\n }\n}\n"
    )
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{folder}/proxy.conf"]


PROXIES: Final = {"nginx": _nginx, "haproxy": _haproxy, "caddy": _caddy}


def _send(port: int, data: bytes) -> None:
    """Send a stream, wait for what is answered first, and leave."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.4) as client:
        client.sendall(data)
        while client.recv(65536):
            pass


def _ask(port: int, who: str) -> None:
    """A request as a sender makes it gets its own answer."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", f"/hooks/victim-{who}", who)
        answer = connection.getresponse()
        text = answer.read()
    assert answer.status == 200, (who, answer.status, text)
    seen = json.loads(text)
    assert (seen["path"], seen["body"]) == (f"/hooks/victim-{who}", who)


def _is_answered(port: int, who: str) -> bool:
    """Whether it was; a sender repeats a request whose connection broke, and only a wrong answer does harm."""
    try:
        _ask(port, who)
    except ConnectionError:
        return False
    return True


@pytest.mark.parametrize("name", PROXIES)
def test_no_request_is_smuggled(name: str, tmp_path: Path) -> None:
    if shutil.which(name) is None:
        assert not os.environ.get("CI"), f"{name} is not installed"
        pytest.skip(f"{name} is not installed (apt-get install nginx-light haproxy caddy)")
    port, receiver, seen = free_port(), free_port(), tmp_path / "seen"
    sent = streams()
    with ExitStack() as opened:
        opened.enter_context(_running(tmp_path / "receiver.log", sys.executable, "-c", SERVE, str(receiver), str(seen)))
        log = tmp_path / "proxy.log"
        proxy = opened.enter_context(_running(log, *PROXIES[name](tmp_path, port, receiver)))

        def answers(who: str) -> bool:
            assert proxy.poll() is None, log.read_text(errors="replace")[-4000:]
            return _is_answered(port, who)

        def attack(number: int) -> None:
            _send(port, sent[number])
            wait_until(lambda: answers(str(number)))

        wait_until(lambda: _is_up(port) or proxy.poll() is not None)

        with ThreadPoolExecutor(8) as clients:
            list(clients.map(attack, range(len(sent))))
    read = [json.loads(line) for line in seen.read_text().splitlines()]
    assert sum(one["path"].startswith("/hooks/victim-") for one in read) >= len(sent)
    assert sum(one["path"] == "/hooks/stream" for one in read) > 20
    ids = [one["id"] for one in read]
    own_id = re.compile(r"[0-9a-fA-F-]{32,36}")
    smuggled = [one for one in read if not own_id.fullmatch(one["id"] or "") or ids.count(one["id"]) > 1]
    assert not smuggled


def _is_up(port: int) -> bool:
    try:
        _ask(port, "first")
    except (OSError, AssertionError):
        return False
    return True
