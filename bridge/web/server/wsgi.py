"""A gathered request through the WSGI application, and its answer as bytes.

https://peps.python.org/pep-3333/
"""

from __future__ import annotations

import sys
from email.utils import formatdate
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

import orjson

from bridge import log
from bridge.web.server.message import UNREAD_HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bridge.web.server.framing import Message
    from bridge.web.server.message import RefusedError

    WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_CONSUMED: Final = frozenset(("transfer-encoding", "expect", "content-length"))
_HOP_BY_HOP: Final = frozenset(("connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", "te"))
_BODYLESS: Final = ("204", "304")


def environ_of(message: Message, peer: tuple[str, int], base: dict[str, Any]) -> dict[str, Any]:
    """The environ of a request; `base` has what all requests of a listener share.

    Header names with `_` are left out, as nginx and gunicorn do: WSGI cannot tell them from those with `-`. They stand
    in UNREAD_HEADERS, so that the log can say why one is missing.
    """
    head = message.head
    environ = {
        **base,
        "REQUEST_METHOD": head.method,
        "RAW_URI": head.target,
        "PATH_INFO": unquote_to_bytes(head.path).decode("latin-1") if "%" in head.path else head.path,
        "QUERY_STRING": head.query,
        "SERVER_PROTOCOL": f"HTTP/{head.version}",
        "REMOTE_ADDR": peer[0],
        "REMOTE_PORT": str(peer[1]),
        "wsgi.input": BytesIO(message.body),
    }
    for name, value in head.fields:
        key = _key(name)
        if key:
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        elif "_" in name:
            environ[UNREAD_HEADERS] = f"{environ[UNREAD_HEADERS]}, {name}" if UNREAD_HEADERS in environ else name
    if message.size or head.length is None or any(name == "content-length" for name, _ in head.fields):
        environ["CONTENT_LENGTH"] = str(message.size)
    return environ


def base_environ(listener_name: Any, *, multiprocess: bool) -> dict[str, Any]:
    """What all requests share that come in by a listener, given by its address."""
    host, port = listener_name[:2] if isinstance(listener_name, tuple) else ("localhost", 80)
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": multiprocess,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }


def run(app: WsgiApp, environ: dict[str, Any], *, keep_alive: bool) -> bytes:
    """The application's answer, whole: of one that breaks, nothing is sent but that it did."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    try:
        pieces = app(environ, lambda status, headers, exc_info=None: started.append((status, headers)))
        try:
            body = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        status, headers = started[-1]
        return _bytes(status, headers, body, keep_alive=keep_alive, method=environ["REQUEST_METHOD"])
    except Exception as error:  # noqa: BLE001 - the thread has other clients
        log.broke(error)
        return problem(500, "internal error", keep_alive=keep_alive)


def refusal(refused: RefusedError) -> bytes:
    """The answer to what could not be taken as a request; the connection ends with it."""
    return problem(refused.status, refused.kind, keep_alive=False)


def problem(status: int, detail: str, *, keep_alive: bool) -> bytes:
    """An answer of the server's own, as RFC 9457 asks."""
    title = HTTPStatus(status).phrase
    body = orjson.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
    headers = [("Content-Type", "application/problem+json")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", "30"))
    return _bytes(f"{status} {title}", headers, body, keep_alive=keep_alive, method="")


def _bytes(status: str, headers: list[tuple[str, str]], body: bytes, *, keep_alive: bool, method: str) -> bytes:
    """Raises ValueError when a header holds what would end its line."""
    connection = "keep-alive" if keep_alive else "close"
    lines = [f"HTTP/1.1 {status}", f"Date: {formatdate(usegmt=True)}", f"Connection: {connection}"]
    measured = status.startswith(_BODYLESS)
    for name, value in headers:
        lowered = name.lower()
        if lowered == "content-length":
            measured = True
        if lowered not in _HOP_BY_HOP:
            lines.append(f"{name}: {value}")
    if not measured:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "\r\n"])
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        raise ValueError("a header with a line end in it")
    return head.encode("latin-1") + (b"" if method == "HEAD" or status.startswith(_BODYLESS) else body)


def _key(name: str) -> str:
    if "_" in name or name in _CONSUMED:
        return ""
    return "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.replace('-', '_').upper()}"
