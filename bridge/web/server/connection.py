"""One client of the receiver: its socket, what it sent so far and has not taken yet, and until when it may go on."""

from __future__ import annotations

import contextlib
import socket
from math import inf
from typing import TYPE_CHECKING, Any, Final

from bridge.web.server.framing import Gathered

if TYPE_CHECKING:
    from bridge.web.server.message import RefusedError

_READ: Final = 256 * 1024


class Connection:
    """One client, touched by one thread at a time: the one that the poller gave it to.

    Only `deadline` (of a monotonic clock; infinite while it is answered), `heard_at` and `ended_by` are also touched by
    other threads, which end those whose time is over or whose room is needed.

    - `base`: the environ that all clients of its listener share
    - `outgoing`: the part of its answers that it has not taken yet
    - `held`: the counted bytes of its unfinished request
    - `asked_on`: it was asked to send the body
    - `behind`: whole requests of it may be here that are not answered
    - `last`: the answer in flight is its last one
    - `closing`: everything was said, and it is only waited for to go
    """

    def __init__(self, sock: socket.socket, peer: Any, max_body: int, base: dict[str, Any]) -> None:
        sock.setblocking(False)
        self._sock = sock
        self.number = sock.fileno()
        self.peer: tuple[str, int] = (peer[0], peer[1]) if isinstance(peer, tuple) else ("", 0)
        self.base = base
        self.gathered = Gathered(max_body)
        self.outgoing = b""
        self.held = 0
        self.deadline = inf
        self.heard_at = 0.0
        self.ended_by: RefusedError | None = None
        self.asked_on = self.behind = self.last = self.closing = False

    def receive(self) -> bytes | None:
        """What has come; nothing at the connection's end, None when nothing has come yet."""
        try:
            return self._sock.recv(_READ)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def send(self, data: bytes = b"") -> bool:
        """Send this behind what is waiting; whether all of it has left. Raises OSError when the client is gone."""
        data = self.outgoing + data
        try:
            sent = self._sock.send(data) if data else 0
        except BlockingIOError:
            sent = 0
        self.outgoing = data[sent:]
        return not self.outgoing

    def expire(self, why: RefusedError) -> None:
        """End what the client says. A thread sees the end as any other, after what had come before it."""
        self.deadline, self.ended_by = inf, why
        with contextlib.suppress(OSError):  # it is gone already
            self._sock.shutdown(socket.SHUT_RDWR if self.outgoing or self.closing else socket.SHUT_RD)

    def end(self) -> bool:
        """Say that nothing more will come; whether the client is still there to be waited for.

        Closing at once could destroy an answer that the client has not read yet (RFC 9112 section 9.6).
        """
        self.closing = True
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Close the socket."""
        self.closing = True
        self._sock.close()
