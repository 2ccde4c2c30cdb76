"""What the receiver and the health pages share: an application, the two pages that both have, and JSON answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import request as http

from bridge import log
from bridge.operations.status import health
from bridge.web.framework import Answer, Application

if TYPE_CHECKING:
    from flask import Flask

    from bridge.bootstrap import Receiver


def new_app(receiver: Receiver) -> Application:
    """An application with `/livez` and `/readyz`, which never redirects and answers every method itself."""
    app = Application("leadbridge", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False

    @app.get("/livez")
    def livez() -> Answer:
        return page({"live": True}, 200)

    @app.get("/readyz")
    def readyz() -> Answer:
        error = health.why_not_ready(receiver)
        return page({"ready": error is None} | ({"reason": error} if error else {}), 503 if error else 200)

    return app


def watching(receiver: Receiver, app: Flask) -> Flask:
    """Changed mappings are loaded from now on; asked at each request, since a server may fork after this."""
    receiver.live.watch()
    app.before_request(receiver.live.watch)
    return app


def page(body: Any, status: int) -> Answer:
    """The answer of a health page, with its line in the log at level debug: probes come every few seconds.

    It is JSON with indentation, since people read it with curl.
    """
    log.get_logger().debug("page.answered", page=http.path, status=status)
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Answer(text, status, "application/json")


def json_answer(body: Any, status: int, *headers: tuple[str, str], content_type: str = "application/json") -> Answer:
    """JSON."""
    return Answer(orjson.dumps(body), status, content_type, *headers)
