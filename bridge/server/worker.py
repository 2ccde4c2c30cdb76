"""gunicorn's threaded worker, but a request reaches a thread only when all of it has come.

A thread that reads from a client that drips a byte a second is a thread lost; sixteen such clients would stop the
service. Here they cost a little memory until their time is over. What gunicorn itself bounds is the silence before
the first byte only.
"""

from __future__ import annotations

import contextlib
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

from bridge.server.framing import Gathered

REQUEST_SECONDS: Final = 20.0
"""All of a request must have come by then, counted from its first byte (or from the connection's beginning)."""

LINGER_SECONDS: Final = 2.0
"""The same while the worker is stopping."""

MOST_HELD: Final = 64 * 1024 * 1024
"""Bytes of unfinished requests that a worker holds; who brings more is turned away."""

_READ: Final = 256 * 1024
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_MUCH: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"
)
_GO_ON: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(TConn):
    """One client. `gathered` is touched by one thread at a time: the worker's own until the request is handed on."""

    def __init__(self, *place: Any) -> None:
        super().__init__(*place)
        self.gathered = Gathered()
        self.since = time.monotonic()
        self.told = False


class Worker(ThreadWorker):
    """Gathers requests in its main thread and answers them in the others."""

    def init_process(self) -> None:
        """Begin, after the fork."""
        self._gathering: dict[Connection, None] = {}
        self._held = 0
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take a new client and wait for what it sends."""
        try:
            client, address = listener.accept()
        except OSError:  # it is gone again, or another worker was quicker
            return
        self.nr_conns += 1
        self._gather(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """A client that was kept begins its next request, or goes. Most requests come in one piece."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        data = _received(client)
        if data and conn.gathered.add(data):
            self.enqueue_req(conn)
            return
        self._gather(conn)
        if data is not None:
            self._go_on(conn, data, ready=False)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """After the answer: wait for the client's next request, or begin with what it sent already."""
        super().finish_request(conn, fs)
        if conn.gathered and conn in self.keepalived_conns:
            self.poller.unregister(conn.sock)
            self.keepalived_conns.remove(conn)
            self._gather(conn)
            self._go_on(conn, b" ", ready=conn.gathered.add(b""))

    def murder_pending(self) -> None:
        """End those whose time is over."""
        now = time.monotonic()
        patience = REQUEST_SECONDS if self.alive else LINGER_SECONDS
        for conn in [conn for conn in self._gathering if now - conn.since >= patience]:
            self._drop(conn, _TOO_SLOW if conn.gathered else b"")
        super().murder_pending()

    def handle(self, conn: Any) -> Any:
        """In a thread: give the parser the request, and nothing that came after it."""
        conn.sock.setblocking(True)
        conn.init()
        conn.parser.unreader.unread(conn.gathered.take())
        return super().handle(conn)

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Whether the client may go on: not where it is unknown where its next request begins."""
        return bool(conn.gathered.whole and super()._keepalive_after(conn, keepalive))  # type: ignore[misc]  # old stubs

    def _gather(self, conn: Connection) -> None:
        conn.since, conn.told = time.monotonic(), False
        self._gathering[conn] = None
        self._held += len(conn.gathered)
        self.poller.register(conn.sock, EVENT_READ, partial(self._read, conn))

    def _read(self, conn: Connection, client: Any) -> None:
        data = _received(client)
        if data is not None:
            self._held += len(data)
            self._go_on(conn, data, ready=bool(data) and conn.gathered.add(data))

    def _go_on(self, conn: Connection, data: bytes, *, ready: bool) -> None:
        """After something came of a request that is being gathered, nothing at the connection's end."""
        if not data:
            self._drop(conn)
        elif ready:
            self._leave(conn)
            self.enqueue_req(conn)
        elif self._held > MOST_HELD:
            self._drop(conn, _TOO_MUCH)
        elif conn.gathered.expects and not conn.told:
            conn.told = True
            _tell(conn, _GO_ON)

    def _leave(self, conn: Connection) -> None:
        self.poller.unregister(conn.sock)
        del self._gathering[conn]
        self._held -= len(conn.gathered)

    def _drop(self, conn: Connection, last_words: bytes = b"") -> None:
        self._leave(conn)
        self.nr_conns -= 1
        _tell(conn, last_words)
        conn.close()


def _received(client: Any) -> bytes | None:
    """What has come; nothing at the connection's end, None when nothing has come yet."""
    try:
        data: bytes = client.recv(_READ)
    except BlockingIOError:
        return None
    except OSError:
        return b""
    return data


def _tell(conn: Connection, words: bytes) -> None:
    with contextlib.suppress(OSError):  # it does not listen
        conn.sock.send(words)
