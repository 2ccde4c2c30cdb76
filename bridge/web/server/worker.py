"""A gunicorn worker whose threads wait for clients themselves, and start with a request only when all of it has come.

gunicorn's own threaded worker reads a request in the thread that answers it: a client that drips a byte a second costs
a thread, and sixteen such clients stop the service. Here they cost a little memory until their time is over. It also
hands each request from its main thread to another one and back. Here every thread asks the poller for the next client
that has sent something, reads what has come, answers what is whole, and has that client watched again. What a request
means is left to gunicorn's parser. https://man7.org/linux/man-pages/man7/epoll.7.html (EPOLLONESHOT)
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from datetime import UTC, datetime
from functools import cache
from math import inf
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from gunicorn.errors import ConfigError
from gunicorn.http.wsgi import create
from gunicorn.workers.base import Worker as BaseWorker
from gunicorn.workers.gthread import ThreadWorker

from bridge.web.server.balance import SLOTS, Balance
from bridge.web.server.connection import Connection
from bridge.web.server.exchange import Reply

if TYPE_CHECKING:
    from gunicorn.config import Config

REQUEST_SECONDS: Final = 20.0
"""All of a request must have come by then, counted from its first byte (or from the connection's start)."""

LINGER_SECONDS: Final = 2.0
"""How long an answered client may take to go, and a slow one when the worker is stopping."""

MOST_HELD: Final = 64 * 1024 * 1024
"""Bytes of unfinished requests that a worker holds; who brings more is turned away."""

GIVE_WAY_SECONDS: Final = 0.005
"""How long a worker leaves a new client to another one that has fewer."""

_LOOK_SECONDS: Final = 0.5
_WATCH: Final = select.EPOLLIN | select.EPOLLONESHOT
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_MUCH: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"
)
_GO_ON: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Worker(ThreadWorker):
    """Answers clients in threads that wait for them together; its main thread lets them in and ends slow ones."""

    def __init__(self, *place: Any) -> None:
        """In the master, before the fork."""
        super().__init__(*place)
        self._balance = _balance()
        self._slot = self.age % SLOTS

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        """Refuse what this worker does not do. Raises ConfigError."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ConfigError("this worker speaks plain HTTP: let the proxy in front of it hold the certificate")

    def init_process(self) -> None:
        """Start, after the fork."""
        self._clients: dict[int, Connection] = {}
        self._watched = select.epoll()
        self._held = 0
        self._holding = threading.Lock()
        _spread_out(self.cfg)
        self._settle()
        BaseWorker.init_process(self)  # without the queue and the pool of the threaded worker

    def _settle(self) -> None:
        """Where there is a processor for each worker, stay on one: its caches then hold what the worker needs.

        Only one thread of a process runs Python at a time, so nothing is lost by that.
        """
        processors = sorted(os.sched_getaffinity(0))
        if 1 < len(processors) == self.cfg.workers:
            mine = self._balance.take_processor(self._slot, len(processors), monotonic())
            with contextlib.suppress(OSError):  # not every host allows it, and nothing but speed depends on it
                os.sched_setaffinity(0, {processors[mine]})

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Stop in order. The signal itself wakes the main thread."""
        BaseWorker.handle_exit(self, sig, frame)

    def handle_quit(self, sig: Any, frame: Any) -> None:
        """Stop at once."""
        BaseWorker.handle_quit(self, sig, frame)

    def run(self) -> None:
        """Serve until told to stop, and then until all that was asked is answered."""
        for number in range(self.cfg.threads):
            threading.Thread(target=self._serve, daemon=True, name=f"answers-{number}").start()
        self._let_in()
        for listener in self.sockets:
            listener.close()
        self._see_off()

    def _let_in(self) -> None:
        """In the main thread: accept clients, and end those whose time is over."""
        signals, door = select.epoll(), select.epoll()
        listeners = {listener.fileno(): listener for listener in self.sockets}
        for poller in (signals, door):
            poller.register(self.PIPE[0], select.EPOLLIN)
        for number, listener in listeners.items():
            listener.setblocking(False)
            door.register(number, select.EPOLLIN)
        while self.alive and self.is_parent_alive():
            full = len(self._clients) >= self.worker_connections
            for number, _ in (signals if full else door).poll(_LOOK_SECONDS):
                if number in listeners:
                    self._give_way()
                    self.accept(listeners[number])
                else:
                    os.read(number, 4096)
            self._keep_time()

    def _give_way(self) -> None:
        """Leave the client to another worker for a moment: it will stay where it is let in."""
        now, mine = monotonic(), len(self._clients)
        self._balance.tell(self._slot, mine, now)
        if self._balance.another_is_freer(mine, now):
            sleep(GIVE_WAY_SECONDS)

    def accept(self, listener: Any) -> None:
        """Take a new client and wait for what it sends."""
        try:
            sock, address = listener.accept()
        except OSError:  # it is gone again, or another worker was quicker
            return
        client = Connection(self.cfg, sock, address, listener.getsockname())
        client.deadline = monotonic() + self._patience()
        self._clients[client.number] = client
        self._watched.register(client.number, _WATCH)

    def _keep_time(self) -> None:
        self.notify()
        now = monotonic()
        self._balance.tell(self._slot, len(self._clients), now)
        for client in [client for client in list(self._clients.values()) if client.deadline <= now]:
            client.expire()

    def _see_off(self) -> None:
        """Wait for those that are being answered, as long as is allowed, and shortly for the others."""
        end = monotonic() + self.cfg.graceful_timeout
        for client in list(self._clients.values()):
            client.deadline = min(client.deadline, monotonic() + LINGER_SECONDS)
        while self._clients and monotonic() < end:
            self._keep_time()
            select.select([], [], [], _LOOK_SECONDS / 10)

    def _patience(self) -> float:
        return REQUEST_SECONDS if self.alive else LINGER_SECONDS

    def _serve(self) -> None:
        """In a thread, for ever: look after the next client that sent something."""
        while True:
            for number, _ in self._watched.poll(-1, 1):
                client = self._clients.get(number)
                if client is None:
                    continue
                try:
                    self._look_after(client)
                except Exception:
                    self.log.exception("a client is let go")
                    self._close(client)

    def _look_after(self, client: Connection) -> None:
        data = client.received()
        if client.closing:
            self._watch(client) if data != b"" else self._close(client)
        elif data is None:
            self._watch(client)
        elif not data:
            self._lose(client)
        else:
            starts = not client.gathered
            whole = client.gathered.add(data)
            while whole and self._answer(client):
                whole, starts = bool(client.gathered) and client.gathered.add(b""), True
            if not client.closing:
                self._wait_for_rest(client, starts=starts)

    def handle(self, conn: Any) -> Any:
        """Answer the request that the parser has; whether the client may go on."""
        goes_on = super().handle(conn)
        try:
            conn.sock.flush()
        except OSError:  # it is gone, or does not take its answer
            return False
        return goes_on

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Let the application answer; whether the client may go on. Nothing is sent before all of it is there."""
        reply, environ = create(req, conn.sock, conn.client, conn.server, self.cfg, response_class=Reply)
        environ["wsgi.multithread"] = True
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        if not self.alive:
            reply.force_close()
        started = datetime.now(UTC)
        pieces = self.wsgi(environ, reply.start_response)  # type: ignore[arg-type]  # old stubs
        try:
            body = b"".join(pieces)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        reply.write(body)
        reply.close()
        if self.log.access_log_enabled:
            self.log.access(reply, req, environ, datetime.now(UTC) - started)
        return not reply.should_close()

    def _answer(self, client: Connection) -> bool:
        """Answer a request; whether the client may go on."""
        client.deadline, client.told = inf, False
        self._hold(client, 0)
        client.start()
        if self.handle(client):
            client.deadline = monotonic() + self.cfg.keepalive
            return True
        if client.end():
            client.deadline = monotonic() + LINGER_SECONDS
            self._watch(client)
        else:
            self._close(client)
        return False

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """Whether the client may go on: not where it is unknown where its next request starts."""
        return bool(keepalive and conn.gathered.whole)

    def _wait_for_rest(self, client: Connection, *, starts: bool) -> None:
        """Watch for more of a request, or for the next one."""
        if client.gathered:
            if starts:
                client.deadline = monotonic() + self._patience()
            if self._hold(client, len(client.gathered)) > MOST_HELD:
                client.tell(_TOO_MUCH)
                self._close(client)
                return
            if client.gathered.expects and not client.told:
                client.told = True
                client.tell(_GO_ON)
        self._watch(client)

    def _hold(self, client: Connection, size: int) -> int:
        """Count what is held of this client's unfinished request; what is held of all."""
        if size != client.held:
            with self._holding:
                self._held += size - client.held
                client.held = size
        return self._held

    def _watch(self, client: Connection) -> None:
        self._watched.modify(client.number, _WATCH)

    def _lose(self, client: Connection) -> None:
        """The client ended, or its time did."""
        if client.late and client.gathered:
            client.tell(_TOO_SLOW)
        self._close(client)

    def _close(self, client: Connection) -> None:
        self._hold(client, 0)
        if self._clients.get(client.number) is client:  # its number may be another's already
            del self._clients[client.number]
        client.closing = True
        client.sock.close()


@cache
def _balance() -> Balance:
    """The one of this master and all its workers."""
    return Balance()


def _spread_out(cfg: Config) -> None:
    """Make the settings plain attributes: gunicorn looks each of them up some twenty times a request."""
    vars(cfg).update({name: setting.get() for name, setting in cfg.settings.items()})
