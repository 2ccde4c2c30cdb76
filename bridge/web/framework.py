"""Flask, without what no page of the receiver needs and every request would pay for: a fifth of its instructions.

Each override leaves out a step of Flask's own that is public to be overridden; plain Flask answers the same.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from flask import Flask
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Request

_STATUS_LINES: Final = {status.value: f"{status.value} {status.phrase.upper()}" for status in HTTPStatus}


class Answer:
    """A whole answer: a WSGI application, which Flask takes from a page as well as its own responses.

    https://flask.palletsprojects.com/en/stable/quickstart/#about-responses
    """

    __slots__ = ("body", "headers", "status")

    def __init__(self, body: bytes, status: int, content_type: str, *headers: tuple[str, str]) -> None:
        self.body = body
        self.status = status
        self.headers = [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send it, as PEP 3333 asks."""
        start_response(_STATUS_LINES[self.status], self.headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self.body,)


class _NoSession(SessionInterface):
    """The same empty session for all: nobody has one."""

    _empty: Final = NullSession()

    def open_session(self, *_: object) -> NullSession:
        """No cookie is read."""
        return self._empty


class Application(Flask):
    """Flask without sessions, teardown functions and coroutines, that asks no request for its host."""

    session_interface = _NoSession()
    _elsewhere: Callable[[Request], Answer] | None = None
    _pages: frozenset[str] = frozenset()

    def answer_elsewhere(self, page: Callable[[Request], Answer]) -> None:
        """Have a page answer every path that has none of its own by now, by every method; no rule is looked for."""
        self._elsewhere = page
        self._pages = frozenset(rule.rule for rule in self.url_map.iter_rules())

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: what answers elsewhere sees it before any other step of Flask's but error handlers."""
        page = self._elsewhere
        if page is None or environ["PATH_INFO"] in self._pages:
            return super().wsgi_app(environ, start_response)
        with self.request_context(environ) as context:
            try:
                for prepare in self.before_request_funcs[None]:
                    prepare()
                answer: Any = page(context.request)
            except Exception as error:  # noqa: BLE001 - the handlers of the application decide
                answer = self.handle_user_exception(error)
            found: Iterable[bytes] = answer(environ, start_response)
            return found

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the page for a path, whatever the host is called."""
        if request is None or (self._elsewhere is not None and request.path not in self._pages):
            return None
        return MapAdapter(self.url_map, "", "", "", "http", request.path, request.method)

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """No page leaves anything behind."""

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """Nor does the application."""

    def ensure_sync(self, func: Any) -> Any:
        """The function itself: none is a coroutine."""
        return func
