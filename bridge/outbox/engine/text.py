"""Text as both databases can hold it."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text without what PostgreSQL (NUL) or UTF-8 (half a surrogate pair) cannot hold, on both databases alike."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
