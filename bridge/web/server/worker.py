"""A gunicorn worker whose threads wait for clients together, and start with a request only when all of it has come.

gunicorn's own threaded worker reads a request in the thread that answers it: a client that drips a byte a second costs
a thread, and sixteen such clients stop the service. Here they cost a little memory until their time is over: every
thread asks the poller for the next client that has sent something, reads what has come, answers what is whole, and has
that client watched again. Nothing a client does makes a thread wait: neither what it does not send nor what it does
not take. Of gunicorn only the base class of workers is used: processes, signals and settings.
https://man7.org/linux/man-pages/man7/epoll.7.html (EPOLLONESHOT)
"""

from __future__ import annotations

import errno
import os
import select
import threading
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from gunicorn.errors import ConfigError
from gunicorn.workers.base import Worker as BaseWorker

from bridge import log
from bridge.web.server import capacity, processor, wsgi
from bridge.web.server.connection import Connection
from bridge.web.server.delayed import Delayed
from bridge.web.server.message import ON_REFUSED, RefusedError

if TYPE_CHECKING:
    from gunicorn.config import Config

    from bridge.web.server.framing import Message

REQUEST_SECONDS: Final = 20.0
"""All of a request must have come by then, counted from its first byte (or from the connection's start)."""

ANSWER_SECONDS: Final = 20.0
"""All of an answer must have been taken by then."""

LINGER_SECONDS: Final = 2.0
"""How long an answered client may take to go, and a slow one when the worker is stopping."""

ANSWERS_IN_A_ROW: Final = 8
"""So many requests of one client are answered before others have their turn."""

DEFAULT_MAX_BODY: Final = 1024 * 1024
"""The largest body where the application names no MAX_CONTENT_LENGTH."""

_LOOK_SECONDS: Final = 0.5
_READ: Final = select.EPOLLIN | select.EPOLLONESHOT
_WRITE: Final = select.EPOLLOUT | select.EPOLLONESHOT
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_NO_DESCRIPTOR: Final = (errno.EMFILE, errno.ENFILE)

_TOO_SLOW: Final = RefusedError(408, "too slow")
_NO_ROOM: Final = RefusedError(503, "no room")
_INCOMPLETE: Final = RefusedError(400, "incomplete")

_GIVE_WAY_SECONDS: Final = 0.0005
"""How long a worker leaves a new client to its siblings, for each client that it has."""
_LONGEST_GIVE_WAY: Final = 0.01


class Worker(BaseWorker):
    """Answers clients in threads that wait for them together; its main thread accepts them and ends slow ones."""

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        """Refuse what this worker does not do. Raises ConfigError."""
        del log
        if cfg.is_ssl:
            raise ConfigError("this worker speaks plain HTTP: let the proxy in front of it hold the certificate")
        if cfg.accesslog:
            raise ConfigError("this worker writes no access log: each request has a line in the service's own log")

    def init_process(self) -> None:
        """Start, after the fork."""
        processor.settle(self.cfg.workers, self.age)
        self._clients: dict[int, Connection] = {}
        self._poller = select.epoll()
        self._held = capacity.Held()
        self._most_clients = capacity.connections(self.cfg.worker_connections)
        self._delayed = Delayed(self._most_clients // 4)
        self._keepalive_seconds = float(self.cfg.keepalive)
        self._woken = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        super().init_process()

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Stop in order."""
        super().handle_exit(sig, frame)
        os.eventfd_write(self._woken, 1)

    def run(self) -> None:
        """Serve until asked to stop, and then until all that was asked is answered."""
        self._on_refused = getattr(self.wsgi, "extensions", {}).get(ON_REFUSED, lambda refused, address: None)
        self._max_body = getattr(self.wsgi, "config", {}).get("MAX_CONTENT_LENGTH") or DEFAULT_MAX_BODY
        self._bases = {
            listener.fileno(): wsgi.base_environ(listener.getsockname(), multiprocess=self.cfg.workers > 1)
            for listener in self.sockets
        }
        for number in range(self.cfg.threads):
            threading.Thread(target=self._serve, daemon=True, name=f"answers-{number}").start()
        self._accept_clients()
        for listener in self.sockets:
            listener.close()
        self._see_off()

    def _accept_clients(self) -> None:
        """In the main thread: accept clients, and end those whose time is over."""
        listeners = {listener.fileno(): listener for listener in self.sockets}
        door = select.epoll()
        door.register(self._woken, select.EPOLLIN)
        for number, listener in listeners.items():
            listener.setblocking(False)
            door.register(number, select.EPOLLIN)
        while self.alive and self.ppid == os.getppid():
            patience = self._delayed.seconds_to_next(monotonic(), _LOOK_SECONDS)
            ready = [listeners[number] for number, _ in door.poll(patience) if number in listeners]
            self._keep_time()
            if ready and self._clients:  # a worker with fewer clients is quicker, so that none gets them all
                select.select([self._woken], [], [], min(len(self._clients) * _GIVE_WAY_SECONDS, _LONGEST_GIVE_WAY))
            if sum(map(self._accept, ready)) < len(ready):
                select.select([self._woken], [], [], _LOOK_SECONDS / 10)

    def _accept(self, listener: Any) -> bool:
        """Take new clients, more the more there are, and wait for what they send; False when there is no room yet."""
        for number in range(capacity.at_once(len(self._clients))):
            if number and not select.select([listener], [], [], 0)[0]:
                break
            if not self._make_room(self._most_clients):
                return False
            try:
                sock, peer = listener.accept()
            except OSError as error:  # it is gone again, another worker was quicker, or descriptors are used up
                if error.errno in _NO_DESCRIPTOR:
                    self._make_room(len(self._clients))
                return error.errno not in _NO_DESCRIPTOR
            client = Connection(sock, peer, self._max_body, self._bases[listener.fileno()])
            client.heard_at = monotonic()
            client.deadline = client.heard_at + self._patience()
            self._clients[client.number] = client
            self._poller.register(client.number, _READ)
        return True

    def _make_room(self, most: int) -> bool:
        """End a client where there are this many; whether another may come."""
        clients = list(self._clients.values())
        giving_way = capacity.who_gives_way(clients, most)
        if giving_way is not None:
            giving_way.expire(_NO_ROOM)
        return giving_way is not None or len(clients) < most

    def _keep_time(self) -> None:
        self.notify()
        now = monotonic()
        for client in [client for client in list(self._clients.values()) if client.deadline <= now]:
            client.expire(_TOO_SLOW)
        for client in self._delayed.due(now if self.alive else inf):
            self._watch(client)

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
        """In a thread, for ever: look after the next client that sent something or takes more of its answer."""
        while True:
            for number, _ in self._poller.poll(-1, 1):
                client = self._clients.get(number)
                if client is None:
                    continue
                try:
                    self._look_after(client)
                except OSError:  # it is gone
                    self._close(client)
                except Exception as error:  # noqa: BLE001 - the thread has other clients
                    log.broke(error)
                    self._close(client)

    def _look_after(self, client: Connection) -> None:
        if client.closing:
            self._watch(client) if client.receive() != b"" else self._close(client)
        elif not client.send():
            self._watch(client)
        elif client.last:
            self._end(client)
        elif client.behind or self._read(client):
            self._answer_all(client)

    def _read(self, client: Connection) -> bool:
        """Take what has come; whether the client is still there."""
        data = client.receive()
        if data == b"":
            self._lose(client)
            return False
        if data:
            client.heard_at = monotonic()
            if not client.gathered.started:
                client.deadline = client.heard_at + self._patience()
            client.gathered.add(data)
        return True

    def _answer_all(self, client: Connection) -> None:
        """Answer what is whole of what came, then wait for the rest, or for others to have had their turn."""
        client.behind = False
        for _ in range(ANSWERS_IN_A_ROW):
            try:
                message = client.gathered.next()
            except RefusedError as refused:
                self._refuse(client, refused)
                return
            if message is None:
                self._wait_for_rest(client)
                return
            if not self._answer(client, message):
                return
        client.behind = True
        self._watch(client, _WRITE)

    def _answer(self, client: Connection, message: Message) -> bool:
        """Answer a request; whether the client's next one may be answered now."""
        client.deadline, client.asked_on = inf, False
        self._held.count(client, 0)
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        client.last = message.too_large or not (message.head.keep_alive and self.alive)
        environ = wsgi.environ_of(message, client.peer, client.base)
        return self._send(client, wsgi.run(self.wsgi, environ, keep_alive=not client.last))

    def _send(self, client: Connection, answer: bytes) -> bool:
        """Send an answer; whether all of it left and another may follow. One of many that refuse waits a moment."""
        client.heard_at = monotonic()
        waits = self._delayed.holds(client, answer, client.heard_at)
        if waits or not client.send(answer):
            client.deadline, client.behind = client.heard_at + ANSWER_SECONDS, True
            if not waits:
                self._watch(client)
            return False
        if client.last:
            self._end(client)
            return False
        client.deadline = client.heard_at + (self._patience() if client.gathered.started else self._keepalive_seconds)
        return True

    def _wait_for_rest(self, client: Connection) -> None:
        """Watch for more of a request, or for the next one."""
        self._held.count(client, len(client.gathered))
        greedy = self._held.greedy() if client.held else None
        if greedy is not None:
            largest = capacity.who_holds_most(list(self._clients.values()), greedy)
            if largest is client:
                self._refuse(client, _NO_ROOM)
                return
            if largest is not None:
                largest.expire(_NO_ROOM)
        if client.gathered.waits_for_continue and not client.asked_on:
            client.asked_on = True
            client.send(_CONTINUE)
        self._watch(client)

    def _refuse(self, client: Connection, refused: RefusedError) -> None:
        """Answer what is not a request, or will be none; the connection ends with it."""
        self._held.count(client, 0)
        client.last = True
        self._on_refused(refused, client.peer[0])
        self._send(client, wsgi.refusal(refused))

    def _lose(self, client: Connection) -> None:
        """The client ended, or was ended."""
        if client.gathered.started:
            self._on_refused(client.ended_by or _INCOMPLETE, client.peer[0])
            if client.ended_by is not None:
                client.send(wsgi.refusal(client.ended_by))
        self._close(client)

    def _end(self, client: Connection) -> None:
        if client.end():
            client.deadline = monotonic() + LINGER_SECONDS
            self._watch(client)
        else:
            self._close(client)

    def _watch(self, client: Connection, events: int = 0) -> None:
        self._poller.modify(client.number, events or (_WRITE if client.outgoing else _READ))

    def _close(self, client: Connection) -> None:
        self._held.count(client, 0)
        if self._clients.get(client.number) is client:  # its number may be another's already
            del self._clients[client.number]
        client.close()
