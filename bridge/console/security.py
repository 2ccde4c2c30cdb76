"""What keeps others out of a signed-in browser: the name of the host, the origin of requests, headers of answers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from flask import g, url_for
from flask import request as http
from werkzeug.exceptions import Forbidden

from bridge.config.console import is_loopback
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from flask import Flask, Response

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})
_POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types leadbridge; report-uri {report}"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def protect(app: Flask, url: str) -> None:
    """Refuse what another site makes a browser send, and put the security headers on every answer.

    `url` is the console's address as browsers see it.
    """

    def check_origin() -> None:
        g.nonce = secrets.token_urlsafe(16)
        if not is_own_host(http.host, url) and http.endpoint != "livez":
            raise Forbidden(f"this host is known by another name; open {url}")
        if http.method not in _SAFE and not is_same_origin(
            http.headers.get("Sec-Fetch-Site"), http.headers.get("Origin"), {url, http.host_url}
        ):
            raise Forbidden("another site sent this; open the console itself and do it there")

    def with_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Security-Policy"] = _POLICY.format(
            nonce=g.get("nonce", ""), report=url_for("policy_report")
        )
        return response

    app.before_request(check_origin)
    app.after_request(with_headers)


def is_own_host(host: str, url: str) -> bool:
    """Whether a request's Host may be the console's at `url`.

    Over plain HTTP, which is for this host alone, only names of this host are: else a foreign name that resolves to it
    would make a stranger's page one of the console's own (DNS rebinding). HTTPS has that check in the certificate.
    """
    return parts_of(url).scheme == "https" or is_loopback(parts_of(f"//{host}").hostname or "")


def is_same_origin(site: str | None, origin: str | None, urls: set[str]) -> bool:
    """Whether a request that changes something comes from a page of the console at one of `urls`.

    Browsers say so in `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/); of what does not send it, `Origin` must
    name the console's host. A request with neither is refused.
    """
    if site is not None:
        return site in _OURS
    host = parts_of(origin or "").netloc
    return host != "" and host in {parts_of(url).netloc for url in urls}
