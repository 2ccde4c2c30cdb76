"""Which addresses are of the public internet, and that no others are connected to."""

from __future__ import annotations

import socket

import pytest

from bridge.errors import NoAnswerError
from bridge.http import Http
from bridge.http.sockets import is_public


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:db8::1",
        "192.0.0.192",
        "168.63.129.16",
        "192.88.99.1",
        "64:ff9b:1::a00:1",
        "::127.0.0.1",
        "::ffff:0:7f00:1",
        "fec0::1",
        "2001:0:7f00:1::1",
        "2620:4f:8000::1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_an_address_of_a_network_of_ones_own_is_not(address: str) -> None:
    assert not is_public(address)


WRITTEN = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[fd00::1]",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "[fd00:ec2::254]",
    "10.0.0.1",
    "192.168.0.1",
    "user@127.0.0.1",
    "example.com@127.0.0.1",
]
"""A host of one's own in every notation that a library or the system may take for it."""


@pytest.mark.parametrize("behind", ["direct", "proxy"])
@pytest.mark.parametrize("host", WRITTEN)
def test_a_public_connection_never_reaches_this_machine_however_it_is_written(host: str, behind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        proxy = f"http://127.0.0.1:{port}" if behind == "proxy" else None
        with (
            Http(public_only=True, proxy=proxy) as http,
            pytest.raises(NoAnswerError, match="private address") as raised,
        ):
            http.send("GET", f"http://{host}:{port}/", deadline_seconds=5)
        assert not raised.value.sent
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_name_is_judged_by_the_address_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server may answer otherwise each time it is asked (DNS rebinding), or with several addresses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        private = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        mapped = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::ffff:127.0.0.1", port, 0, 0))
        asked: list[str] = []

        def rebind(host: str, *_: object, **__: object) -> list[object]:
            asked.append(host)
            return [private, mapped]

        monkeypatch.setattr(socket, "getaddrinfo", rebind)
        with Http(public_only=True) as http, pytest.raises(NoAnswerError, match="private address"):
            http.send("GET", f"http://rebind.example.com:{port}/", deadline_seconds=5)
        assert asked == ["rebind.example.com"], "asked once: what is judged is what is connected to"
        with pytest.raises(BlockingIOError):
            listener.accept()
