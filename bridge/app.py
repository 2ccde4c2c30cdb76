"""The HTTP face: the receiver and the operator's pages as WSGI applications.

The receiver also runs under a user's own server: gunicorn 'bridge.app:create_app()'.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from bridge import bootstrap, config, log, metrics
from bridge.door import Door
from bridge.operating import gauges, health
from bridge.operating.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.bootstrap import Receiver

PAGES: Final = frozenset({"/livez", "/readyz"})
"""What the receiver answers beside webhooks."""


def create_app() -> Flask:
    """The receiver: `POST /hooks/NAME`, `/livez` and `/readyz`. Raises SettingsError when the settings are wrong."""
    settings = config.load(config.environment())
    bootstrap.configure_log(settings, part="receiver")
    receiver = bootstrap.open_receiver(settings, config.environment())
    receiver.live.watch()
    return receiver_app(receiver, watch=receiver.live.watch)


def create_admin_app() -> Flask:
    """The operator's pages, for `LEADBRIDGE_ADMIN_BIND`: `/livez`, `/readyz`, `/healthz` and `/metrics`.

    It also watches over the other processes.
    """
    settings = config.load(config.environment())
    bootstrap.configure_log(settings, part="admin")
    receiver = bootstrap.open_receiver(settings, config.environment())
    Upkeep(receiver.outbox, settings).start(threading.Event())
    receiver.live.watch()
    app = admin_app(receiver, metrics_folder=config.environment().get(metrics.FOLDER, ""))
    app.before_request(receiver.live.watch)
    return app


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
        return Response(metrics.page(standing, folder=metrics_folder), content_type=metrics.CONTENT_TYPE)

    return app


def receiver_app(receiver: Receiver, *, watch: Callable[[], None] | None = None) -> Flask:
    """The receiver over parts that are already open: its pages, and the door for all other addresses.

    `watch` is called at each webhook.
    """
    app = _health_app(receiver)
    door, pages = Door(receiver, watch=watch), app.wsgi_app

    def answer(environ: Any, start_response: Any) -> Any:
        return (pages if environ["PATH_INFO"] in PAGES else door)(environ, start_response)

    app.wsgi_app = answer  # type: ignore[method-assign]  # as Flask's documentation has it
    return app


def _health_app(receiver: Receiver) -> Flask:
    app = Flask("leadbridge", static_folder=None)

    @app.get("/livez")
    def livez() -> Response:
        return _json({"live": True}, 200)

    @app.get("/readyz")
    def readyz() -> Response:
        fault = health.why_not_ready(receiver)
        return _json({"ready": fault is None} | ({"reason": fault} if fault else {}), 503 if fault else 200)

    app.register_error_handler(Exception, _broken_page)
    return app


def _broken_page(error: Exception) -> Response:
    """Our own code broke on an operator's page."""
    if isinstance(error, HTTPException):
        return _json({"error": error.name}, error.code or 500)
    where = log.broke(error)
    return _json({"error": f"{type(error).__name__} in {where}"}, 500)


def _json(body: Any, status: int, content_type: str = "application/json") -> Response:
    return Response(orjson.dumps(body), status, content_type=content_type)


def _now() -> int:
    return time.time_ns() // 1_000_000
