"""How bodies of requests are stored: as they came or, where the settings ask for it, compressed.

A compressed one starts with a mark. One that came with such a start is always compressed, so that none is
mistaken, whatever the settings were when it was stored.
"""

from __future__ import annotations

import zlib
from typing import Final

MARK: Final = b"\x00zlib\x00"
LEAST_BYTES: Final = 512
"""Shorter bodies are left alone."""

FASTEST: Final = 1


def packed(body: bytes, *, compress: bool) -> bytes:
    """A body as it is stored."""
    if (compress and len(body) >= LEAST_BYTES) or body.startswith(MARK):
        return MARK + zlib.compress(body, FASTEST)
    return body


def unpacked(stored: bytes) -> bytes:
    """A body as it came."""
    return zlib.decompress(stored[len(MARK) :]) if stored.startswith(MARK) else stored
