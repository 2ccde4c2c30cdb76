"""The worker over real sockets: slow clients hold no thread, and every honest client is served as before."""

from __future__ import annotations

import http.client
import socket
import struct
import subprocess
import sys
import time
from contextlib import ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING

import pytest

from tests.fuzz import sockets
from tests.waiting import PATIENCE_SECONDS, is_listened_to, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVE = """
import os, sys
from flask import Flask, Response, request
from bridge.web.server import Server
from bridge.web.server import capacity, worker
from bridge.web.server.message import ON_REFUSED
worker.REQUEST_SECONDS = worker.ANSWER_SECONDS = float(sys.argv[2])
capacity.MAX_HELD = 3_000_000
if len(sys.argv) > 4:
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[4]), int(sys.argv[4])))
def create_app():
    app = Flask("echo")
    app.config["MAX_CONTENT_LENGTH"] = 1 << 20
    @app.post("/")
    def echo():
        return request.get_data()
    @app.get("/large")
    def large():
        return b"a" * 1_000_000
    app.extensions[ON_REFUSED] = lambda refused, address: print("refused", refused.status, address, flush=True)
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
Server(create_app, bind="127.0.0.1:" + sys.argv[1], workers=int(sys.argv[3]), threads=2).run()
"""


class Echo:
    """A running server that gives back what it gets."""

    def __init__(self, seconds: float, workers: float = 1, *more: float) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = int(listener.getsockname()[1])
        arguments = [str(self.port), str(seconds), *(str(int(one)) for one in (workers, *more))]
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, *arguments])
        wait_until(lambda: is_listened_to(self.port))

    def connect(self, first: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
        opened = socket.create_connection(
            ("127.0.0.1", self.port), timeout=PATIENCE_SECONDS, source_address=(source, 0)
        )
        opened.sendall(first)
        return opened

    def post(self, body: bytes) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.request("POST", "/", body)
        answer = connection.getresponse().read()
        connection.close()
        return answer

    def pid(self, client: socket.socket | None = None) -> bytes:
        """The worker that answers this client, or a new one."""
        with nullcontext(client) if client else self.connect() as asking:
            return get(asking, b"/pid")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)


def get(client: socket.socket, path: bytes) -> bytes:
    client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    return client.recv(4096).rpartition(b"\r\n")[2]


def everything(client: socket.socket) -> bytes:
    """What comes until the connection ends."""
    received = []
    with suppress(ConnectionResetError):
        while piece := client.recv(65536):
            received.append(piece)
    return b"".join(received)


@pytest.fixture(scope="module")
def new_echo() -> Iterator[Callable[..., Echo]]:
    """Starts servers that end with the tests: how long a request may take, workers, descriptors."""
    with ExitStack() as at_the_end:

        def start(*arguments: float) -> Echo:
            started = Echo(*arguments)
            at_the_end.callback(started.stop)
            return started

        yield start


@pytest.fixture(scope="module")
def echo(new_echo: Callable[..., Echo]) -> Echo:
    return new_echo(10)


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
        answers = everything(client)
    assert answers.count(b"HTTP/1.1 200") == 3
    assert [answers.index(b"\r\n\r\n" + digit) for digit in (b"1", b"2", b"3")] == sorted(
        answers.index(b"\r\n\r\n" + digit) for digit in (b"1", b"2", b"3")
    )


def test_a_body_in_chunks_is_answered_and_the_connection_kept(echo: Echo) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", echo.port, timeout=PATIENCE_SECONDS)
    for _ in range(2):
        connection.request("POST", "/", iter([b"ab", b"c" * 70_000]), encode_chunked=True)
        assert connection.getresponse().read() == b"ab" + b"c" * 70_000
    connection.close()


def test_one_that_waits_to_be_asked_to_go_on_is_reported_once(echo: Echo) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    with echo.connect(head) as client:
        assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ok")
        answer = everything(client)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b" 100 " not in answer
    assert answer.endswith(b"ok")


def test_too_large_a_body_is_refused_without_waiting_for_it(echo: Echo) -> None:
    with echo.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nabc") as client:
        assert client.recv(4096).startswith(b"HTTP/1.1 413")


def test_an_answer_that_breaks_is_an_error_and_not_half_an_answer(echo: Echo) -> None:
    with echo.connect(b"GET /breaks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as client:
        answer = everything(client)
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


def test_one_whose_time_is_over_is_reported_so_and_dropped(new_echo: Callable[..., Echo]) -> None:
    echo = new_echo(0.3)
    with echo.connect(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na") as slow, echo.connect() as silent:
        assert slow.recv(4096).startswith(b"HTTP/1.1 408")
        assert slow.recv(4096) == b""
        assert silent.recv(4096) == b""
    assert echo.post(b"others") == b"others"
    assert echo.stop() == 0


def test_those_that_were_asked_to_go_and_stay_hold_nobody_up(echo: Echo) -> None:
    last = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n"
    with ExitStack() as opened:
        staying = [opened.enter_context(echo.connect(last + b"1")) for _ in range(16)]
        for one in staying:
            assert everything(one).endswith(b"\r\n\r\n1")
        assert echo.post(b"next") == b"next"
        for one in staying:
            one.sendall(b"and more that nobody reads")
        assert echo.post(b"again") == b"again"


def test_what_is_sent_after_an_unclear_end_is_no_request(echo: Echo) -> None:
    unclear = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"
    with echo.connect(unclear + b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n3") as client:
        answers = everything(client)
    assert answers.startswith(b"HTTP/1.1 400")
    assert answers.count(b"HTTP/1.1") == 1


def test_a_client_whose_connection_breaks_is_forgotten(echo: Echo) -> None:
    for _ in range(8):
        with echo.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na") as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends with a reset
    assert echo.post(b"next") == b"next"


UNCLEAR = (
    b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    b"Transfer-Encoding: identity, chunked\r\n\r\n",
    b"X: " + b"a" * 72_000,
    b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 1_100,
)


@pytest.mark.parametrize("rest", UNCLEAR)
def test_requests_whose_end_is_not_clear_hold_nobody_up(echo: Echo, rest: bytes) -> None:
    with ExitStack() as opened:
        clients = [opened.enter_context(echo.connect(b"POST / HTTP/1.1\r\nHost: x\r\n" + rest)) for _ in range(32)]
        assert echo.post(b"others") == b"others"
        assert {everything(client)[9:12] for client in clients} <= {b"400", b"431", b"501"}


def test_clients_that_do_not_take_their_answers_hold_nobody_up(echo: Echo) -> None:
    with ExitStack() as opened:
        for _ in range(32):
            client = opened.enter_context(echo.connect())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        assert [echo.post(b"%d" % number) for number in range(10)] == [b"%d" % number for number in range(10)]


def test_a_client_that_takes_its_answers_slowly_gets_all_of_them(echo: Echo) -> None:
    with echo.connect(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 12) as client:
        client.shutdown(socket.SHUT_WR)
        answers = everything(client)
    assert answers.count(b"HTTP/1.1 200") == 12
    assert answers.count(b"a" * 1_000_000) == 12


def test_a_long_pipeline_leaves_others_their_turn_and_is_answered_whole(echo: Echo) -> None:
    with echo.connect(b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx" * 200) as client:
        assert echo.post(b"others") == b"others"
        client.shutdown(socket.SHUT_WR)
        assert everything(client).count(b"HTTP/1.1 200") == 200


def test_what_is_sent_in_two_ways_is_one_request(echo: Echo) -> None:
    smuggled = b"GET /pid HTTP/1.1\r\nHost: e\r\n\r\n"
    post = b"POST / HTTP/1.1\r\nHost: x\r\n"
    for rest in (
        b"Content-Length: 0000000000000000037\r\n\r\n" + smuggled,
        b"Transfer-Encoding: chunked\r\n\r\n0000000030\r\n" + smuggled + b"\r\n0\r\n\r\n",
    ):
        with echo.connect(post + rest) as client:
            assert everything(client).count(b"HTTP/1.1") == 1


def test_when_descriptors_run_out_those_who_idle_give_way(new_echo: Callable[..., Echo]) -> None:
    echo = new_echo(60, 1, 200)
    with ExitStack() as opened:
        idle = [opened.enter_context(echo.connect()) for _ in range(300)]
        assert [echo.post(b"new") for _ in range(20)] == [b"new"] * 20
        assert idle[0].recv(1) == b""
    assert echo.stop() == 0


def test_one_address_that_takes_all_connections_ends_its_own(new_echo: Callable[..., Echo]) -> None:
    echo = new_echo(60, 1, 200)
    with ExitStack() as opened, echo.connect(source="127.0.0.2") as other:
        for _ in range(300):
            opened.enter_context(echo.connect())
        other.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        assert everything(other).endswith(b"ok")
    assert echo.stop() == 0


def test_one_address_that_fills_the_memory_is_refused_and_no_other(echo: Echo) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"
    with ExitStack() as opened, echo.connect(head + b"a" * 600_000, source="127.0.0.2") as other:
        greedy = [opened.enter_context(echo.connect()) for _ in range(8)]
        for client in greedy:
            with suppress(OSError):
                client.sendall(head + b"a" * 900_000)
        assert any(everything(client).startswith(b"HTTP/1.1 503") for client in greedy[:-1])
        other.sendall(b"a" * 400_000)
        answer = b""
        while not answer.endswith(b"a" * 1_000_000):
            answer += other.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")


def test_a_storm_of_what_is_refused_is_answered_to_its_end_and_in_order(new_echo: Callable[..., Echo]) -> None:
    echo = new_echo(20)
    requests = b"GET /missing HTTP/1.1\r\nHost: x\r\n\r\n" * 14 + b"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nend"
    with ExitStack() as opened:
        stormy = [opened.enter_context(echo.connect(requests)) for _ in range(4)]
        assert echo.post(b"another") == b"another"
        for client in stormy:
            answers = everything(client)
            assert answers.count(b"HTTP/1.1 404") == 14
            assert answers.endswith(b"\r\n\r\nend")


def test_a_stopping_worker_does_not_wait_for_slow_clients(new_echo: Callable[..., Echo]) -> None:
    echo = new_echo(60)
    with echo.connect(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na"), echo.connect():
        assert echo.post(b"x") == b"x"
        assert echo.stop() == 0


def test_nasty_streams_in_odd_segments_are_answered_as_they_are_read() -> None:
    with sockets.server() as port:
        tried, answered = sockets.run(port, 11, streams=1_000)
    assert tried == 1_000
    assert answered > 250
