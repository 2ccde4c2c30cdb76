"""The worker over real sockets against gunicorn's parser: the same nasty streams, cut into odd segments.

Each request that our reading accepts is answered once and in order, what follows is refused once, and the connection
ends. `python -m tests.fuzz.sockets --seconds 600` runs it for long, against a server that it starts.
"""

from __future__ import annotations

import argparse
import random
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.fuzz import framing
from tests.waiting import is_listened_to, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVE = f"""
import hashlib, sys
from flask import Flask, request
from bridge.web.server import Server, delayed
delayed.AT_ONCE = sys.maxsize
def create_app():
    app = Flask("digest")
    app.config["MAX_CONTENT_LENGTH"] = {framing.MAX_BODY}
    @app.before_request
    def digest():
        return hashlib.sha256(request.get_data()).hexdigest()
    return app
Server(create_app, bind="127.0.0.1:" + sys.argv[1], workers=1, threads=4).run()
"""
_ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) .*?\r\n\r\n", re.DOTALL)


@contextmanager
def server() -> Iterator[int]:
    """A worker whose application answers with the body's SHA-256; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)])
    try:
        wait_until(lambda: is_listened_to(port))
        yield port
    finally:
        process.terminate()
        process.wait(30)


def exchange(port: int, data: bytes, source: random.Random) -> bytes:
    """Send a stream in odd segments and give all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        at = 0
        with suppress(OSError):  # it was answered and ended before all was sent
            while at < len(data):
                size = source.choice((1, 2, 3, 17, 200, 5_000))
                client.sendall(data[at : at + size])
                at += size
            client.shutdown(socket.SHUT_WR)
        received = []
        with suppress(ConnectionResetError):
            while piece := client.recv(65536):
                received.append(piece)
    return b"".join(received)


def check(port: int, data: bytes, source: random.Random) -> int:
    """Compare what a stream is answered with what our reading says; the number of requests. Raises AssertionError."""
    messages, refused, _ = framing.ours(data, ())
    for number, message in enumerate(messages, 1):
        if not message.head.keep_alive:
            messages, refused = messages[:number], False
            break
    received = exchange(port, data, source)
    statuses = [int(status) for status in _ANSWER.findall(received) if status != b"100"]
    good = [status for status in statuses if status < 400]
    assert len(good) == len(messages), (statuses, len(messages))
    assert len(statuses) - len(good) == refused, (statuses, refused)
    return len(messages)


def run(port: int, seed: int, *, streams: int = sys.maxsize, seconds: float = float("inf")) -> tuple[int, int]:
    """Try so many streams or for so long: how many were tried, and how many requests were answered."""
    ends_at, tried, answered = time.monotonic() + seconds, 0, 0
    while tried < streams and time.monotonic() < ends_at:
        source = random.Random(f"{seed}/{tried}")
        data = framing.stream(source)
        try:
            answered += check(port, data, source)
        except Exception as error:
            raise AssertionError(f"seed {seed}, stream {tried}: {data!r}") from error
        tried += 1
    return tried, answered


def main() -> None:
    """Run for so long and print what was tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.sockets", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    with server() as port:
        tried, answered = run(port, options.seed, seconds=options.seconds)
    print(
        f"sockets: seed {options.seed}, {tried} streams, {answered} requests answered as they were read, 0 differences"
    )


if __name__ == "__main__":
    main()
