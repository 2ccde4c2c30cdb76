"""Verification of the sender, over the raw bytes and before anything is parsed.

Fails closed: an absent, empty or unusable secret refuses every request. Comparisons take the same time wherever the
first difference is. A reason never holds a secret or a signature.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bridge.errors import IntakeError, SignatureError
from bridge.expressions import walk
from bridge.intake.body.json_text import read_json
from bridge.intake.body.read import BodyKind, read_body
from bridge.intake.body.unpack import unpack
from bridge.intake.verification.encoding import any_equal, decode_signature, header_bytes, secret_bytes
from bridge.intake.verification.hints import rejection_hint
from bridge.intake.verification.jwt import check_token
from bridge.intake.verification.scheme import (
    BasicAuth,
    BodySecret,
    HeaderToken,
    HmacScheme,
    NoVerification,
    OneOf,
    QueryToken,
    Scheme,
    SignedToken,
    Version,
)
from bridge.intake.verification.signature import check_signature
from bridge.model import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bridge.model import Request

_SEAL: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRequest:
    """A request that went through `verify`, the only place that can make one.

    `authentic` is False where the scheme is `none`: the sender is believed, not verified. The body of `request` is the
    one before its Content-Encoding, and without that header; where that cannot be undone, both stand as sent.
    `body_kind` is what the body was read as, if its secret stands inside.
    """

    request: Request
    scheme: Scheme
    body_kind: BodyKind
    authentic: bool
    seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("a verified request is made by verify() alone")


def verify(
    request: Request,
    scheme: Scheme,
    secrets: Mapping[str, tuple[str, ...]],
    *,
    now: int,
    public_url: str = "",
    body_kind: BodyKind = BodyKind.ANY,
    limits: Limits = DEFAULT_LIMITS,
) -> VerifiedRequest:
    """Check a request against a scheme; any of a role's secrets may match, so that they can be rotated.

    `secrets` maps a role (see `roles`) to its values. `public_url` is the scheme and host under which senders reach
    us, for signatures over the URL; without it the request's own URL is taken. `body_kind` is how a secret inside the
    body is looked for. A signature may be over the body as sent or as it was before its Content-Encoding.
    Raises SignatureError with the reason, and with a hint for the log.
    """
    plain = _unpacked(request, limits)
    try:
        try:
            _check(request, scheme, secrets, now, public_url, body_kind=body_kind, limits=limits)
        except SignatureError:
            if plain is request:
                raise
            _check(plain, scheme, secrets, now, public_url, body_kind=body_kind, limits=limits)
    except SignatureError as error:
        raise SignatureError(str(error), hint=rejection_hint(request, scheme, secrets)) from error
    is_authentic = not isinstance(scheme, NoVerification)
    return VerifiedRequest(request=plain, scheme=scheme, body_kind=body_kind, authentic=is_authentic, seal=_SEAL)


def _unpacked(request: Request, limits: Limits) -> Request:
    """The request without its Content-Encoding; the same where it has none, or one that cannot be undone."""
    coding = request.headers.get("content-encoding", "")
    if not coding:
        return request
    try:
        body = unpack(request.body, coding, limits.bytes)
    except IntakeError:
        return request
    headers = {name: value for name, value in request.headers.items() if name != "content-encoding"}
    return replace(request, body=body, headers=headers)


def _check(
    request: Request,
    scheme: Scheme,
    secrets: Mapping[str, tuple[str, ...]],
    now: int,
    public_url: str,
    *,
    body_kind: BodyKind,
    limits: Limits,
) -> None:
    match scheme:
        case HmacScheme() | SignedToken() if request.method == "GET" and not signs_url(scheme):
            raise SignatureError("a signature over the body says nothing of a GET, whose content is its query")
        case HmacScheme():
            check_signature(request, scheme, _secrets("signing", secrets), now, public_url)
        case HeaderToken():
            _check_header_token(request, scheme, _secrets("token", secrets))
        case QueryToken():
            _check_query_token(request, scheme, _secrets("token", secrets))
        case BasicAuth():
            _check_basic(request, scheme, _secrets("password", secrets))
        case BodySecret():
            _check_body_secret(request, scheme, _secrets("key", secrets), body_kind, limits)
        case SignedToken():
            check_token(request.body, _secrets("public_key", secrets), now, read_json)
        case OneOf():
            _check(
                request,
                offered_version(request, scheme).scheme,
                secrets,
                now,
                public_url,
                body_kind=body_kind,
                limits=limits,
            )
        case NoVerification():
            return


def offered_version(request: Request, scheme: OneOf) -> Version:
    """The strongest version that the request claims to have. Raises SignatureError when it claims none of them.

    A request with a strong signature that fails is never judged by a weaker one next to it.
    """
    for version in scheme.versions:
        value = request.headers.get(version.header, "").strip()
        if value and (not version.value or value.lower() == version.value.lower()):
            if version.pinned_only:
                raise SignatureError(f"version {version.name!r} is weak: it counts only with verify: {{version: ...}}")
            return version
    known = " or ".join(f"{version.header}: {version.value or '...'}" for version in scheme.versions)
    raise SignatureError(f"no header says which version of the signature it has ({known})")


def signs_url(scheme: HmacScheme | SignedToken) -> bool:
    """Whether the address, its query included, is part of the signed text."""
    return isinstance(scheme, HmacScheme) and any(part.field in ("url", "plain_url") for part in scheme.content)


def _secrets(role: str, secrets: Mapping[str, tuple[str, ...]]) -> Sequence[str]:
    values = [value for value in secrets.get(role, ()) if value.strip()]
    if not values:
        raise SignatureError(f"no secret is set for {role!r}")
    return values


def _check_header_token(request: Request, scheme: HeaderToken, secrets: Sequence[str]) -> None:
    value = request.headers.get(scheme.header, "")
    if not value:
        raise SignatureError(f"the header {scheme.header!r} is missing")
    if value[: len(scheme.prefix)].lower() != scheme.prefix.lower():
        raise SignatureError(f"the header {scheme.header!r} does not start with {scheme.prefix!r}")
    if not any_equal(header_bytes(value[len(scheme.prefix) :].strip()), secrets):
        raise SignatureError(f"the token in the header {scheme.header!r} does not match")


def _check_query_token(request: Request, scheme: QueryToken, secrets: Sequence[str]) -> None:
    value = request.query.get(scheme.parameter, "")
    if not value:
        raise SignatureError(f"the query parameter {scheme.parameter!r} is missing")
    with_plus = value.replace(" ", "+")  # a plus that was not escaped in the address arrives as a space
    if not any_equal(secret_bytes(value), secrets) and not any_equal(secret_bytes(with_plus), secrets):
        raise SignatureError(f"the token in the query parameter {scheme.parameter!r} does not match")


def _check_body_secret(
    request: Request, scheme: BodySecret, secrets: Sequence[str], body_kind: BodyKind, limits: Limits
) -> None:
    try:
        body = read_body(request, body_kind, limits).value
    except IntakeError as error:
        raise SignatureError(f"the body that should hold {scheme.path!r} cannot be read: {error}") from error
    value = walk(body, scheme.steps)
    if not isinstance(value, str) or not value:
        raise SignatureError(f"the body holds no secret at {scheme.path!r}")
    if not any_equal(secret_bytes(value), secrets):
        raise SignatureError(f"the secret in the body at {scheme.path!r} does not match")


def _check_basic(request: Request, scheme: BasicAuth, secrets: Sequence[str]) -> None:
    kind, _, value = request.headers.get("authorization", "").strip().partition(" ")
    if kind.lower() != "basic":
        raise SignatureError("the header 'authorization' holds no basic credentials")
    credentials = decode_signature(value.strip(), "base64")
    if credentials is None or b":" not in credentials:
        raise SignatureError("the basic credentials are not base64 of a name and a password")
    username, _, password = credentials.partition(b":")
    right_name = hmac.compare_digest(username, scheme.username.encode())
    right_password = any_equal(password, secrets)
    if not (right_name and right_password):
        raise SignatureError("the basic credentials do not match")
