"""The HTTP face: the receiver and the health pages as WSGI applications. HTTP status codes are chosen here alone.

The receiver also runs under a user's own server: gunicorn 'bridge.web:create_app()'.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import current_app, g
from flask import request as http
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from bridge import bootstrap, config, errors, log, metrics
from bridge.model import EventState
from bridge.operations import gauges, health
from bridge.operations.maintenance import Upkeep
from bridge.operations.rejection_counter import WHY, Rejected
from bridge.receiving.receive import greet, receive
from bridge.web.framework import Answer, Application
from bridge.web.request import request_of
from bridge.web.trusted_proxy import client_of, is_trusted

if TYPE_CHECKING:
    from flask import Flask, Response

    from bridge.bootstrap import Receiver
    from bridge.intake import HandshakeAnswer
    from bridge.receiving.receive import Received

RETRY_AFTER_SECONDS: Final = 30

_STATUS: Final[tuple[tuple[type[errors.LeadbridgeError], int, str], ...]] = (
    (errors.UnknownHookError, 404, "There is no such hook"),
    (errors.ClosedHookError, 503, "The hook is closed for now"),
    (errors.MethodError, 405, "This method is not taken"),
    (errors.SignatureError, 401, "The sender is not proved"),
    (errors.HandshakeError, 403, "The handshake is refused"),
    (errors.UnreadableError, 400, "The body cannot be read"),
    (errors.MediaTypeError, 415, "This kind of body is not taken"),
    (errors.TooLargeError, 413, "The body is too large"),
    (errors.OutboxError, 503, "The event cannot be stored now"),
)


def create_app() -> Flask:
    """The receiver: `POST /hooks/NAME`, `/livez` and `/readyz`. Raises SettingsError when the settings are wrong."""
    settings = config.load(config.environment())
    bootstrap.configure_log(settings, part="receiver")
    receiver = bootstrap.open_receiver(settings, config.environment())
    return _watching(receiver, receiver_app(receiver))


def create_admin_app() -> Flask:
    """The operator's pages, for `LEADBRIDGE_ADMIN_BIND`: `/livez`, `/readyz`, `/healthz` and `/metrics`.

    It also watches over the other processes.
    """
    settings = config.load(config.environment())
    bootstrap.configure_log(settings, part="admin")
    receiver = bootstrap.open_receiver(settings, config.environment())
    Upkeep(receiver.outbox, settings).start(threading.Event())
    return _watching(receiver, admin_app(receiver, metrics_folder=config.environment().get(metrics.FOLDER, "")))


def admin_app(receiver: Receiver, *, metrics_folder: str) -> Flask:
    """The operator's pages over parts that are already open."""
    app = _health_app(receiver)
    limits = bootstrap.limits(receiver.settings)

    @app.get("/healthz")
    def healthz() -> Response:
        report = health.report(receiver, now=_now())
        return _json(report.as_json(), 200 if report.healthy else 503)

    @app.get("/metrics")
    def metrics_page() -> Response:
        standing = gauges.samples(receiver.outbox, limits, receiver.settings.accounts)
        return Answer(metrics.page(standing, folder=metrics_folder), content_type=metrics.CONTENT_TYPE)

    app.register_error_handler(Exception, _broken_page)
    return app


def _watching(receiver: Receiver, app: Flask) -> Flask:
    """Changed mappings are taken up from now on; asked at each request, since a server may fork after this."""
    receiver.live.watch()
    app.before_request(receiver.live.watch)
    return app


def receiver_app(receiver: Receiver) -> Flask:
    """The receiver over parts that are already open."""
    app = _health_app(receiver)
    app.config["MAX_CONTENT_LENGTH"] = receiver.settings.max_body
    app.extensions["rejected"] = Rejected(receiver.outbox)
    app.extensions["trusted_proxies"] = receiver.settings.trusted_proxies
    app.before_request(_start)

    @app.route("/hooks/<name>", methods=["GET", "HEAD", "POST", "PUT", "PATCH"], provide_automatic_options=False)
    def hook(name: str) -> Response:
        settings = receiver.settings
        request, public_url = request_of(name, now=_now(), max_body=settings.max_body), settings.public_url
        handshake = greet(request, receiver.hooks, receiver.outbox, public_url=public_url)
        if handshake is not None:
            return _answer_handshake(handshake)
        with log.Together():
            return _answer(receive(request, receiver.hooks, receiver.outbox, public_url=public_url))

    app.register_error_handler(errors.LeadbridgeError, _problem)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _broken)
    return app


def _health_app(receiver: Receiver) -> Flask:
    app = Application("leadbridge", static_folder=None)

    @app.get("/livez")
    def livez() -> Response:
        return _json({"live": True}, 200)

    @app.get("/readyz")
    def readyz() -> Response:
        fault = health.why_not_ready(receiver)
        return _json({"ready": fault is None} | ({"reason": fault} if fault else {}), 503 if fault else 200)

    return app


def _start() -> None:
    g.started = time.perf_counter()
    given = http.environ.get("HTTP_X_REQUEST_ID", "")
    believed = _is_plain_id(given) and is_trusted(http.remote_addr or "", current_app.extensions["trusted_proxies"])
    g.request_id = request_id = given if believed else f"{random.getrandbits(64):016x}"
    log.start_request(request_id)


def _is_plain_id(text: str) -> bool:
    return 0 < len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _answer_handshake(handshake: HandshakeAnswer) -> Response:
    _log_answer("handshake.answered", _hook_name(), 200, method=http.method)
    response = Answer(handshake.body, 200, content_type=handshake.content_type)
    response.headers.update(handshake.headers)
    return _finish(response)


def _answer(received: Received) -> Response:
    states = [event.receipt.state for event in received.events]
    refused = EventState.REFUSED in states
    status = 422 if refused and received.hook.mapping.refuse_with_422 else 202
    _log_answer("request.answered", received.hook.name, status, states=[state.name.lower() for state in states])
    required = received.hook.preset.answer
    if required is not None and status == 202:
        return _finish(Answer(required.body, required.status, content_type=required.content_type))
    body = {"events": [event.as_json() for event in received.events]}
    return _finish(_json(body, status))


def _problem(error: errors.LeadbridgeError) -> Response:
    status, title = next(((status, title) for kind, status, title in _STATUS if isinstance(error, kind)), (500, ""))
    if isinstance(error, errors.IntakeError):
        _reject(type(error), status, str(error), hint=error.hint if isinstance(error, errors.SignatureError) else "")
    else:
        _log_answer("request.failed", _hook_name(), status, error=str(error))
    response = _problem_json(status, title or "Leadbridge failed", str(error))
    if isinstance(error, errors.MethodError):
        response.headers["Allow"] = ", ".join(error.allowed)
    return response


def _too_large(_: RequestEntityTooLarge) -> Response:
    limit = http.max_content_length
    _reject(errors.TooLargeError, 413, f"the body is larger than {limit} bytes")
    return _problem_json(413, "The body is too large", f"at most {limit} bytes are taken")


def _http_problem(error: HTTPException) -> Response:
    status = error.code or 500
    _reject(errors.MethodError if status == 405 else errors.UnknownHookError, status, error.name)
    response = _problem_json(status, error.name, error.description or error.name)
    if status == 405:
        response.headers["Allow"] = "POST"
    return response


def _broken(error: Exception) -> Response:
    """Our own code broke before anything was stored: the sender must try again."""
    log.broke(error, hook=_hook_name())
    _log_answer("request.failed", _hook_name(), 503, error="an error of Leadbridge itself")
    return _problem_json(503, "Leadbridge failed", "nothing was stored; send it again")


def _broken_page(error: Exception) -> Response:
    """Our own code broke on an operator's page."""
    if isinstance(error, HTTPException):
        return _json({"error": error.name}, error.code or 500)
    where = log.broke(error)
    return _json({"error": f"{type(error).__name__} in {where}"}, 500)


def _problem_json(status: int, title: str, detail: str) -> Response:
    """An error as RFC 9457 asks, https://www.rfc-editor.org/rfc/rfc9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    response = _json(body, status, "application/problem+json")
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return _finish(response)


def _json(body: Any, status: int, content_type: str = "application/json") -> Response:
    return Answer(orjson.dumps(body), status, content_type=content_type)


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    return response


def _reject(error: type[errors.IntakeError], status: int, message: str, *, hint: str = "") -> None:
    """Log and count a request that is not let in. A name that no hook ever had is told in the log alone."""
    why = WHY.get(error, "other")
    known = "" if error is errors.UnknownHookError else _hook_name()
    forwarded_for = http.headers.get("X-Forwarded-For", "")
    client = client_of(http.remote_addr or "", forwarded_for, current_app.extensions["trusted_proxies"])
    more = {"hint": hint} if hint else {}
    _log_answer("request.rejected", _hook_name(), status, known=known, why=why, error=message, client=client, **more)
    current_app.extensions["rejected"].note(known, why)
    metrics.count(metrics.REJECTED, known, why)


def _log_answer(event: str, hook: str, status: int, *, known: str | None = None, **facts: Any) -> None:
    """One line and one count for a request. `known` is the hook's name in the metrics where it is another."""
    seconds = time.perf_counter() - g.started
    facts |= {"hook": hook, "status": status, "duration_ms": round(seconds * 1000, 1)}
    match event:
        case "request.failed":
            log.get_logger().error(event, **facts)
        case "request.rejected":
            log.get_logger().warning(event, **facts)
        case _:
            log.info(event, **facts)
    metrics.count(metrics.REQUESTS, hook if known is None else known, str(status))
    metrics.observe(metrics.ANSWER_SECONDS, seconds)


def _hook_name() -> str:
    return str((http.view_args or {}).get("name", ""))


def _now() -> int:
    return time.time_ns() // 1_000_000
