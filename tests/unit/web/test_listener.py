"""The receiver that stores nothing, as `leadbridge listen` runs it."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit

from bridge.config import load
from bridge.web.listener import listening
from tests.waiting import PATIENCE_SECONDS


def test_a_request_counts_once_its_answer_is_sent() -> None:
    answered = threading.Event()
    with (
        listening(load({}), "127.0.0.1", 0, lambda _: (b"heard", 202, "text/plain"), answered=answered.set) as url,
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as client,
    ):
        client.sendall(b"POST /hooks/form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        assert answered.wait(PATIENCE_SECONDS)
        client.setblocking(False)
        assert client.recv(4096).endswith(b"heard")
