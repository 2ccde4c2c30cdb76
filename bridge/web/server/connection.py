"""One client of the receiver: what it sent so far, and until when it may go on."""

from __future__ import annotations

import contextlib
import socket
import struct
from math import inf
from typing import TYPE_CHECKING, Any, Final

from bridge.web.server.exchange import Parser
from bridge.web.server.framing import Gathered

if TYPE_CHECKING:
    from gunicorn.config import Config

BLOCKED_SECONDS: Final = 20
"""How long a thread waits for a client that does not take its answer."""

MOST_KEPT: Final = 64 * 1024
"""Larger pieces of an answer are not kept to be sent with others."""

_READ: Final = 256 * 1024
_BLOCKED: Final = struct.pack("@ll", BLOCKED_SECONDS, 0)


class AnsweringSocket(socket.socket):
    """A socket that keeps what is sent until `flush`, so that head and body of an answer leave in one piece.

    Each system call is also a chance for another thread to take over, which costs more than the call.
    """

    def __init__(self, accepted: socket.socket) -> None:
        super().__init__(fileno=accepted.detach())
        self._kept: list[bytes] = []

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Keep it; what is large goes out at once."""
        del flags
        self._kept.append(data)
        if len(data) > MOST_KEPT:
            self.flush()

    def flush(self) -> None:
        """Send what was kept. Raises OSError."""
        if self._kept:
            data = b"".join(self._kept)
            self._kept.clear()
            super().sendall(data)

    def shutdown(self, how: int) -> None:
        """Send what was kept, then end that side of the connection. Raises OSError."""
        self.flush()
        super().shutdown(how)


class Connection:
    """One client, touched by one thread at a time: the one that the poller told of it.

    Only `deadline` (of a monotonic clock) and `late` are also touched by the main thread, which ends those whose time
    is over. `held` are the bytes of its unfinished request that were counted, `told` is whether it was told to go on,
    `closing` whether all was said and the client is only waited for to go.
    """

    initialized = data_ready = True  # gunicorn's threaded worker asks for these
    is_http2 = False

    def __init__(self, cfg: Config, sock: socket.socket, client: Any, server: Any) -> None:
        self.sock = AnsweringSocket(sock)
        self.sock.setblocking(True)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _BLOCKED)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _BLOCKED)
        self.number = self.sock.fileno()
        self._cfg = cfg
        self.client = client
        self.server = server
        self.parser: Any = None
        self.gathered = Gathered()
        self.held = 0
        self.deadline = inf
        self.late = self.told = self.closing = False

    def init(self) -> None:
        """Nothing: a parser comes with each request."""

    def received(self) -> bytes | None:
        """What has come; nothing at the connection's end, None when nothing has come yet."""
        try:
            return self.sock.recv(_READ, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def start(self) -> None:
        """Give a parser the gathered request and nothing that came after it.

        Where a request of unclear end was handed on, the parser may go on to read what the client sends.
        """
        data = self.gathered.take()
        if self.gathered.whole:
            self.parser = Parser(self._cfg, (data,), self.client)
        else:
            self.parser = Parser(self._cfg, self.sock, self.client)
            self.parser.unreader.unread(data)

    def expire(self) -> None:
        """End what the client says. A thread sees the end as any other, after what had come before it."""
        self.deadline, self.late = inf, True
        with contextlib.suppress(OSError):  # it is gone already
            self.sock.shutdown(socket.SHUT_RD)

    def tell(self, words: bytes) -> None:
        """Send something next to the answers."""
        with contextlib.suppress(OSError):  # it does not listen
            self.sock.send(words, socket.MSG_DONTWAIT)

    def end(self) -> bool:
        """Say that nothing more will come; whether the client is still there to be waited for.

        Closing at once could destroy an answer that the client has not read yet (RFC 9112 section 9.6).
        """
        self.closing = True
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True
