"""The worker over real sockets: slow clients hold no thread, and every honest client is served as before."""

from __future__ import annotations

import http.client
import os
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, nullcontext
from functools import partial
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVE = """
import os, sys
from flask import Flask, Response, request
from bridge.web.server import Server
from bridge.web.server import worker
worker.REQUEST_SECONDS = float(sys.argv[2])
def create_app():
    app = Flask("echo")
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    @app.post("/")
    def echo():
        return request.get_data()
    @app.get("/processors")
    def processors():
        return ",".join(map(str, sorted(os.sched_getaffinity(0))))
    @app.get("/breaks")
    def breaks():
        def pieces():
            yield b"half of an answer"
            raise ValueError("poisoned")
        return Response(pieces())
    @app.get("/pid")
    def pid():
        return str(os.getpid())
    return app
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
Server(create_app, bind="127.0.0.1:" + sys.argv[1], workers=int(sys.argv[3]), threads=2).run()
"""


class Echo:
    """A running server that gives back what it gets."""

    def __init__(self, seconds: float, workers: int = 1) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = int(listener.getsockname()[1])
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, str(self.port), str(seconds), str(workers)])
        deadline = time.monotonic() + 20
        while True:
            try:
                self.connect().close()
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def connect(self, first: bytes = b"") -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=15)
        opened.sendall(first)
        return opened

    def post(self, body: bytes) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        connection.request("POST", "/", body)
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def pid(self, client: socket.socket | None = None) -> bytes:
        """The worker that answers this client, or a new one."""
        with nullcontext(client) if client else self.connect() as asking:
            return get(asking, b"/pid")

    def wait_for_two_workers(self) -> None:
        deadline = time.monotonic() + 20
        while len({self.pid() for _ in range(8)}) < 2:
            assert time.monotonic() < deadline, "only one worker answers"

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)


def get(client: socket.socket, path: bytes) -> bytes:
    client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    return client.recv(4096).rpartition(b"\r\n")[2]


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    running = Echo(10)
    yield running
    running.stop()


def test_many_slow_clients_hold_nobody_up(echo: Echo) -> None:
    beginnings = (b"", b"PO", b"POST / HTTP/1.1\r\nHost", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
    with ExitStack() as opened:
        slow = [opened.enter_context(echo.connect(beginnings[number % 4])) for number in range(64)]
        assert [echo.post(b"%d" % number) for number in range(20)] == [b"%d" % number for number in range(20)]
        for one in slow:
            one.sendall(b" ")
        assert echo.post(b"again") == b"again"


def test_a_request_in_many_pieces_is_answered(echo: Echo) -> None:
    with echo.connect() as client:
        for piece in (b"POST / HT", b"TP/1.1\r\nHost: x\r\nContent-", b"Length: 6\r\n\r", b"\nab", b"cd", b"ef"):
            client.sendall(piece)
            time.sleep(0.01)
        assert client.recv(4096).endswith(b"abcdef")


def test_requests_sent_in_one_go_are_answered_in_order(echo: Echo) -> None:
    one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
    with echo.connect(one + b"1" + one + b"2" + one) as client:
        client.sendall(b"3")
        client.shutdown(socket.SHUT_WR)
        answers = b"".join(iter(lambda: client.recv(4096), b""))
    assert answers.count(b"HTTP/1.1 200") == 3
    assert [answers.index(b"\r\n\r\n" + digit) for digit in (b"1", b"2", b"3")] == sorted(
        answers.index(b"\r\n\r\n" + digit) for digit in (b"1", b"2", b"3")
    )


def test_a_body_in_chunks_is_answered_and_the_connection_kept(echo: Echo) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", echo.port, timeout=15)
    for _ in range(2):
        connection.request("POST", "/", iter([b"ab", b"c" * 70_000]), encode_chunked=True)
        assert connection.getresponse().read() == b"ab" + b"c" * 70_000
    connection.close()


def test_one_that_waits_to_be_told_to_go_on_is_told_once(echo: Echo) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with echo.connect(head) as client:
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ok")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b" 100 " not in answer
    assert answer.endswith(b"ok")


def test_too_large_a_body_is_refused_without_waiting_for_it(echo: Echo) -> None:
    with echo.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nabc") as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 413")


def test_an_answer_that_breaks_is_an_error_and_not_half_an_answer(echo: Echo) -> None:
    with echo.connect(b"GET /breaks HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 500")
    assert answer.count(b"HTTP/1.1") == 1
    assert b"half" not in answer


def test_an_answer_to_head_has_no_body_and_the_client_goes_on(echo: Echo) -> None:
    with echo.connect(b"HEAD /pid HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        head = client.recv(4096)
        assert head.startswith(b"HTTP/1.1 200")
        assert head.endswith(b"\r\n\r\n")
        assert b"\r\nDate: " in head
        assert echo.pid(client).isdigit()


def test_what_is_no_http_is_refused(echo: Echo) -> None:
    with echo.connect(b"NONSENSE\r\n\r\n") as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 400")
    assert echo.post(b"still here") == b"still here"


def test_one_whose_time_is_over_is_told_so_and_dropped() -> None:
    echo = Echo(0.3)
    with echo.connect(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na") as slow, echo.connect() as silent:
        assert slow.recv(4096).startswith(b"HTTP/1.1 408")
        assert slow.recv(4096) == b""
        assert silent.recv(4096) == b""
    assert echo.post(b"others") == b"others"
    assert echo.stop() == 0


def test_those_that_were_told_to_go_and_stay_hold_nobody_up(echo: Echo) -> None:
    last = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n"
    with ExitStack() as opened:
        staying = [opened.enter_context(echo.connect(last + b"1")) for _ in range(16)]
        for one in staying:
            assert b"".join(iter(partial(one.recv, 4096), b"")).endswith(b"\r\n\r\n1")
        assert echo.post(b"next") == b"next"
        for one in staying:
            one.sendall(b"and more that nobody reads")
        assert echo.post(b"again") == b"again"


def test_what_is_sent_after_an_unclear_end_is_no_request(echo: Echo) -> None:
    unclear = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"
    with echo.connect(unclear + b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n3") as client:
        answers = b"".join(iter(lambda: client.recv(4096), b""))
    assert answers.startswith(b"HTTP/1.1 400")
    assert answers.count(b"HTTP/1.1") == 1


def test_a_client_whose_connection_breaks_is_forgotten(echo: Echo) -> None:
    for _ in range(8):
        with echo.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na") as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends with a reset
    assert echo.post(b"next") == b"next"


def test_clients_that_come_at_once_and_stay_are_shared_out_among_the_workers() -> None:
    echo = Echo(10, workers=2)
    echo.wait_for_two_workers()
    with ExitStack() as opened:
        clients = [opened.enter_context(echo.connect()) for _ in range(40)]
        shares = Counter(echo.pid(client) for client in clients)
    assert len(shares) == 2
    assert min(shares.values()) >= 15
    assert echo.stop() == 0


def test_each_worker_stays_on_a_processor_of_its_own_where_there_are_as_many() -> None:
    echo = Echo(10, workers=2)
    echo.wait_for_two_workers()
    with ExitStack() as opened:
        clients = [opened.enter_context(echo.connect()) for _ in range(8)]
        found = {(get(client, b"/pid"), get(client, b"/processors")) for client in clients}
    echo.stop()
    pids, places = zip(*found, strict=True)
    assert len(set(pids)) == len(found) == 2  # a worker does not move
    there_are = sorted(os.sched_getaffinity(0))[:2]
    assert sorted(places) == sorted(b"%d" % one for one in (there_are if len(there_are) > 1 else there_are * 2))


def test_one_worker_may_use_every_processor(echo: Echo) -> None:
    there_are = sorted(os.sched_getaffinity(0))[:2]
    with echo.connect() as client:
        assert get(client, b"/processors") == b",".join(b"%d" % one for one in there_are)


def test_a_stopping_worker_does_not_wait_for_slow_clients() -> None:
    echo = Echo(60)
    with echo.connect(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na"), echo.connect():
        assert echo.post(b"x") == b"x"
        assert echo.stop() == 0
