"""The console as a WSGI application."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, g, redirect, url_for
from flask import request as http
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from bridge import bootstrap, config, log, outbox
from bridge.console import filters, sessions
from bridge.console.job_runner import JobRunner
from bridge.console.login import guard
from bridge.console.page import EXTENSION, PART, Console, Shown, json_answer, may, shown
from bridge.console.pages import PAGES
from bridge.console.policy_reports import take_reports
from bridge.console.prefix import under
from bridge.console.security import protect
from bridge.console.static_files import serve_static
from bridge.errors import LeadbridgeError, OutboxError
from bridge.model import Role

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

_SHORT: Final = {
    404: "No page has this address.",
    405: "This address is reached by a button alone.",
    413: "What was sent is too large: a megabyte at most.",
}
"""What is said of errors that the framework raises, by their status."""

LARGEST_FORM: Final = 1_048_576
"""Bytes of what a page sends: a mapping's text, at most."""


def create_console_app() -> Flask:
    """The console, as the environment says. Raises SettingsError, and LeadbridgeError where it is off."""
    settings = config.load(config.environment())
    bootstrap.configure_log(settings, part="console")
    if settings.console is None:
        raise LeadbridgeError("LEADBRIDGE_CONSOLE_BIND is not set, so there is no console")
    store = outbox.open_outbox(settings.database_url)
    runner = JobRunner(store, settings)
    app = console_app(Console(settings=settings, own=settings.console, outbox=store, notify_jobs=runner.notify))
    runner.notify()
    return app


def console_app(parts: Console) -> Flask:
    """The console over parts that are already open."""
    app = Flask("bridge.console", static_folder=None)
    app.extensions[EXTENSION] = parts
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(filters.FILTERS)
    app.jinja_env.globals.update(pages=PAGES, may=may, Role=Role)
    sessions.use_sessions(app, parts)
    protect(app, parts.own.url)
    serve_static(app)
    guard(app)
    take_reports(app)
    for page in PAGES:
        app.register_blueprint(page)
    app.add_url_rule("/", "home", _home, methods=["GET"])
    app.add_url_rule("/livez", "livez", lambda: Response('{"live":true}', content_type="application/json"))
    app.after_request(_conditional)
    app.register_error_handler(Exception, _failed)
    app.wsgi_app = under(parts.own.prefix, "https" if parts.own.is_https else "http", app.wsgi_app)  # type: ignore[method-assign, assignment]
    return app


def _home() -> AnyResponse:
    return redirect(url_for(f"{PAGES[0].name}.overview"), code=303)


def _conditional(response: Response) -> Response:
    """The script that keeps a page fresh is answered 304 while nothing changes."""
    if http.headers.get(PART) and response.status_code == 200 and http.method == "GET":
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:24])
        response.make_conditional(http)
    return response


def _failed(error: Exception) -> Response:
    """There is no such page, it may not be seen, the outbox is away, or our own code failed."""
    if isinstance(error, HTTPException) and error.code is not None:
        own = error.description != type(error).description
        title, text, status = (
            error.name.capitalize(),
            error.description if own else _SHORT.get(error.code, ""),
            error.code,
        )
    elif isinstance(error, OutboxError):
        log.get_logger().error("outbox.unavailable", error=str(error))
        title, text, status = "The outbox cannot be reached", f"{error}. This page works again once it is back.", 503
    elif isinstance(error, LeadbridgeError):
        title, text, status = "That cannot be done", str(error), 400
    else:
        where = log.broke(error)
        title, text, status = "Leadbridge itself failed", f"{type(error).__name__} in {where}; the log says more.", 500
    if http.path.endswith(".json"):
        return json_answer(Shown("", document={"error": title, "detail": text}, status=status))
    g.setdefault("user", None)
    answer = shown(Shown("error.html", {"title": title, "text": text}, status=status))
    if isinstance(error, MethodNotAllowed):
        answer.allow.update(error.valid_methods or ())
    return answer
