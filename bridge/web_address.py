"""Web addresses that others write, read so that a malformed one is an address without parts instead of an exception."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

_NOTHING: Final = SplitResult("", "", "", "", "")


def parts_of(url: str) -> SplitResult:
    """The parts of an address, all of them safe to ask for; of what is no address (`http://[`, a port of 9999999) none.

    `urlsplit` raises ValueError for a host that is no IPv6 address in brackets, for one with characters that read
    differently once they are normalised, and only later, when `port` is asked for, for what is no port.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - judged when it is asked for
    except ValueError:
        return _NOTHING
    return parts
