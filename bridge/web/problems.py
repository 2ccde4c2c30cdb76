"""Errors as answers: HTTP status codes are chosen here alone.

Their form is that of RFC 9457, https://www.rfc-editor.org/rfc/rfc9457.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException

from bridge import errors, log
from bridge.receiving import lookup
from bridge.web import access_log
from bridge.web.pages import json_answer

if TYPE_CHECKING:
    from flask import Flask

    from bridge.web.framework import Answer

RETRY_AFTER_SECONDS: Final = 30

_STATUS: Final[tuple[tuple[type[errors.LeadbridgeError], int, str], ...]] = (
    (errors.UnknownHookError, 404, "There is no such hook"),
    (errors.ClosedHookError, 503, "The hook is closed for now"),
    (errors.MethodError, 405, "This method is not accepted"),
    (errors.SignatureError, 401, "Signature verification failed"),
    (errors.HandshakeError, 403, "The handshake is refused"),
    (errors.UnreadableError, 400, "The body cannot be read"),
    (errors.MalformedError, 400, "The request cannot be read"),
    (errors.MediaTypeError, 415, "This kind of body is not accepted"),
    (errors.TooLargeError, 413, "The body is too large"),
    (errors.RateError, 429, "Too many requests of this hook"),
    (errors.OutboxError, 503, "The event cannot be stored now"),
)


def register(app: Flask) -> None:
    """Have the application answer its errors."""
    app.register_error_handler(errors.LeadbridgeError, _problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _broken)


def _problem(error: errors.LeadbridgeError) -> Answer:
    status, title = next(((status, title) for kind, status, title in _STATUS if isinstance(error, kind)), (500, ""))
    if isinstance(error, errors.ClosedHookError) and error.hook:
        access_log.current().hook = error.hook
    if isinstance(error, errors.IntakeError):
        access_log.rejected(error, status)
    else:
        access_log.failed(status, str(error))
    headers = []
    if isinstance(error, errors.MethodError):
        headers = [("Allow", ", ".join(error.allowed))]
    if isinstance(error, errors.RateError):
        headers = [("Retry-After", str(error.retry_after))]
    return _answer(status, title or "Leadbridge failed", str(error), *headers)


def _http_problem(error: HTTPException) -> Answer:
    """What the framework itself refuses."""
    status = error.code or 500
    access_log.rejected(errors.UnknownHookError() if status == 404 else errors.MalformedError(error.name), status)
    return _answer(status, error.name, error.description or error.name)


def _broken(error: Exception) -> Answer:
    """Our own code failed before anything was stored: the sender must try again."""
    own = access_log.current()
    log.broke(error, hook=own.hook or lookup.shown(own.requested))
    access_log.failed(503, "an error of Leadbridge itself")
    return _answer(503, "Leadbridge failed", "nothing was stored; send it again")


def _answer(status: int, title: str, detail: str, *headers: tuple[str, str]) -> Answer:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    again = [("Retry-After", str(RETRY_AFTER_SECONDS))] if status == 503 else []
    return json_answer(body, status, access_log.id_header(), *again, *headers, content_type="application/problem+json")
