"""Where webhooks come in: `/hooks/NAME` as a WSGI application. The status codes of its answers are chosen here.

There is no framework in between: what one does for a request costs as much again as an empty handler, and of all it
could do nothing is needed here. https://peps.python.org/pep-3333/
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson

from bridge import errors, log, metrics
from bridge.model import EventState, Request
from bridge.operating.rejected import WHY, Rejected
from bridge.peer import client_of, is_trusted
from bridge.receive import greet, receive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bridge.bootstrap import Receiver
    from bridge.receive import Received

    Environ = Mapping[str, Any]
    StartResponse = Callable[[str, list[tuple[str, str]]], Any]

PREFIX: Final = "/hooks/"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH"})
"""Which of them a hook takes, its preset says."""

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
_PHRASES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back to the sender."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Door:
    """The receiving half of a process. It answers whatever comes, and never raises."""

    def __init__(self, receiver: Receiver, *, watch: Callable[[], None] | None = None) -> None:
        self._receiver = receiver
        self._rejected = Rejected(receiver.outbox)
        self._watch = watch

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """One request, as PEP 3333 has it. `watch` is asked each time, since a server may have forked meanwhile."""
        if self._watch:
            self._watch()
        visit = _Visit(self._receiver, self._rejected, environ)
        answer = visit.answer()
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("X-Request-Id", visit.request_id),
            *answer.headers.items(),
        ]
        start_response(_PHRASES.get(answer.status, str(answer.status)), headers)
        return (b"",) if environ["REQUEST_METHOD"] == "HEAD" else (answer.body,)


class _Visit:
    """One request on its way through the door."""

    __slots__ = ("_environ", "_receiver", "_rejected", "_started", "hook", "request_id")

    def __init__(self, receiver: Receiver, rejected: Rejected, environ: Environ) -> None:
        self._started = time.perf_counter()
        self._receiver = receiver
        self._rejected = rejected
        self._environ = environ
        self.hook = _hook(str(environ["PATH_INFO"]))
        given = environ.get("HTTP_X_REQUEST_ID", "")
        self.request_id = given if self._believes(given) else secrets.token_hex(8)
        log.begin_request(self.request_id)

    def answer(self) -> Answer:
        """Take the request in and say what became of it."""
        receiver = self._receiver
        try:
            request, public_url = self._request(), receiver.settings.public_url
            handshake = greet(request, receiver.hooks, receiver.outbox, public_url=public_url)
            if handshake is not None:
                self._log("handshake.answered", 200, method=request.method)
                return Answer(
                    status=200, body=handshake.body, content_type=handshake.content_type, headers=handshake.headers
                )
            return self._received(receive(request, receiver.hooks, receiver.outbox, public_url=public_url))
        except errors.LeadbridgeError as error:
            return self._problem(error)
        except Exception as error:  # noqa: BLE001 - our own code broke before anything was stored
            log.broke(error, hook=self.hook)
            self._log("request.failed", 503, error="an error of Leadbridge itself")
            return _problem(503, "Leadbridge failed", "nothing was stored; send it again")

    def _believes(self, request_id: str) -> bool:
        if not 0 < len(request_id) <= 64 or not request_id.isascii():
            return False
        plain = request_id.replace("-", "").replace("_", "").isalnum()
        return plain and is_trusted(self._environ.get("REMOTE_ADDR", ""), self._receiver.settings.trusted_proxies)

    def _request(self) -> Request:
        environ = self._environ
        method = environ["REQUEST_METHOD"]
        if method not in METHODS:
            raise errors.MethodError(f"webhooks do not come by {method}", allowed=("POST",))
        return Request(
            hook=self.hook,
            method=method,
            url=_url(environ),
            headers=_headers(environ),
            query=_query(environ.get("QUERY_STRING", "")),
            body=_body(environ, self._receiver.settings.max_body),
            received_at=time.time_ns() // 1_000_000,
        )

    def _received(self, received: Received) -> Answer:
        states = [event.receipt.state for event in received.events]
        status = 422 if EventState.REFUSED in states and received.hook.mapping.refuse_with_422 else 202
        self._log("request.answered", status, states=[state.name.lower() for state in states])
        required = received.hook.preset.answer
        if required is not None and status == 202:
            return Answer(status=required.status, body=required.body.encode(), content_type=required.content_type)
        return Answer(status=status, body=orjson.dumps({"events": [event.as_json() for event in received.events]}))

    def _problem(self, error: errors.LeadbridgeError) -> Answer:
        status, title = next(((status, title) for kind, status, title in _STATUS if isinstance(error, kind)), (500, ""))
        if isinstance(error, errors.IntakeError):
            self._reject(error, status)
        else:
            self._log("request.failed", status, error=str(error))
        answer = _problem(status, title or "Leadbridge failed", str(error))
        if isinstance(error, errors.MethodError):
            answer = Answer(
                status=status,
                body=answer.body,
                content_type=answer.content_type,
                headers={"Allow": ", ".join(error.allowed)},
            )
        return answer

    def _reject(self, error: errors.IntakeError, status: int) -> None:
        """Log and count a request that is not let in. A name that no hook ever had is told in the log alone."""
        why = WHY.get(type(error), "other")
        known = "" if isinstance(error, errors.UnknownHookError) else self.hook
        networks = self._receiver.settings.trusted_proxies
        client = client_of(
            self._environ.get("REMOTE_ADDR", ""), self._environ.get("HTTP_X_FORWARDED_FOR", ""), networks
        )
        hint = error.hint if isinstance(error, errors.SignatureError) else ""
        more = {"hint": hint} if hint else {}
        self._log("request.rejected", status, known=known, why=why, error=str(error), client=client, **more)
        self._rejected.note(known, why)
        metrics.count(metrics.REJECTED, known, why)

    def _log(self, event: str, status: int, *, known: str | None = None, **facts: Any) -> None:
        """One line and one count for a request. `known` is the hook's name in the metrics where it is another."""
        seconds = time.perf_counter() - self._started
        facts |= {"hook": self.hook, "status": status, "duration_ms": round(seconds * 1000, 1)}
        match event:
            case "request.failed":
                log.get_logger().error(event, **facts)
            case "request.rejected":
                log.get_logger().warning(event, **facts)
            case _:
                log.info(event, **facts)
        metrics.count(metrics.REQUESTS, self.hook if known is None else known, str(status))
        metrics.observe(metrics.ANSWER_SECONDS, seconds)


def _hook(path: str) -> str:
    """The name in a path. Whatever leads to no hook has none that a hook could have."""
    name = path.encode("latin-1", "replace").decode("utf-8", "replace")
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else name


def _url(environ: Environ) -> str:
    """The address as it was called: some senders sign it, so its escapes must stay as they came."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    raw = str(environ.get("RAW_URI", ""))
    if not raw.startswith("/"):
        query = environ.get("QUERY_STRING", "")
        raw = f"{environ.get('SCRIPT_NAME', '')}{environ['PATH_INFO']}{'?' if query else ''}{query}"
    return f"{environ['wsgi.url_scheme']}://{host}{raw}"


def _headers(environ: Environ) -> dict[str, str]:
    """The headers by their names in lower case, from where WSGI has them."""
    found = {name[5:].replace("_", "-").lower(): environ[name] for name in environ if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = environ[name]
    return found


def _query(text: str) -> dict[str, str]:
    """The query's parameters; of a repeated name the first counts."""
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=1_000)
    except ValueError as error:
        raise errors.TooLargeError("the query has too many parameters; at most 1000 are taken") from error
    return dict(reversed(pairs))  # of equal names the last one written stays, which is the first one given


def _body(environ: Environ, limit: int) -> bytes:
    """The body, whose length the request says or whose end the server knows.

    Raises TooLargeError, and UnreadableError when the sender went away in the middle of it.
    """
    said = environ.get("CONTENT_LENGTH") or ""
    length = int(said) if said.isdecimal() else None
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""
    body: bytes = b"" if length is not None and length > limit else environ["wsgi.input"].read(length or limit + 1)
    if max(length or 0, len(body)) > limit:
        raise errors.TooLargeError(f"the body is larger than {limit} bytes")
    if length is not None and len(body) < length:
        raise errors.UnreadableError(f"the body ended after {len(body)} of {length} bytes")
    return body


def _problem(status: int, title: str, detail: str) -> Answer:
    """An error as RFC 9457 asks, https://www.rfc-editor.org/rfc/rfc9457."""
    body = orjson.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
    return Answer(status=status, body=body, content_type="application/problem+json", headers=headers)
