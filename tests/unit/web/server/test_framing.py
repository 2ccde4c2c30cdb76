"""One reading of where a request ends: whole with its last byte, refused where its end is not certain."""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING

import pytest

from bridge.web.server.framing import MAX_HEAD, MAX_SIZE_LINE, MAX_TRAILER, Gathered, Message
from bridge.web.server.message import RefusedError
from tests.fuzz import framing as fuzz

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN = b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0\r\n\r\n23456\r\n0\r\n\r\n"
TRAILER = CHUNKED[:-2] + b"Checksum: 1\r\n\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\n"
CHUNKS = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MAX_BODY = 1024 * 1024


def read(data: bytes, max_body: int = MAX_BODY) -> Message | None:
    gathered = Gathered(max_body)
    gathered.add(data)
    return gathered.next()


@pytest.mark.parametrize(
    ("request_", "body"),
    [(PLAIN, b"hello"), (CHUNKED, b"abc0\r\n\r\n23456"), (TRAILER, b"abc0\r\n\r\n23456"), (GET, b"")],
)
@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_a_request_is_whole_with_its_last_byte_and_no_sooner(request_: bytes, body: bytes, step: int) -> None:
    gathered = Gathered(MAX_BODY)
    found = []
    for at in range(0, len(request_), step):
        gathered.add(request_[at : at + step])
        found.append(gathered.next())
    assert found[:-1] == [None] * (len(found) - 1)
    assert found[-1] is not None
    assert found[-1].body == body
    assert not gathered.started


def test_what_comes_after_a_request_starts_the_next() -> None:
    gathered = Gathered(MAX_BODY)
    gathered.add(PLAIN + CHUNKED + b"\r\n" + GET[:9])
    assert [message.head.method for message in (gathered.next(), gathered.next()) if message] == ["POST", "POST"]
    assert gathered.next() is None
    gathered.add(GET[9:])
    message = gathered.next()
    assert message is not None
    assert message.head.path == "/livez"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (POST + b"Content-Length: 0000000000000000037\r\n\r\n", 400),
        (POST + b"Content-Length: 18446744073709551621\r\n\r\n", 400),
        (POST + b"Content-Length: +5\r\n\r\n", 400),
        (POST + b"Content-Length: 5, 5\r\n\r\n", 400),
        (POST + "Content-Length: \N{SUPERSCRIPT TWO}\r\n\r\n".encode("latin-1"), 400),
        (POST + b"Content-Length:\r\n\r\n", 400),
        (POST + b"Content-Length : 5\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: identity\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (CHUNKS + b"0000000030\r\n", 400),
        (CHUNKS + b"0x7\r\n", 400),
        (CHUNKS + b"0 \r\n\r\n", 400),
        (CHUNKS + b"\r\n", 400),
        (CHUNKS + b"3\n", 400),
        (CHUNKS + b"no size\r\n", 400),
        (CHUNKS + b"3\r\nabcd\r\n", 400),
        (CHUNKS + b"3;" + b"a" * MAX_SIZE_LINE, 400),
        (CHUNKS + b"0\r\nContent-Length: 5\r\n\r\n", 400),
        (CHUNKS + b"0\r\nno colon\r\n\r\n", 400),
        (CHUNKS + b"0\r\nX: " + b"a" * (MAX_TRAILER + 4), 431),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\rY: z\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: \x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * (MAX_HEAD + 4), 431),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 101 + b"\r\n", 431),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"CONNECT x:443 HTTP/1.1\r\n\r\n", 400),
        (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\nGET / HTTP/1.1\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 400),
        (POST + b"Expect: other\r\n\r\n", 417),
        (POST + b"Expect: other\r\nExpect: 100-continue\r\n\r\n", 417),
    ],
)
def test_what_cannot_be_framed_exactly_is_refused(data: bytes, status: int) -> None:
    with pytest.raises(RefusedError) as refused:
        read(data)
    assert refused.value.status == status


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.replace(b"5", b"1025"),
        PLAIN.replace(b"5", b"999999999999999999"),
        CHUNKS + b"401\r\n",
        CHUNKS + b"400\r\n" + b"a" * 1024 + b"\r\n1\r\n",
        CHUNKS + b"ffffffff\r\n",
    ],
)
def test_a_body_is_too_large_as_soon_as_that_is_known(data: bytes) -> None:
    message = read(data, 1024)
    assert message is not None
    assert message.too_large
    assert message.size > 1024
    assert message.body == b""


def test_a_body_of_just_the_limit_is_taken() -> None:
    for data in (
        PLAIN.replace(b"5", b"1024").replace(b"hello", b"a" * 1024),
        CHUNKS + b"400\r\n" + b"a" * 1024 + b"\r\n0\r\n\r\n",
    ):
        message = read(data, 1024)
        assert message is not None
        assert (message.body, message.too_large) == (b"a" * 1024, False)


@pytest.mark.parametrize(
    ("target", "path", "query", "encoded"),
    [
        (
            b"/hooks/x?token=a&name=J\xc3\xbcrgen",
            "/hooks/x",
            "token=a&name=J%C3%BCrgen",
            "/hooks/x?token=a&name=J%C3%BCrgen",
        ),
        (b"/hooks/%C3%BC", "/hooks/%C3%BC", "", "/hooks/%C3%BC"),
        (b"http://h:80/hooks/x?a", "/hooks/x", "a", "http://h:80/hooks/x?a"),
        (b"HTTPS://h", "/", "", "HTTPS://h"),
        (b"//h/x#y?z", "//h/x", "", "//h/x#y?z"),
    ],
)
def test_a_target_is_split_and_its_raw_bytes_are_encoded(target: bytes, path: str, query: str, encoded: str) -> None:
    message = read(b"GET " + target + b" HTTP/1.1\r\n\r\n")
    assert message is not None
    assert (message.head.path, message.head.query, message.head.target) == (path, query, encoded)


@pytest.mark.parametrize(
    ("head", "keep_alive"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nConnection: x, close\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_whether_another_request_may_follow(head: bytes, *, keep_alive: bool) -> None:
    message = read(head)
    assert message is not None
    assert message.head.keep_alive is keep_alive


def test_a_length_in_the_body_is_no_header() -> None:
    message = read(POST + b"Content-Length: 23\r\n\r\n\r\nContent-Length: 999\r\n")
    assert message is not None
    assert message.body == b"\r\nContent-Length: 999\r\n"


def _calls(work: Callable[[], object]) -> int:
    """How many calls of Python's own functions the work takes."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def _one_byte_chunks(count: int) -> None:
    message = read(CHUNKS + b"1\r\na\r\n" * count + b"0\r\n\r\n")
    assert message is not None
    assert message.size == count


def _dripped_trailer(count: int) -> None:
    gathered = Gathered(MAX_BODY)
    gathered.add(CHUNKS + b"0\r\nX: ")
    for _ in range(count):
        gathered.add(b"a")
        assert gathered.next() is None


def _dripped_head(count: int) -> None:
    gathered = Gathered(MAX_BODY)
    gathered.add(b"GET / HTTP/1.1\r\nX: ")
    for _ in range(count):
        gathered.add(b"a")
        assert gathered.next() is None


@pytest.mark.parametrize("work", [_one_byte_chunks, _dripped_trailer, _dripped_head])
def test_the_work_grows_no_faster_than_the_bytes(work: Callable[[int], None]) -> None:
    calls = [_calls(lambda count=count: work(count)) for count in (1_000, 2_000, 4_000, 8_000)]  # type: ignore[misc]
    assert all(larger < 2.2 * smaller for smaller, larger in itertools.pairwise(calls)), calls


def test_the_bytes_touched_grow_no_faster_than_the_bytes_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind of growth that counting calls does not see: copies of all that remains, for each chunk."""
    copied = 0

    class Counted(bytearray):
        def __delitem__(self, key: object) -> None:
            nonlocal copied
            assert isinstance(key, slice)
            copied += len(self) - (key.stop or 0)
            super().__delitem__(key)

        def __getitem__(self, key: object) -> object:  # type: ignore[override]
            nonlocal copied
            found = super().__getitem__(key)  # type: ignore[call-overload]
            copied += len(found)
            return found

    gathered = Gathered(MAX_BODY)
    monkeypatch.setattr(gathered, "_data", Counted(), raising=True)
    data = CHUNKS + b"1\r\na\r\n" * 100_000 + b"0\r\n\r\n"
    for at in range(0, len(data), 65_536):
        gathered.add(data[at : at + 65_536])
        gathered.next()
    assert copied < 4 * len(data)


def test_our_reading_agrees_with_gunicorns_parser_on_nasty_streams() -> None:
    tried, accepted = fuzz.run(int(os.environ.get("FUZZ_SEED", "7")), streams=600)
    assert tried == 600
    assert accepted > 150
