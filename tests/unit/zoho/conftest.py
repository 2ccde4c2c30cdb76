from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from bridge.model import ClaimedDelivery, OnDoubt, Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    MakeDelivery = Callable[..., ClaimedDelivery]


@pytest.fixture
def delivery() -> MakeDelivery:
    """Makes a delivery of the lead `ada@example.com`, or of another one."""

    def make(
        number: int = 1, *, lead: str = "ada@example.com", body: bytes | None = None, attempts: int = 0
    ) -> ClaimedDelivery:
        return ClaimedDelivery(
            id=number,
            event_id=number,
            lead=lead,
            body=body or b'{"lead_email":"%s"}' % lead.encode(),
            priority=Priority.LIVE,
            on_doubt=OnDoubt.RESEND,
            attempts=attempts,
            ignored_count=0,
            cohort=None,
            received_at=0,
            first_try_at=0,
        )

    return make


class Zoho:
    """A server that remembers each call and gives the answer it was asked to give."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.methods: list[str] = []
        self.paths: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.body = b""
        self.extra: dict[str, str] = {}

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Answer so from now on."""
        self.status, self.body, self.extra = status, body, headers


@pytest.fixture
def zoho() -> Iterator[Zoho]:
    """A running server in Zoho's place."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    playing = Zoho(f"http://127.0.0.1:{server.server_port}")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            playing.methods.append(self.command)
            playing.paths.append(self.path)
            playing.headers.append({name.lower(): value for name, value in self.headers.items()})
            playing.forms.append(dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)))
            self.send_response(playing.status)
            self.send_header("Content-Length", str(len(playing.body)))
            for name, value in playing.extra.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(playing.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_args: object) -> None:
            return

    server.RequestHandlerClass = Handler
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield playing
    server.shutdown()
    server.server_close()
    thread.join(60)
