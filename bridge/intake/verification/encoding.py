"""Keys, signatures and header values as bytes."""

from __future__ import annotations

import binascii
import hmac
from typing import TYPE_CHECKING, Final

from bridge.intake.verification.scheme import KeyEncoding

if TYPE_CHECKING:
    from collections.abc import Sequence

_TO_BASE64: Final = bytes.maketrans(b"-_", b"+/")
_TEXT: Final = KeyEncoding.TEXT  # of every signature asked for: Python 3.11 looks members up slowly


def decode_signature(text: str, encoding: str) -> bytes | None:
    """The bytes of a signature written as `hex` (either letter case), `base64` or `base64url` (padded or not)."""
    try:
        raw = text.encode("ascii")
        if encoding == "hex":
            return binascii.unhexlify(raw)
        if encoding == "base64url":
            raw = raw.translate(_TO_BASE64)
        bare = raw.rstrip(b"=")
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        return None


def decode_key(secret: str, encoding: KeyEncoding) -> bytes | None:
    """The key that a secret stands for, or None when it is not in that encoding or empty."""
    if encoding is _TEXT:
        return secret_bytes(secret) or None
    match encoding:
        case KeyEncoding.HEX:
            return decode_signature(secret.strip(), "hex") or None
        case KeyEncoding.BASE64:
            return decode_signature(secret.strip(), "base64") or None
        case KeyEncoding.WHSEC:
            bare = secret.strip().removeprefix("v1,").removeprefix("whsec_")
            return decode_signature(bare, "base64") or None


def public_key_text(secret: str) -> str:
    """The base64 of a Standard Webhooks public key (`whpk_...`, or `v1a,whpk_...`); "" for any other secret.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
    """
    bare = secret.strip().removeprefix("v1a,")
    return bare.removeprefix("whpk_") if bare.startswith("whpk_") else ""


def secret_bytes(text: str) -> bytes:
    """A secret or another text of ours as UTF-8; what is not a character stays as it is."""
    return text.encode("utf-8", "surrogatepass")


def header_bytes(text: str) -> bytes:
    """A header's value as the bytes that came: WSGI hands them over as Latin-1 (PEP 3333)."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return secret_bytes(text)


def any_equal(given: bytes, secrets: Sequence[str]) -> bool:
    """Compare with every secret, so that the time does not tell which one matched."""
    results = [hmac.compare_digest(given, secret_bytes(secret)) for secret in secrets]
    return any(results)
