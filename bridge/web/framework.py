"""Flask, without what no page of ours needs at every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Request


class Answer(Response):
    """An answer that goes out as it was made; the framework would go over its headers once more at every request."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it, as PEP 3333 asks."""
        start_response(self.status, self.headers.to_wsgi_list())
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.iter_encoded()


class Application(Flask):
    """Flask without what no page here has: other hosts, subdomains and coroutines, asked for at every request."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the page for a path: whatever the host is called."""
        if request is None:
            return None
        return MapAdapter(self.url_map, "", "", "", "http", request.path, request.method)

    def ensure_sync(self, func: Any) -> Any:
        """The function itself: none is a coroutine."""
        return func
