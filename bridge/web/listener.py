"""A receiver that answers everything and stores nothing: each request is shown to a function."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask, Response
from flask import request as http
from werkzeug.serving import WSGIRequestHandler, make_server

from bridge.errors import MalformedError, TooLargeError
from bridge.times import now_ms
from bridge.web.request import request_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.config import Settings
    from bridge.model import Request

    Answer = tuple[bytes, int, str]
    """Body, status and content type."""


@contextmanager
def listening(
    settings: Settings, host: str, port: int, hear: Callable[[Request], Answer], *, answered: Callable[[], None]
) -> Iterator[str]:
    """Receive at this address meanwhile, one request after the other; gives the URL. Raises OSError.

    `answered` is called once the answer to a request that was heard has been sent.
    """
    app = Flask("leadbridge", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    turn = threading.Lock()

    @app.before_request
    def whatever() -> Response:
        name = http.path.rstrip("/").rpartition("/")[2]
        try:
            request = request_of(name, http, now=now_ms(), settings=settings)
        except (TooLargeError, MalformedError) as error:
            return Response(f"{error}\n", 413 if isinstance(error, TooLargeError) else 400, content_type="text/plain")
        with turn:
            body, status, content_type = hear(request)
        response = Response(body, status, content_type=content_type)
        response.call_on_close(answered)
        return response

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as bound:  # werkzeug ends the process when a port is taken
        server = make_server(host, port, app, threaded=True, request_handler=_Quiet, fd=bound.fileno())
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="listen", daemon=True)
    thread.start()
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    """Writes no line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Writes nothing."""
