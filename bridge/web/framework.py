"""Flask, without what no page of the receiver needs and every request would pay for: a tenth of its instructions.

Each override leaves out a step of Flask's own that is public to be overridden; plain Flask answers the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Request


class Answer(Response):
    """An answer that goes out as it was made: no relative address, no status without a body is ever in it."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it, as PEP 3333 asks."""
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.iter_encoded()


class Application(Flask):
    """Flask that asks no request for its host or subdomain, and no function whether it is a coroutine."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the page for a path, whatever the host is called."""
        if request is None:
            return None
        return MapAdapter(self.url_map, "", "", "", "http", request.path, request.method)

    def ensure_sync(self, func: Any) -> Any:
        """The function itself: none is a coroutine."""
        return func
