"""The trimmed framework answers as Flask itself does."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bridge.web.framework import Answer, Application


def _answers(kind: type[Flask], answer: type[Response], method: str, path: str, host: str) -> tuple[Any, ...]:
    app = kind("app", static_folder=None)

    @app.route("/hooks/<name>", methods=["GET", "POST"])
    def hook(name: str) -> Response:
        return answer(f'{{"é": "{name}"}}', 202, {"X-Request-Id": "a1"}, content_type="application/json")

    pieces, status, headers = run_wsgi_app(app, EnvironBuilder(path, f"http://{host}", method=method).get_environ())
    return status, sorted(headers), b"".join(pieces)


@pytest.mark.parametrize("host", ["localhost", "hooks.example.com:8443"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
@pytest.mark.parametrize("path", ["/hooks/form", "/hooks/f%C3%B6rm", "/hooks/", "/nowhere"])
def test_a_request_is_answered_as_by_plain_flask(path: str, method: str, host: str) -> None:
    assert _answers(Application, Answer, method, path, host) == _answers(Flask, Response, method, path, host)
