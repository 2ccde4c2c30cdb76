from __future__ import annotations

import pytest

from bridge.web.server.framing import MOST_BODY, MOST_HEAD, Gathered

PLAIN = b"POST /hooks/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0\r\n\r\n23456\r\n0\r\n\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("request_", [PLAIN, CHUNKED, GET])
@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_a_request_is_whole_with_its_last_byte_and_no_sooner(request_: bytes, step: int) -> None:
    gathered = Gathered()
    parts = [request_[at : at + step] for at in range(0, len(request_), step)]
    assert [gathered.add(part) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert gathered.take() == request_
    assert gathered.whole
    assert not gathered


def test_what_comes_after_a_request_starts_the_next() -> None:
    gathered = Gathered()
    assert gathered.add(PLAIN + CHUNKED + GET[:9])
    assert gathered.take() == PLAIN
    assert gathered.add(b"")
    assert gathered.take() == CHUNKED
    assert not gathered.add(b"")
    assert gathered.add(GET[9:])
    assert gathered.take() == GET


def test_a_trailer_belongs_to_the_request() -> None:
    gathered = Gathered()
    request = CHUNKED[:-2] + b"Checksum: 1\r\n\r\n"
    assert not gathered.add(request[:-2])
    assert gathered.add(request[-2:])
    assert gathered.take() == request


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
    ],
)
def test_what_cannot_be_framed_is_handed_on_and_the_connection_not_kept(head: bytes) -> None:
    gathered = Gathered()
    assert gathered.add(head + b"more")
    assert gathered.take() == head + b"more"
    assert not gathered.whole


def test_a_head_without_end_is_handed_on_when_it_is_too_long() -> None:
    gathered = Gathered()
    assert not gathered.add(b"GET / HTTP/1.1\r\nX: ")
    assert gathered.add(b"a" * MOST_HEAD)
    assert not gathered.whole


def test_chunks_without_end_are_handed_on_when_they_are_too_many() -> None:
    gathered = Gathered()
    gathered.add(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    assert [gathered.add(chunk) for _ in range(MOST_BODY // 0x100000 + 1)][-1]
    assert not gathered.whole


def test_one_that_expects_to_be_told_to_go_on_is_told_here_and_not_again() -> None:
    gathered = Gathered()
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    assert not gathered.add(head)
    assert gathered.expects
    assert gathered.add(b"ab")
    taken = gathered.take()
    assert b"Expect:" not in taken
    assert len(taken) == len(head) + 2
    assert not gathered.expects


def test_a_length_in_the_body_is_no_header() -> None:
    gathered = Gathered()
    request = b"POST / HTTP/1.1\r\nContent-Length: 23\r\n\r\n\r\nContent-Length: 999\r\n"
    assert gathered.add(request)
    assert gathered.take() == request
