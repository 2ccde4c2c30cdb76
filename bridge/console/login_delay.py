"""How long the next password must wait, after wrong ones. In this process alone: there is one a host."""

from __future__ import annotations

import threading
from ipaddress import ip_address
from typing import Final

from bridge.model import HOUR_MS

FREE_TRIES: Final = 3
LONGEST_FOR_CLIENT: Final = 900
LONGEST_FOR_NAME: Final = 30
"""Seconds. A name waits for less than an address, so that a stranger cannot keep its owner out."""

FORGOTTEN_MS: Final = HOUR_MS
MOST: Final = 10_000
"""So many addresses and names are known at most; the oldest make room."""


def counted_as(address: str) -> str:
    """What wrong passwords from an address count for: one IPv4 address, the /64 that one IPv6 host may fill, this host.

    A port is left out. Whatever is no address counts as one client, so that making some up gains nothing.
    """
    bare = address.partition("]")[0].lstrip("[") if address.startswith("[") else address
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        known = ip_address(bare)
    except ValueError:
        return ""
    known = getattr(known, "ipv4_mapped", None) or known
    if known.is_loopback:
        return "loopback"
    return str(known) if known.version == 4 else f"{int(known) >> 64:x}/64"


class LoginDelay:
    """Wrong passwords by address and by name. Times are milliseconds."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], tuple[int, int]] = {}
        self._lock = threading.Lock()

    def seconds(self, client: str, name: str, now: int) -> int:
        """How long the next try from this address, for this name, must wait; 0: it may go on."""
        with self._lock:
            return max(
                self._wait(("client", counted_as(client)), LONGEST_FOR_CLIENT, now),
                self._wait(("name", name), LONGEST_FOR_NAME, now),
            )

    def failed(self, client: str, name: str, now: int) -> None:
        """A password was wrong."""
        with self._lock:
            for key in (("client", counted_as(client)), ("name", name)):
                count, at = self._failures.pop(key, (0, now))
                self._failures[key] = (1 if now - at > FORGOTTEN_MS else count + 1, now)
            while len(self._failures) > MOST:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, client: str, name: str) -> None:
        """A password was right: nothing is held against this address and this name any more."""
        with self._lock:
            self._failures.pop(("client", counted_as(client)), None)
            self._failures.pop(("name", name), None)

    def _wait(self, key: tuple[str, str], longest: int, now: int) -> int:
        count, at = self._failures.get(key, (0, 0))
        if count < FREE_TRIES:
            return 0
        until = at + 1000 * min(longest, 1 << min(count - FREE_TRIES, 20))
        return max(0, -(-(until - now) // 1000))
