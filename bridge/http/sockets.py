"""Sockets that a call's deadline can shut down while another thread is blocked in them. Used by `bridge.http` only."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

if TYPE_CHECKING:
    from collections.abc import Iterator


class PrivateAddressError(OSError):
    """A host that must be public has an address that is not."""


class Watch:
    """One call's time, and where it may go.

    It holds a second handle on each socket of the call, good also when TLS has wrapped the first.

    `sent` turns true just before the first byte of the request leaves; `expired` when the time is over.
    """

    def __init__(self, seconds: float, *, public_only: bool = False) -> None:
        self.seconds = seconds
        self.public_only = public_only
        self.sent = False
        self.expired = False
        self._ends_at = time.monotonic() + seconds
        self._handles: list[socket.socket] = []
        self._lock = threading.Lock()

    def left(self) -> float:
        """The seconds left, more than 0.

        Raises:
            TimeoutError: none is left.
        """
        left = self._ends_at - time.monotonic()
        if self.expired or left <= 0:
            self.expired = True
            raise TimeoutError
        return left

    def cover(self, opened: socket.socket) -> None:
        """Shut this socket down, too, when the time is over.

        Raises:
            TimeoutError: it is over already.
        """
        with self._lock:
            self.left()
            self._handles.append(socket.fromfd(opened.fileno(), opened.family, opened.type))

    def expire(self) -> None:
        """End the call: whoever is blocked in one of its sockets finds it closed."""
        with self._lock:
            self.expired = True
            for handle in self._handles:
                with contextlib.suppress(OSError):  # the other side was faster
                    handle.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Give the second handles back; the connection itself may live on."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()


_WATCH: ContextVar[Watch] = ContextVar("watch")


@contextlib.contextmanager
def watching(seconds: float, *, public_only: bool = False) -> Iterator[Watch]:
    """Bound everything this thread does with sockets of `POOLS` inside the block to so many seconds.

    With `public_only` no connection is made to an address that is not in the public internet.
    """
    watch = Watch(seconds, public_only=public_only)
    timer = threading.Timer(seconds, watch.expire)
    timer.daemon = True
    token = _WATCH.set(watch)
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()
        _WATCH.reset(token)
        watch.release()


class _Watched(HTTPConnection):
    """What plain and TLS connections share."""

    def _new_conn(self) -> socket.socket:
        try:
            return connect(self._dns_host, self.port, self.socket_options or ())
        except OSError as error:
            raise NewConnectionError(self, type(error).__name__) from error

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        watch = _WATCH.get()
        watch.cover(self.sock)
        watch.sent = True
        super().endheaders(*args, **kwargs)


class _WatchedTls(_Watched, HTTPSConnection):
    """A TLS connection; its handshake is watched, too."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


POOLS: dict[str, Any] = {"http": _Pool, "https": _TlsPool}
"""The pools for urllib3's `pool_classes_by_scheme`."""


def connect(host: str, port: int, options: Any = ()) -> socket.socket:
    """A connection that the watch of this thread covers. Raises OSError, TimeoutError when no time is left."""
    watch = _WATCH.get()
    opened = _connect(host, port, options, watch)
    try:
        watch.cover(opened)
    except OSError:
        opened.close()
        raise
    return opened


def _connect(host: str, port: int, options: Any, watch: Watch) -> socket.socket:
    """Try the host's addresses in turn, all within the time left; urllib3 would give it to each of them.

    The address that is judged is the one that is connected to: a name cannot lead elsewhere in between.
    """
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in _resolved(host, port, watch):
        if watch.public_only and not is_public(address[0]):
            failure = PrivateAddressError()
            continue
        opened = socket.socket(family, kind, protocol)
        try:
            for option in options:
                opened.setsockopt(*option)
            opened.settimeout(watch.left())
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, loopback, link-local, special or multicast.

    An IPv6 address must be global unicast (2000::/3, https://www.rfc-editor.org/rfc/rfc4291#section-2.4); one that is
    mapped from IPv4 or translated to it (64:ff9b::/96, https://www.rfc-editor.org/rfc/rfc6052) is judged by that.
    """
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or (ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _TRANSLATED else None)
        if inner is None and found not in _GLOBAL_UNICAST:
            return False
        found = inner or found
    return found.is_global and not found.is_multicast and not any(found in network for network in _SPECIAL)


def is_private_literal(host: str) -> bool:
    """Whether a host is written as an address that is not public, in any notation the system takes, or is localhost."""
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):  # a name
        return re.fullmatch(r"(.*\.)?localhost\.?", host, re.IGNORECASE) is not None
    return not all(is_public(str(address[0])) for *_, address in found)


_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # Azure's own services: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
            "192.0.0.0/24",  # protocol assignments; a cloud's metadata service among them
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.175.48.0/24",
            "2001::/23",  # Teredo and other tunnels
            "2002::/16",  # 6to4: leads to any IPv4 address
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)
"""What Python's `is_global` of some versions takes for public, by the registries of special-purpose addresses:
https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry."""


def _resolved(host: str, port: int, watch: Watch) -> list[Any]:
    """The host's addresses. The system's resolver cannot be interrupted, so it is asked on the side."""
    found: list[Any] = []
    errors: list[OSError] = []
    asking = threading.Thread(target=_resolve, args=(host, port, found, errors), daemon=True)
    asking.start()
    asking.join(watch.left())
    if asking.is_alive():
        watch.expire()
        raise TimeoutError
    if errors:
        raise errors[0]
    return list(found)


def _resolve(host: str, port: int, found: list[Any], errors: list[OSError]) -> None:
    try:
        found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError as error:
        errors.append(error)
    except UnicodeError:  # a label too long for a host name
        errors.append(OSError("not a host name"))
