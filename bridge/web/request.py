"""A request as the intake knows it, from what WSGI and Flask have of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import request as http
from werkzeug.exceptions import ClientDisconnected

from bridge.model import Request

if TYPE_CHECKING:
    from collections.abc import Mapping


MOST_NAMES: Final = 1_000
"""So many names of WSGI are remembered with the headers they stand for: strangers may send any."""

_header_names: Final[dict[str, str]] = {}


def request_of(hook: str, *, now: int, max_body: int) -> Request:
    """The request that is being answered, come at `now` (ms), with at most `max_body` bytes.

    Raises RequestEntityTooLarge and ClientDisconnected.
    """
    environ = http.environ
    return Request(
        hook=hook,
        method=environ["REQUEST_METHOD"],
        url=_url(environ),
        headers=_headers(environ),
        query={name: values[0] for name, values in http.args.lists()} if environ.get("QUERY_STRING") else {},
        body=_body(environ, max_body),
        received_at=now,
    )


def _body(environ: Mapping[str, Any], most: int) -> bytes:
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > most:
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
    known = _header_names
    found = [(known[key] if key in known else _header_name(key), key) for key in environ]
    return {name: environ[key] for name, key in found if name}


def _header_name(key: str) -> str:
    """The header that a name of WSGI stands for; empty for what is no header."""
    name = key.removeprefix("HTTP_").replace("_", "-").lower()
    if not key.startswith("HTTP_") and key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        name = ""
    if len(_header_names) < MOST_NAMES:
        _header_names[key] = name
    return name
