"""One line in the log, and one count, for each request that reached us: answered, rejected or failed."""

from __future__ import annotations

import random
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from flask import current_app
from flask import request as http

from bridge import errors, log, metrics
from bridge.operations.rejection_counter import WHY, Rejected
from bridge.receiving import lookup
from bridge.web.server.message import ON_REFUSED, UNREAD_HEADERS
from bridge.web.trusted_proxy import client_of, is_trusted

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox import Outbox
    from bridge.web.server.message import RefusedError

_REJECTED: Final = "rejected"
_TRUSTED: Final = "trusted_proxies"
_WHY_REFUSED: Final = {408: "too_slow", 503: "no_room"}


def prepare(extensions: dict[str, Any], store: Outbox, trusted_proxies: Any) -> None:
    """Have requests counted from now on; `extensions` are the application's."""
    extensions[_REJECTED] = Rejected(store)
    extensions[_TRUSTED] = trusted_proxies
    extensions[ON_REFUSED] = _refused_by_server(extensions)


class Current:
    """The request that this thread answers. `requested` is what it asks for, `hook` the one hook that was found."""

    __slots__ = ("hook", "request_id", "requested", "started")

    def __init__(self, request_id: str) -> None:
        self.started = time.perf_counter()
        self.request_id = request_id
        self.requested = self.hook = ""


_current: Final[ContextVar[Current]] = ContextVar("current")
current: Final = _current.get


def id_header() -> tuple[str, str]:
    """The header of an answer by which its sender can name the request."""
    return "X-Request-Id", current().request_id


def start() -> None:
    """Start the clock of the current request and give it an id: the sender's where a trusted proxy hands one on."""
    environ = http.environ
    given = environ.get("HTTP_X_REQUEST_ID", "")
    believed = _is_plain_id(given) and is_trusted(environ.get("REMOTE_ADDR", ""), current_app.extensions[_TRUSTED])
    request_id = given if believed else f"{random.getrandbits(64):016x}"
    _current.set(Current(request_id))
    log.start_request(request_id)


def _is_plain_id(text: str) -> bool:
    return 0 < len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def answered(event: str, status: int, **fields: Any) -> None:
    """The request was taken."""
    log.info(event, **_fields(status), **fields)


def failed(status: int, error: str) -> None:
    """The request could not be stored."""
    log.get_logger().error("request.failed", **_fields(status), error=error)


def rejected(error: errors.IntakeError, status: int) -> None:
    """The request was rejected. The name of a hook that nobody has stands in the log alone."""
    why = WHY.get(type(error), "other")
    extensions = current_app.extensions
    client = client_of(http.remote_addr or "", http.headers.get("X-Forwarded-For", ""), extensions[_TRUSTED])
    hint = "; ".join(filter(None, (_unread_headers(error), error.hint)))
    more = {"hint": hint} if hint else {}
    own = current()
    fields = _fields(status) | {"hook": own.hook or own.requested}
    log.get_logger().warning("request.rejected", **fields, why=why, error=str(error), client=client, **more)
    _count_rejection(extensions[_REJECTED], own.hook, why)


def _unread_headers(error: errors.IntakeError) -> str:
    unread = http.environ.get(UNREAD_HEADERS, "") if isinstance(error, errors.SignatureError) else ""
    return f"not read, since their names have a _ in place of a -: {lookup.shown(unread)}" if unread else ""


def _refused_by_server(extensions: dict[str, Any]) -> Callable[[RefusedError, str], None]:
    """What a server calls with a request that never reached the application with these extensions, and its client."""

    def note(refused: RefusedError, client: str) -> None:
        why = _WHY_REFUSED.get(refused.status, "malformed")
        log.start_request("")
        fields = {"hook": "", "status": refused.status, "duration_ms": 0.0, "client": client}
        log.get_logger().warning("request.rejected", why=why, error=refused.kind, **fields)
        metrics.count(metrics.REQUESTS, "", str(refused.status))
        _count_rejection(extensions[_REJECTED], "", why)

    return note


def _count_rejection(rejections: Rejected, hook: str, why: str) -> None:
    rejections.note(hook, why)
    metrics.count(metrics.REJECTED, hook, why)


def _fields(status: int) -> dict[str, Any]:
    """What every line says; the request is counted on the way."""
    own = current()
    seconds = time.perf_counter() - own.started
    metrics.count(metrics.REQUESTS, own.hook, str(status))
    metrics.observe(metrics.ANSWER_SECONDS, seconds)
    return {"hook": own.hook, "status": status, "duration_ms": round(seconds * 1000, 1)}
