"""The reference: a Flask handler that reads the body and answers, under the server and settings of the product."""

from __future__ import annotations

import sys

import orjson
from flask import Flask, Response, request

from bridge.server import Server


def create_app() -> Flask:
    """One handler that reads and forgets."""
    app = Flask("bare")

    @app.post("/hooks/<name>")
    def hook(name: str) -> Response:
        request.get_data()
        return Response(orjson.dumps({"hook": name}), 202, content_type="application/json")

    return app


if __name__ == "__main__":
    bind, workers, threads = sys.argv[1:]
    Server(create_app, bind=bind, workers=int(workers), threads=int(threads)).run()
