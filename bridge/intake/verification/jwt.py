"""Bodies that are a JSON Web Token signed with RS256: the signature and the times in the claims.

Only the sender holds the private key; what is checked here is public, so nothing needs to be compared in constant time.
RFC 7515 (https://www.rfc-editor.org/rfc/rfc7515); the claims are those of RFC 7519, section 4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bridge.errors import SignatureError, UnreadableError
from bridge.intake.body.claims import split_token, token_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SLACK_SECONDS: Final = 300
_FAR: Final = 10**12
"""Seconds since 1970 that no clock shows."""


def check_token(body: bytes, keys: Sequence[str], now: int, read: Callable[[bytes], Any]) -> None:
    """Check the token that the body is, against any of the public keys (PEM). `now` is in ms UTC.

    `read` reads JSON. Raises SignatureError with the reason.
    """
    from bridge.intake.verification.public_keys import is_signed_by_rsa, rsa_key

    head, claims, signature = _parts(body)
    if not isinstance(header := _json(head, read), dict) or header.get("alg") != "RS256":
        raise SignatureError("the token is not signed with RS256")
    if "crit" in header:
        raise SignatureError("the token asks for extensions (crit) that are not known here")
    usable = [key for key in map(rsa_key, keys) if key is not None]
    if not usable:
        raise SignatureError("no secret for 'public_key' is an RSA key in PEM")
    signed = body.strip().rpartition(b".")[0]
    if not any(is_signed_by_rsa(key, token_bytes(signature), signed) for key in usable):
        raise SignatureError("the token's signature does not match the public key")
    _check_time(_json(claims, read), now)


def _check_time(claims: Any, now: int) -> None:
    if not isinstance(claims, dict):
        raise SignatureError("the token holds no claims")
    made, ends, starts = (_seconds(claims, name) for name in ("iat", "exp", "nbf"))
    if made is None and ends is None:
        raise SignatureError("the token says neither when it was made nor when it ends")
    if ends is None and made is not None:
        ends = made
    if ends is not None and now > (ends + _SLACK_SECONDS) * 1000:
        raise SignatureError(f"the token ended {now // 1000 - ends} s ago")
    if made is not None and (made - _SLACK_SECONDS) * 1000 > now:
        raise SignatureError(f"the token is from {made - now // 1000} s in the future")
    if starts is not None and (starts - _SLACK_SECONDS) * 1000 > now:
        raise SignatureError(f"the token counts only in {starts - now // 1000} s")


def _seconds(claims: Mapping[str, Any], name: str) -> int | None:
    """A claim's time, None without one. Raises SignatureError for what is none: a limit unread would be no limit."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _FAR:
        raise SignatureError(f"the token's {name!r} is not a time in seconds")
    return int(value)


def _parts(body: bytes) -> tuple[bytes, bytes, bytes]:
    try:
        return split_token(body)
    except UnreadableError as error:
        raise SignatureError(str(error)) from error


def _json(part: bytes, read: Callable[[bytes], Any]) -> Any:
    try:
        return read(token_bytes(part))
    except UnreadableError as error:
        raise SignatureError("a part of the token is not JSON") from error
