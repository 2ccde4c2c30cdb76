"""Public keys of senders that sign with a private one: RSA for tokens, Ed25519 for Standard Webhooks' `v1a`.

Imported only where a hook has such a key: the library takes some 15 MB of memory.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from bridge.intake.verification.encoding import decode_signature, public_key_text

_SMALLEST_BITS: Final = 2048
_LARGEST_BITS: Final = 8192


@lru_cache(maxsize=64)
def rsa_key(pem: str) -> RSAPublicKey | None:
    """An RSA public key in PEM, in one line too if its line ends are escaped; None if it is none of a usable size."""
    lines = pem.strip().replace("\\n", "\n").splitlines()
    text = "".join(line.strip() for line in lines if not line.startswith("-----"))
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    is_usable = isinstance(key, RSAPublicKey) and _SMALLEST_BITS <= key.key_size <= _LARGEST_BITS
    return key if is_usable and isinstance(key, RSAPublicKey) else None


def is_signed_by_rsa(key: RSAPublicKey, signature: bytes, signed: bytes) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-256 (https://www.rfc-editor.org/rfc/rfc8017#section-8.2.2)."""
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=64)
def ed25519_key(secret: str) -> Ed25519PublicKey | None:
    """The key after `whpk_`; None if it is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(decode_signature(public_key_text(secret), "base64") or b"")
    except (ValueError, UnsupportedAlgorithm):
        return None


def is_signed_by_ed25519(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> bool:
    """Ed25519 (https://www.rfc-editor.org/rfc/rfc8032)."""
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
