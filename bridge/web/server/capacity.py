"""How much clients may take up before anything is known of them: connections and bytes, in all and of one address.

Who asks for more than there is makes room at the cost of the greediest address, never of another one.
"""

from __future__ import annotations

import resource
import threading
from collections import Counter
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bridge.web.server.connection import Connection

MAX_HELD: Final = 64 * 1024 * 1024
"""Bytes of unfinished requests that a worker holds; one address at most half of them."""

_PART_AT_ONCE: Final = 8

DESCRIPTORS_OF_OURS: Final = 128
"""Descriptors that are left for the database, the log and the mapping files."""


def connections(wanted: int) -> int:
    """So many clients of the wanted number have room in the descriptors that this process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else max(16, min(wanted, soft - DESCRIPTORS_OF_OURS))


def at_once(clients: int) -> int:
    """How many new clients a worker takes after it gave way to its siblings once.

    One while there are few, so that the workers share them out; then a part of those there are, since a crowd that is
    accepted one by one, with a wait for each, would keep the next client outside for as many waits.
    """
    return max(1, clients // _PART_AT_ONCE)


class Held:
    """The bytes of unfinished requests, by address."""

    def __init__(self) -> None:
        self._most = MAX_HELD
        self._of: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, client: Connection, size: int) -> None:
        """Count what is held of this client now."""
        if size == client.held:
            return
        address = client.peer[0]
        with self._lock:
            self._of[address] += size - client.held
            client.held = size
            if not self._of[address]:
                del self._of[address]

    def greedy(self) -> str | None:
        """The address that has to give something back, None when there is room."""
        with self._lock:
            if not self._of:
                return None
            address, size = max(self._of.items(), key=lambda item: item[1])
            return address if size > self._most // 2 or self._of.total() > self._most else None


def who_gives_way(clients: Iterable[Connection], most: int) -> Connection | None:
    """Of so many clients at most, the one that ends when another comes: idle for longest at the greediest address.

    None while there is room, or when all of them are being answered. One address has at most half of the room.
    """
    known = list(clients)
    if len(known) < most // 2:
        return None
    counts = Counter(client.peer[0] for client in known).most_common()
    if len(known) < most:
        counts = [(address, count) for address, count in counts if count >= most // 2]
    found = (_first(known, address, lambda client: client.heard_at) for address, _ in counts)
    return next(filter(None, found), None)


def who_holds_most(clients: Iterable[Connection], address: str) -> Connection | None:
    """The client at an address whose unfinished request is the largest."""
    return _first([client for client in clients if client.held], address, lambda client: -client.held)


def _first(clients: list[Connection], address: str, key: Callable[[Connection], float]) -> Connection | None:
    ready = [client for client in clients if client.peer[0] == address and client.deadline < inf]
    return min(ready, key=key, default=None)
