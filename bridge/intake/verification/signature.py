"""Keyed digests over a request, as an `HmacScheme` describes them."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from bridge.errors import SignatureError
from bridge.intake.verification.encoding import (
    decode_key,
    decode_signature,
    header_bytes,
    public_key_text,
    secret_bytes,
)
from bridge.intake.verification.scheme import Algorithm, Format, HmacScheme, KeyEncoding
from bridge.times import read_instant
from bridge.web_address import parts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bridge.intake.verification.scheme import Timestamp
    from bridge.intake.verification.template import Part
    from bridge.model import Request

_FORM_FIELDS = 1000
MAX_SIGNATURES: Final = 10
"""Of one name in a header; while secrets are rotated there are two. Some are each checked over the whole body."""

_ESCAPES: Final = re.compile(r"%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


def check_signature(request: Request, scheme: HmacScheme, secrets: Sequence[str], now: int, public_url: str) -> None:
    """Check any of the secrets against any of the signatures, then the age. Raises SignatureError with the reason.

    `now` is in ms UTC. `public_url` is the scheme and host that senders call; empty takes the request's own.
    """
    header, value = _first_header(request, scheme.headers)
    tags = [_tag(scheme, secret) for secret in secrets]
    given = _signatures(scheme, header, value, tags)
    stamp = "" if scheme.timestamp is None else _timestamp(request, scheme.timestamp, value)
    matched = False
    usable = False
    for secret, tag in zip(secrets, tags, strict=True):
        content = signed_text(request, scheme.content, stamp, secret, public_url)
        is_usable, matches = _matches(scheme, secret, content, given.get(tag, ()), is_public=tag != scheme.key)
        usable |= is_usable
        matched |= matches
    if not usable:
        raise SignatureError(f"no secret for 'signing' is {scheme.key_encoding}")
    if not matched:
        raise SignatureError(f"no signature in the header {header!r} matches")
    if scheme.timestamp is not None and scheme.tolerance is not None:  # at last, so that the reason can be believed
        _check_age(scheme.timestamp, scheme.tolerance, stamp, now)


def _tag(scheme: HmacScheme, secret: str) -> str:
    """The name of the signatures that this secret can check: `v1`, or `v1a` for a public key."""
    return f"{scheme.key}a" if is_public_key(scheme, secret) else scheme.key


def is_public_key(scheme: HmacScheme, secret: str) -> bool:
    """Whether a secret is the public key of Standard Webhooks' asymmetric signatures."""
    return scheme.format is Format.LIST and scheme.key_encoding is KeyEncoding.WHSEC and bool(public_key_text(secret))


def _matches(
    scheme: HmacScheme, secret: str, content: bytes, given: Sequence[bytes], *, is_public: bool
) -> tuple[bool, bool]:
    """Whether the secret is a key at all, and whether it made one of the signatures."""
    if is_public:
        from bridge.intake.verification.public_keys import ed25519_key, is_signed_by_ed25519

        public = ed25519_key(secret)
        return public is not None, public is not None and any(
            is_signed_by_ed25519(public, signature, content) for signature in given
        )
    key = decode_key(secret, scheme.key_encoding)
    if key is None:
        return False, False
    expected = digest(scheme, key, content)
    results = [hmac.compare_digest(expected, signature) for signature in given]
    return True, any(results)


def signature_texts(request: Request, scheme: HmacScheme) -> list[str]:
    """The signatures in a request's header as they are written there, prefix included; none when it is missing."""
    try:
        _, value = _first_header(request, scheme.headers)
    except SignatureError:
        return []
    named = _named(scheme.format, value)
    return [text for name, text in named if name == scheme.key] or [value, *(text for _, text in named)]


def stamp_of(request: Request, scheme: HmacScheme) -> str:
    """The signed time as the sender wrote it, empty where it has none."""
    try:
        value = _first_header(request, scheme.headers)[1]
        return "" if scheme.timestamp is None else _timestamp(request, scheme.timestamp, value)
    except SignatureError:
        return ""


def _first_header(request: Request, names: Sequence[str]) -> tuple[str, str]:
    for name in names:
        value = request.headers.get(name, "").strip()
        if value:
            return name, value
    raise SignatureError(f"the header {' or '.join(repr(name) for name in names)} is missing")


def _signatures(scheme: HmacScheme, header: str, value: str, tags: Collection[str]) -> dict[str, list[bytes]]:
    """The signatures of a header that bear one of these tags, by tag. Raises SignatureError when there is none."""
    texts = [("", value)] if scheme.format is Format.PLAIN else _named(scheme.format, value)
    texts = [(name, text) for name, text in texts if name in tags]
    if not texts:
        wanted = " or ".join(map(repr, sorted(set(tags))))
        raise SignatureError(f"the header {header!r} holds no signature named {wanted}")
    if len(texts) > MAX_SIGNATURES:
        raise SignatureError(f"the header {header!r} holds more than {MAX_SIGNATURES} signatures")
    signatures: dict[str, list[bytes]] = {}
    for name, text in texts:
        if text.startswith(scheme.prefix):
            signature = decode_signature(text[len(scheme.prefix) :], scheme.encoding)
            if signature:
                signatures.setdefault(name, []).append(signature)
    if signatures:
        return signatures
    if any(text.startswith(scheme.prefix) for _, text in texts):
        raise SignatureError(f"the signature in the header {header!r} is not {scheme.encoding}")
    raise SignatureError(f"the signature in the header {header!r} does not start with {scheme.prefix!r}")


def _named(form: Format, value: str) -> list[tuple[str, str]]:
    """The signatures of a header with their names; a plain header has one, without a name."""
    match form:
        case Format.PLAIN:
            return [("", value)]
        case Format.PAIRS:
            items = [item.strip().partition("=") for item in value.split(",")]
        case Format.LIST:
            items = [item.partition(",") for item in value.split()]
    return [(name.strip(), text.strip()) for name, _, text in items]


def _timestamp(request: Request, timestamp: Timestamp, value: str) -> str:
    """The signed time as the sender wrote it."""
    if timestamp.headers:
        return _first_header(request, timestamp.headers)[1]
    stamps = [text for name, text in _named(Format.PAIRS, value) if name == timestamp.key]
    if not stamps:
        raise SignatureError(f"the signature header holds no timestamp named {timestamp.key!r}")
    return stamps[0]


def signed_text(request: Request, parts: Sequence[Part], stamp: str, secret: str, public_url: str) -> bytes:
    """The text that is signed. Raises SignatureError when a header that belongs to it is missing."""
    if len(parts) == 1:
        return _part(request, parts[0], stamp, secret, public_url)
    return b"".join([_part(request, part, stamp, secret, public_url) for part in parts])


def _part(request: Request, part: Part, stamp: str, secret: str, public_url: str) -> bytes:
    match part.field:
        case "body":
            return request.body
        case "timestamp":
            return header_bytes(stamp)
        case "method":
            return request.method.encode()
        case "url":
            return secret_bytes(public(request.url, public_url))
        case "plain_url":
            return secret_bytes(_unescaped(public(request.url, public_url)))
        case "secret":
            return secret_bytes(secret)
        case "form":
            return _sorted_form(request.body)
        case "header":
            return header_bytes(_first_header(request, part.headers)[1])
        case _:
            return part.literal


def public(url: str, public_url: str) -> str:
    """The URL as the sender knows it: behind a proxy the host and the scheme we see are not the ones it called."""
    if not public_url:
        return url
    seen = parts_of(url)
    if url and not any(seen):
        raise SignatureError("the request's URL cannot be read")
    return public_url.rstrip("/") + seen.path + (f"?{seen.query}" if seen.query else "")


def _unescaped(url: str) -> str:
    """As HubSpot's version 3 signs it (https://developers.hubspot.com/docs/apps/developer-platform/build-apps/
    authentication/request-validation): the escapes of these characters undone in all of the URL.
    """
    return _ESCAPES.sub(lambda found: chr(int(found.group()[1:], 16)), url)


def _sorted_form(body: bytes) -> bytes:
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=_FORM_FIELDS)
    except ValueError as error:
        raise SignatureError("the signed form cannot be read") from error
    return b"".join(name + value for name, value in sorted(pairs))


def digest(scheme: HmacScheme, key: bytes, content: bytes) -> bytes:
    """The signature of a text, before its encoding."""
    if scheme.algorithm is Algorithm.PLAIN_SHA256:
        return hashlib.sha256(content).digest()
    return hmac.digest(key, content, scheme.algorithm)


def _check_age(timestamp: Timestamp, tolerance: int, stamp: str, now: int) -> None:
    at = read_instant(stamp, timestamp.unit)
    if at is None:
        raise SignatureError(f"the timestamp is not a time in {timestamp.unit}")
    excess = abs(now - at) - tolerance * 1000
    if excess > 0:
        direction = "too old" if at < now else "in the future"
        raise SignatureError(f"the timestamp is {direction} by {-(-excess // 1000)} s")
