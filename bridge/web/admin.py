"""The operator's pages, for `LEADBRIDGE_ADMIN_BIND`: `/livez`, `/readyz`, `/healthz` and `/metrics`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flask import request as http
from werkzeug.exceptions import HTTPException

from bridge import bootstrap, config, log, metrics
from bridge.metrics.page import CONTENT_TYPE
from bridge.metrics.page import page as metrics_page
from bridge.operations.maintenance import Upkeep
from bridge.operations.status import gauges, health
from bridge.receiving import lookup
from bridge.times import now_ms
from bridge.web.framework import Answer
from bridge.web.pages import json_answer, new_app, page, watching

if TYPE_CHECKING:
    from flask import Flask

    from bridge.bootstrap import Receiver


def create_admin_app() -> Flask:
    """The operator's pages; their process also watches over the others. Raises SettingsError."""
    settings = config.load(config.environment())
    bootstrap.configure_log(settings, part="admin")
    receiver = bootstrap.open_receiver(settings, config.environment())
    upkeep = Upkeep(receiver.outbox, settings, reports_first=True)
    upkeep.start(threading.Event())
    return watching(receiver, admin_app(receiver, upkeep, metrics_folder=config.environment().get(metrics.FOLDER, "")))


def admin_app(receiver: Receiver, upkeep: Upkeep, *, metrics_folder: str) -> Flask:
    """The operator's pages over parts that are already open; `upkeep` knows whether the outbox can be written."""
    app = new_app(receiver)
    limits = bootstrap.limits(receiver.settings)

    @app.get("/healthz")
    def healthz() -> Answer:
        report = health.report(receiver, now=now_ms())
        return page(report.as_json(), 200 if report.healthy else 503)

    @app.get("/metrics")
    def counted() -> Answer:
        accounts, unwritable_for = receiver.settings.accounts, upkeep.unwritable_for
        state = gauges.samples(receiver.outbox, limits, accounts, unwritable_for=unwritable_for)
        log.get_logger().debug("page.answered", page=http.path, status=200)
        return Answer(metrics_page(state, folder=metrics_folder), 200, CONTENT_TYPE)

    app.register_error_handler(Exception, _failed)
    return app


def _failed(error: Exception) -> Answer:
    """There is no such page, or our own code failed."""
    if isinstance(error, HTTPException):
        log.get_logger().debug("page.answered", page=lookup.shown(http.path), status=error.code)
        return json_answer({"error": error.name}, error.code or 500)
    where = log.broke(error)
    return json_answer({"error": f"{type(error).__name__} in {where}"}, 500)
