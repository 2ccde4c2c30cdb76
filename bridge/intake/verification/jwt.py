"""Bodies that are a JSON Web Token signed with RS256: the signature and the times in the claims.

Only the sender holds the private key; what is checked here is public, so nothing needs to be compared in constant time.
RFC 7515 (https://www.rfc-editor.org/rfc/rfc7515), RSASSA-PKCS1-v1_5 as in
https://www.rfc-editor.org/rfc/rfc8017#section-8.2.2.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import SignatureError, UnreadableError
from bridge.intake.body.claims import split_token, token_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SHA256: Final = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 digest in a signature (RFC 8017, section 9.2)."""

_SMALLEST_BITS: Final = 2048
_LARGEST_BITS: Final = 8192
_SLACK_SECONDS: Final = 300


def check_token(body: bytes, keys: Sequence[str], now: int, read: Callable[[bytes], Any]) -> None:
    """Check the token that the body is, against any of the public keys (PEM). `now` is in ms UTC.

    `read` reads JSON. Raises SignatureError with the reason.
    """
    head, claims, signature = _parts(body)
    if not isinstance(header := _json(head, read), dict) or header.get("alg") != "RS256":
        raise SignatureError("the token is not signed with RS256")
    numbers = [number for number in map(public_numbers, keys) if number is not None]
    if not numbers:
        raise SignatureError("no secret for 'public_key' is an RSA key in PEM")
    signed = body.strip().rpartition(b".")[0]
    digest = hashlib.sha256(signed).digest()
    if not any(_is_signed(digest, token_bytes(signature), modulus, exponent) for modulus, exponent in numbers):
        raise SignatureError("the token's signature does not match the public key")
    _check_time(_json(claims, read), now)


def public_numbers(pem: str) -> tuple[int, int] | None:
    """Modulus and exponent of an RSA public key in PEM, in one line too if its line ends are escaped; or None."""
    lines = pem.strip().replace("\\n", "\n").splitlines()
    text = "".join(line.strip() for line in lines if not line.startswith("-----"))
    try:
        fields = _integers(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, IndexError):
        return None
    if len(fields) != 2 or not _SMALLEST_BITS <= fields[0].bit_length() <= _LARGEST_BITS or fields[1] < 3:
        return None
    return fields[0], fields[1]


def _integers(der: bytes) -> list[int]:
    """The integers inside nested sequences and bit strings (X.690): the key's two numbers in either PEM form."""
    found = []
    while der:
        tag, content, der = _element(der)
        match tag:
            case 0x30:
                found += _integers(content)
            case 0x03:
                found += _integers(content[1:])
            case 0x02:
                found.append(int.from_bytes(content))
    return found


def _element(der: bytes) -> tuple[int, bytes, bytes]:
    tag, length, start = der[0], der[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(der[2:start])
    if start + length > len(der):
        raise ValueError("the key is cut off")
    return tag, der[start : start + length], der[start + length :]


def _is_signed(digest: bytes, signature: bytes, modulus: int, exponent: int) -> bool:
    """Compare with the whole padded block that a right signature must give, so that nothing can hide in it."""
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature)
    if len(signature) != size or number >= modulus:
        return False
    expected = b"\x00\x01" + b"\xff" * (size - 3 - len(_SHA256) - len(digest)) + b"\x00" + _SHA256 + digest
    return pow(number, exponent, modulus).to_bytes(size) == expected


def _check_time(claims: Any, now: int) -> None:
    if not isinstance(claims, dict):
        raise SignatureError("the token holds no claims")
    made, ends = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
    if made is None and ends is None:
        raise SignatureError("the token says neither when it was made nor when it ends")
    if ends is None and made is not None:
        ends = made
    if ends is not None and now > (ends + _SLACK_SECONDS) * 1000:
        raise SignatureError(f"the token ended {now // 1000 - ends} s ago")
    if made is not None and (made - _SLACK_SECONDS) * 1000 > now:
        raise SignatureError(f"the token is from {made - now // 1000} s in the future")


def _seconds(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


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
