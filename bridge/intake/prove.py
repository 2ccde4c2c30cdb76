"""The other side of `verify`: a request with the proof that its sender would add, for samples, demos and tests."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge.errors import SignatureError
from bridge.intake.encoding import decode_key, secret_bytes
from bridge.intake.instant import Unit, as_iso
from bridge.intake.scheme import (
    BasicAuth,
    Encoding,
    Format,
    HeaderToken,
    HmacScheme,
    NoVerification,
    QueryToken,
    Scheme,
)
from bridge.intake.signature import digest, signed_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model import Request


def prove(
    request: Request, scheme: Scheme, secrets: Mapping[str, tuple[str, ...]], *, now: int, public_url: str = ""
) -> Request:
    """The request as its sender would send it at `now` (ms UTC), with the newest secret of each role.

    Raises SignatureError when the role's secret is not set or is no key of the scheme.
    """
    match scheme:
        case HmacScheme():
            return _signed(request, scheme, _newest("signing", secrets), now, public_url)
        case HeaderToken():
            return _with_headers(request, {scheme.header: scheme.prefix + _newest("token", secrets)})
        case QueryToken():
            return replace(request, query={**request.query, scheme.parameter: _newest("token", secrets)})
        case BasicAuth():
            pair = secret_bytes(f"{scheme.username}:{_newest('password', secrets)}")
            return _with_headers(request, {"authorization": f"Basic {base64.b64encode(pair).decode()}"})
        case NoVerification():
            return request


def _newest(role: str, secrets: Mapping[str, tuple[str, ...]]) -> str:
    for secret in secrets.get(role, ()):
        if secret.strip():
            return secret
    raise SignatureError(f"no secret is set for {role!r}")


def _signed(request: Request, scheme: HmacScheme, secret: str, now: int, public_url: str) -> Request:
    key = decode_key(secret, scheme.key_encoding)
    if key is None:
        raise SignatureError(f"the secret for 'signing' is not {scheme.key_encoding}")
    stamp, stamped = _stamped(request, scheme, now)
    signature = digest(scheme, key, signed_text(stamped, scheme.content, stamp, secret, public_url))
    value = scheme.prefix + _encoded(signature, scheme.encoding)
    match scheme.format:
        case Format.PAIRS:
            stamps = [f"{scheme.timestamp.key}={stamp}"] if scheme.timestamp and scheme.timestamp.key else []
            value = ",".join([*stamps, f"{scheme.key}={value}"])
        case Format.LIST:
            value = f"{scheme.key},{value}"
        case Format.PLAIN:
            pass
    return _with_headers(stamped, {scheme.headers[0]: value})


def _stamped(request: Request, scheme: HmacScheme, now: int) -> tuple[str, Request]:
    """The signed time as text, and the request with the header that carries it, if one does."""
    if scheme.timestamp is None:
        return "", request
    match scheme.timestamp.unit:
        case Unit.S:
            stamp = str(now // 1000)
        case Unit.MS:
            stamp = str(now)
        case Unit.ISO:
            stamp = as_iso(now)
    if not scheme.timestamp.headers:
        return stamp, request
    return stamp, _with_headers(request, {scheme.timestamp.headers[0]: stamp})


def _encoded(signature: bytes, encoding: Encoding) -> str:
    match encoding:
        case Encoding.HEX:
            return signature.hex()
        case Encoding.BASE64:
            return base64.b64encode(signature).decode()
        case Encoding.BASE64URL:
            return base64.urlsafe_b64encode(signature).decode()


def _with_headers(request: Request, headers: Mapping[str, str]) -> Request:
    return replace(request, headers={**request.headers, **headers})
