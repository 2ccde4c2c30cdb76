"""The reference: a Flask handler that reads the body and answers. gunicorn 'benchmarks.receive.bare:create_app()'."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request


def create_app() -> Flask:
    """One handler that reads and forgets."""
    app = Flask("bare")

    @app.post("/hooks/<name>")
    def hook(name: str) -> Response:
        request.get_data()
        return Response(orjson.dumps({"hook": name}), 202, content_type="application/json")

    return app
