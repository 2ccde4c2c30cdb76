"""The trimmed framework answers as Flask itself does."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Request, Response, abort
from flask import request as http
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bridge.web.framework import Answer, Application


def _body(kind: str) -> bytes:
    return f'{{"{kind}": "é", "path": "{http.path}"}}'.encode()


def _trimmed() -> Application:
    app = Application("app", static_folder=None)

    @app.get("/livez")
    def livez() -> Answer:
        return Answer(_body("live"), 200, "application/json")

    def elsewhere(request: Request) -> Answer:
        if request.path == "/nowhere":
            abort(404)
        return Answer(_body("hook"), 202, "application/json", ("X-Request-Id", "a1"))

    app.answer_elsewhere(elsewhere)
    app.register_error_handler(HTTPException, lambda error: Answer(_body(error.name), error.code or 500, "text/plain"))
    return app


def _plain() -> Flask:
    app = Flask("app", static_folder=None)

    @app.get("/livez")
    def livez() -> Response:
        return Response(_body("live"), 200, content_type="application/json")

    @app.route("/<path:path>", methods=["GET", "HEAD", "POST", "PUT", "OPTIONS"])
    def elsewhere(path: str) -> Response:
        if path == "nowhere" or path == "livez":
            abort(404 if path == "nowhere" else 405)
        return Response(_body("hook"), 202, {"X-Request-Id": "a1"}, content_type="application/json")

    app.register_error_handler(
        HTTPException, lambda error: Response(_body(error.name), error.code or 500, content_type="text/plain")
    )
    return app


def _answer(app: Flask, method: str, path: str, host: str) -> tuple[Any, ...]:
    pieces, status, headers = run_wsgi_app(app, EnvironBuilder(path, f"http://{host}", method=method).get_environ())
    return status, sorted(headers), b"".join(pieces)


@pytest.mark.parametrize("host", ["localhost", "hooks.example.com:8443"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
@pytest.mark.parametrize("path", ["/hooks/form", "/hooks/f%C3%B6rm", "/hooks/", "/nowhere", "/livez"])
def test_a_request_is_answered_as_by_plain_flask(path: str, method: str, host: str) -> None:
    assert _answer(_trimmed(), method, path, host) == _answer(_plain(), method, path, host)
