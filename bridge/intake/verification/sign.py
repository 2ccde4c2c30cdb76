"""The other side of `verify`: a request with the signature that its sender would add, for samples, demos and tests."""

from __future__ import annotations

import base64
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import orjson

from bridge.errors import SignatureError
from bridge.intake.body.read import BodyKind, read_body
from bridge.intake.verification.encoding import decode_key, secret_bytes
from bridge.intake.verification.scheme import (
    BasicAuth,
    BodySecret,
    Encoding,
    Format,
    HeaderToken,
    HmacScheme,
    NoVerification,
    OneOf,
    QueryToken,
    Scheme,
    SignedToken,
)
from bridge.intake.verification.signature import digest, is_public_key, signed_text
from bridge.times import Unit, as_iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model import Request


def sign_request(
    request: Request, scheme: Scheme, secrets: Mapping[str, tuple[str, ...]], *, now: int, public_url: str = ""
) -> Request:
    """The request as its sender would send it at `now` (ms UTC), with the newest secret of each role.

    Headers that the signature covers and the request lacks get a random id. Raises SignatureError when the role's
    secret is not set or is not a key of the scheme, or when only the sender itself can sign.
    """
    match scheme:
        case HmacScheme():
            return _signed(_with_ids(request, scheme), scheme, _newest("signing", secrets), now, public_url)
        case HeaderToken():
            return _with_headers(request, {scheme.header: scheme.prefix + _newest("token", secrets)})
        case QueryToken():
            return _with_parameter(request, scheme.parameter, _newest("token", secrets))
        case BasicAuth():
            pair = secret_bytes(f"{scheme.username}:{_newest('password', secrets)}")
            return _with_headers(request, {"authorization": f"Basic {base64.b64encode(pair).decode()}"})
        case BodySecret():
            return _with_secret_inside(request, scheme, _newest("key", secrets))
        case SignedToken():
            raise SignatureError("only the sender holds the private key that signs its tokens")
        case OneOf():
            version = scheme.versions[0]
            marked = _with_headers(request, {version.header: version.value}) if version.value else request
            return sign_request(marked, version.scheme, secrets, now=now, public_url=public_url)
        case NoVerification():
            return request


def _with_ids(request: Request, scheme: HmacScheme) -> Request:
    wanted = [part.headers for part in scheme.content if part.field == "header"]
    missing = {names[0]: f"msg_{token_hex(12)}" for names in wanted if not any(map(request.headers.get, names))}
    return _with_headers(request, missing) if missing else request


def _with_parameter(request: Request, name: str, value: str) -> Request:
    joint = "&" if "?" in request.url else "?"
    url = f"{request.url}{joint}{urlencode({name: value})}"
    return replace(request, url=url, query={**request.query, name: value})


def _with_secret_inside(request: Request, scheme: BodySecret, secret: str) -> Request:
    """The secret put into the body, which is written again."""
    body = read_body(request, BodyKind.ANY).value
    if not isinstance(body, dict) or not all(isinstance(step, str) for step in scheme.steps):
        raise SignatureError(f"a secret cannot be put at {scheme.path!r} of this body")
    *way, last = scheme.steps
    inner = body
    for step in way:
        inner = inner.setdefault(step, {})
    inner[last] = secret
    if "urlencoded" in request.headers.get("content-type", ""):
        return replace(request, body=urlencode(body, doseq=True).encode())
    return replace(request, body=orjson.dumps(body))


def _newest(role: str, secrets: Mapping[str, tuple[str, ...]]) -> str:
    for secret in secrets.get(role, ()):
        if secret.strip():
            return secret
    raise SignatureError(f"no secret is set for {role!r}")


def _signed(request: Request, scheme: HmacScheme, secret: str, now: int, public_url: str) -> Request:
    if is_public_key(scheme, secret):
        raise SignatureError("only the sender holds the private key that belongs to this public one")
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
        case Unit.ISO:
            stamp = as_iso(now)
        case _:
            stamp = str(now)
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
