"""A request as the intake knows it, from what WSGI and Flask have of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request as http
from werkzeug.exceptions import ClientDisconnected

from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Mapping


def request_of(hook: str, *, now: int) -> Request:
    """The request that is being answered, come at `now` (ms). Raises RequestEntityTooLarge and ClientDisconnected."""
    environ = http.environ
    return Request(
        hook=hook,
        method=environ["REQUEST_METHOD"],
        url=_url(environ),
        headers=_headers(environ),
        query={name: values[0] for name, values in http.args.lists()} if environ.get("QUERY_STRING") else {},
        body=_body(environ),
        received_at=now,
    )


def _body(environ: Mapping[str, Any]) -> bytes:
    """The request's body, all of it. Raises RequestEntityTooLarge and ClientDisconnected."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > (http.max_content_length or 0):
        return http.get_data(cache=False)
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) < int(length):
        raise ClientDisconnected
    return body


def _url(environ: Mapping[str, Any]) -> str:
    """The address as it was called: some senders sign it, so its escapes must stay as they came."""
    raw, host = str(environ.get("RAW_URI", "")), environ.get("HTTP_HOST")
    return f"{environ['wsgi.url_scheme']}://{host}{raw}" if host and raw.startswith("/") else http.url


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The headers by their names in lower case, from where WSGI has them."""
    found = {name[5:].replace("_", "-").lower(): environ[name] for name in environ if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = environ[name]
    return found
