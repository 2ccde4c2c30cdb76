"""A body as it was before its Content-Encoding (RFC 9110, https://www.rfc-editor.org/rfc/rfc9110#section-8.4)."""

from __future__ import annotations

import re
import zlib
from typing import Final

from bridge.errors import MediaTypeError, TooLargeError, UnreadableError

_GZIP: Final = 16 + zlib.MAX_WBITS
_CODINGS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}
_MOST_CODINGS: Final = 3
_RATIO: Final = 200
_PIECE: Final = 512
"""So many bytes are given to a member at a time: it copies what follows its end, and members may be of 20 bytes."""

_PADDING: Final = re.compile(rb"\0*")
_FREE: Final = 256 * 1024
"""A body of at most so many bytes may be packed as tightly as it likes; webhooks seldom shrink to less than 5 %."""


def unpack(body: bytes, content_encoding: str, most: int) -> bytes:
    """The body with its codings undone, last one first; gzip and deflate are known.

    Raises MediaTypeError for another coding, UnreadableError for bytes that are not in the coding named, and
    TooLargeError for more than `most` bytes, or for a body that grows more than 200 times.
    """
    if not content_encoding:
        return body
    codings = [name for name in (part.strip().lower() for part in content_encoding.split(",")) if name]
    codings = [name for name in codings if name != "identity"]
    unknown = [name for name in codings if name not in _CODINGS]
    if unknown or len(codings) > _MOST_CODINGS:
        named = repr((unknown or [content_encoding])[0][:40])
        raise MediaTypeError(
            f"the body is packed with the Content-Encoding {named}, which is not handled here;"
            " let the sender post it unpacked, or with gzip or deflate"
        )
    for name in reversed(codings):
        body = _inflate(body, name, most)
    return body


def _inflate(packed: bytes, name: str, most: int) -> bytes:
    most = min(most, max(_FREE, len(packed) * _RATIO))
    bits = _CODINGS[name]
    if name == "deflate" and not _is_zlib(packed):
        bits = -zlib.MAX_WBITS  # some senders leave the zlib header out
    found, at = bytearray(), 0
    try:
        while at < len(packed):
            inflater = zlib.decompressobj(bits)
            while not inflater.eof:
                piece = packed[at : at + _PIECE]
                if not piece:
                    raise UnreadableError(f"the body, packed with {name}, ends before it is complete")
                found += inflater.decompress(piece, most + 1 - len(found))
                if len(found) > most:
                    raise TooLargeError(f"the body unpacks from {len(packed)} to more than {most} bytes")
                at += len(piece) - len(inflater.unused_data)
            at = _next_member(packed, at) if bits == _GZIP else len(packed)
    except zlib.error as error:
        raise UnreadableError(
            f"the header Content-Encoding says {name}, and the body is not in it; let the sender leave the header out"
        ) from error
    return bytes(found)


def _next_member(packed: bytes, at: int) -> int:
    """Where the next member starts; blocks may be padded with NULs (RFC 1952, section 2.2: members may follow)."""
    padding = _PADDING.match(packed, at)
    return padding.end() if padding else at


def _is_zlib(packed: bytes) -> bool:
    """RFC 1950, section 2.2: method 8, and the first two bytes divide by 31."""
    return len(packed) > 1 and packed[0] & 0x0F == 8 and int.from_bytes(packed[:2]) % 31 == 0
