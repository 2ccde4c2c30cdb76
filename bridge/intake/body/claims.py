"""The claims of a signed token (RFC 7519, https://www.rfc-editor.org/rfc/rfc7519), whoever signed it."""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any, Final

from bridge.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN: Final = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


def split_token(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Header, claims and signature of a token in compact form, still encoded. Raises UnreadableError."""
    match = _TOKEN.fullmatch(body.strip())
    if match is None:
        raise UnreadableError("the body is not a signed token (three parts with dots between them)")
    head, claims, signature = match.groups()
    return head, claims, signature


def token_bytes(part: bytes) -> bytes:
    """A part of a token, decoded; nothing when it is not base64url. Its padding is left out (RFC 7515, section 2)."""
    try:
        return urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error:
        return b""


def read_claims(body: bytes, read_json: Callable[[bytes], Any]) -> Any:
    """The claims of a token, as JSON values. Raises UnreadableError."""
    try:
        return read_json(token_bytes(split_token(body)[1]))
    except UnreadableError as error:
        raise UnreadableError(f"the claims of the token cannot be read: {error}") from error
