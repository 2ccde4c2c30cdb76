"""A request as the intake knows it, from what WSGI has of it, whichever server is in front."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import MalformedError, TooLargeError
from bridge.intake import read_query
from bridge.model import Request
from bridge.web.trusted_proxy import is_trusted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Request as HttpRequest

    from bridge.config import Settings

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*")


def request_of(hook: str, http: HttpRequest, *, now: int, settings: Settings) -> Request:
    """What came by HTTP for this hook, received at `now` (ms).

    Raises TooLargeError and MalformedError.
    """
    environ = http.environ
    return Request(
        hook=hook,
        method=environ["REQUEST_METHOD"],
        url=_origin(environ, settings) + _target(http),
        headers=_headers(environ),
        query=read_query(query) if (query := environ.get("QUERY_STRING", "")) else {},
        body=_body(environ, settings.max_body),
        received_at=now,
    )


def _body(environ: Mapping[str, Any], most: int) -> bytes:
    """The body whole: its length is announced, or the server knows its end (it undoes the chunks)."""
    announced = environ.get("CONTENT_LENGTH") or ""
    length = int(announced[:20]) if announced.isdecimal() else None
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""
    try:
        body: bytes = (
            b"" if (length or 0) > most else environ["wsgi.input"].read(most + 1 if length is None else length)
        )
    except Exception as error:  # each server has errors of its own for chunks that it cannot read
        raise MalformedError("the body ends too early, or its chunks cannot be read") from error
    if max(length or 0, len(body)) > most:
        raise TooLargeError(f"the body is larger than {most} bytes")
    if length is not None and len(body) < length:
        raise MalformedError("the body ends before its announced length")
    return body


def _origin(environ: Mapping[str, Any], settings: Settings) -> str:
    """Scheme and host as the sender called them, as far as they can be believed.

    What stands in `Host` and is not a host is not used: it must not look like a part of the path.
    """
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
    believed = forwarded in ("http", "https") and is_trusted(environ.get("REMOTE_ADDR", ""), settings.trusted_proxies)
    host = environ.get("HTTP_HOST", "")
    return f"{forwarded if believed else environ['wsgi.url_scheme']}://{host if _HOST.fullmatch(host) else 'localhost'}"


def _target(http: HttpRequest) -> str:
    """Path and query as they were called: some senders sign them, so their escapes must stay as they came."""
    raw = str(http.environ.get("RAW_URI") or http.full_path.rstrip("?"))
    target = raw if raw.startswith("/") or (absolute := _ABSOLUTE.match(raw)) is None else raw[absolute.end() :]
    return target.partition("#")[0] or "/"


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The headers by their names in lower case, from where WSGI has them."""
    return {name: environ[key] for key in environ if (name := _header_name(key))}


def _header_name(key: str) -> str:
    """The header that a name of WSGI stands for; empty for what is not a header."""
    name = key.removeprefix("HTTP_").replace("_", "-").lower()
    return name if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH") else ""
