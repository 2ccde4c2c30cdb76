"""Our reading of HTTP/1 against gunicorn's own parser, on the same nasty streams.

What ours accepts, gunicorn's parser reads as the same method, target, headers and body, with the same end, however the
stream is cut into segments. `python -m tests.fuzz.framing --seconds 600` runs it for long, and prints the seed and the
stream of the first difference.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gunicorn.config import Config
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from bridge.web.server.framing import Gathered
from bridge.web.server.message import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.web.server.framing import Message

MAX_BODY = 5_000
Reading = tuple[str, str, str, list[tuple[str, str]], bytes]

_METHODS = ("POST", "GET", "PUT", "OPTIONS", "HEAD", "CONNECT", "post", "PO ST", "PRI", "X" * 21, "A-B", "P\x00ST", "")
_TARGETS = (
    "/hooks/x",
    "/hooks/x?a=b#c",
    "*",
    "http://h/hooks/x",
    "HTTP://h:80?q",
    "http://[::1]/x",
    "h:443",
    "//h/x",
    "/%zz",
    "/a b",
    "/\xfc?\xff=\x80",
    "",
    "?q",
    "#f",
    "/" + "a" * 8200,
    "http:///x",
    "ftp://h/x",
    "/a\tb",
    "/[",
    "/\\x",
)
_VERSIONS = (
    "HTTP/1.1",
    "HTTP/1.1",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/2.0",
    "HTTP/1.2",
    "http/1.1",
    "HTTP/1.10",
    "HTTP/1.1 ",
)
_LINE_ENDS = ("\r\n",) * 30 + ("\n", "\r", "\r\r\n", "\n\r\n", " \r\n", "\r\n ", "\x0b\r\n", "\x00\r\n", "\r\n\r\n")
_NAMES = (
    "Content-Length",
    "Transfer-Encoding",
    "content-length",
    "TRANSFER-ENCODING",
    "Content_Length",
    "Content-Length ",
    " Content-Length",
    "Content-Length\t",
    "Transfer-Encoding\x0b",
    "Expect",
    "Connection",
    "Host",
    "Host",
    "Content-Type",
    "X-\xe9",
    "X",
    "",
    ":",
    "SCRIPT_NAME",
    "X-Forwarded-For",
    "Trailer",
    "Upgrade",
    "\xdf",
)
_VALUES = (
    "chunked",
    "Chunked",
    " chunked",
    "chunked,",
    "gzip, chunked",
    "identity",
    "chunked, chunked",
    "xchunked",
    "chunked\x0b",
    "0",
    "1",
    "5",
    "+5",
    "-1",
    "5, 5",
    "05",
    "0x5",
    "5 ",
    "\t5",
    "5\xa0",
    "\xb2",
    "1" * 18,
    "1" * 19,
    "0" * 19 + "5",
    "",
    "18446744073709551621",
    "100-continue",
    "100-Continue",
    "200-maybe",
    "close",
    "keep-alive",
    "h2c",
    "x\ty",
    "x\x7fy",
    "x\x00y",
)
_SIZES = (
    "0",
    "1",
    "3",
    "a",
    "A",
    "00000003",
    "000000003",
    "+3",
    "0x3",
    " 3",
    "3 ",
    "",
    "g",
    "-1",
    "ffffffff",
    "fffffffff",
    "3\t",
)
_EXTENSIONS = ("",) * 12 + (
    ";a",
    ";a=b",
    " ;a",
    "; a = b",
    ';a="b;\\""',
    ";",
    ";;",
    " ",
    ";a=",
    ";a\x00",
    ";" + "a" * 1100,
    ';a="',
    ";a\r",
)
_CHUNK_ENDS = ("\r\n",) * 20 + ("", "\n", "\r", "x\r\n", "\r\n\r\n")
_TRAILERS = ("",) * 8 + (
    "X: y\r\n",
    "Content-Length: 5\r\n",
    "x\r\n",
    "X: y\n",
    " X: y\r\n",
    "Host: x\r\n",
    "A: " + "b" * 9000 + "\r\n",
)


def stream(source: random.Random) -> bytes:
    """One to four requests in a row, most of them nearly right."""
    text = "".join(_request(source) for _ in range(source.randint(1, 4)))
    data = text.encode("latin-1")
    if source.random() < 0.2 and data:
        at = source.randrange(len(data))
        data = data[:at] + bytes([source.randrange(256)]) + data[at + source.randint(0, 2) :]
    return data


def _request(source: random.Random) -> str:
    def pick(usual: str, others: Sequence[str], chance: float = 0.06) -> str:
        return source.choice(others) if source.random() < chance else usual

    def end() -> str:
        return source.choice(_LINE_ENDS) if source.random() < 0.1 else "\r\n"

    empty = pick("", ("\r\n", "\r\n\r\n", "\n", "\r"), 0.05)
    line = f"{pick('POST', _METHODS)} {pick('/hooks/x', _TARGETS)} {pick('HTTP/1.1', _VERSIONS)}{end()}"
    fields = [f"{source.choice(_NAMES)}:{pick(' ', ('', '  ', chr(9)))}{source.choice(_VALUES)}{end()}"
              for _ in range(source.choice((0, 0, 0, 1, 2)))]  # fmt: skip
    kind = source.random()
    body = ""
    if kind < 0.35:
        body = "b" * source.choice((0, 1, 7, 300, 4999, 5001))
        fields.append(f"{pick('Content-Length', _NAMES)}: {pick(str(len(body)), _VALUES)}{end()}")
    elif kind < 0.85:
        fields.append(f"{pick('Transfer-Encoding', _NAMES)}: {pick('chunked', _VALUES)}{end()}")
        body = _chunks(source)
    if source.random() < 0.02:
        fields += [f"F{number}: x\r\n" for number in range(101)]
    source.shuffle(fields)
    return f"{empty}{line}{''.join(fields)}{end()}{body}"


def _chunks(source: random.Random) -> str:
    pieces = []
    for _ in range(source.choice((0, 1, 2, 5, 40))):
        size = source.choice((1, 2, 16, 250))
        written = f"{size:x}" if source.random() < 0.95 else source.choice(_SIZES)
        pieces.append(f"{written}{_rarely(source, _EXTENSIONS)}\r\n{'c' * size}{_rarely(source, _CHUNK_ENDS)}")
    last = "0" if source.random() < 0.95 else source.choice(("", "00", "000000000", "0 "))
    return "".join(pieces) + f"{last}{_rarely(source, _EXTENSIONS)}\r\n{source.choice(_TRAILERS)}\r\n"


def _rarely(source: random.Random, choices: Sequence[str]) -> str:
    return source.choice(choices) if source.random() < 0.15 else choices[0]


def ours(data: bytes, cuts: Sequence[int]) -> tuple[list[Message], bool, list[int]]:
    """The requests that we accept of a stream in these segments, if the next is refused, and where each ends."""
    gathered, ends = Gathered(MAX_BODY), [0]
    messages: list[Message] = []
    for start, end in pairwise([0, *cuts, len(data)]):
        gathered.add(data[start:end])
        try:
            while message := gathered.next():
                if message.too_large:
                    return messages, True, ends
                messages.append(message)
                ends.append(end - len(gathered))
        except RefusedError:
            return messages, True, ends
    return messages, False, ends


def theirs(data: bytes, count: int) -> tuple[list[Reading], bytes]:
    """So many requests as gunicorn's parser reads them, and what it leaves of the stream. Raises its errors."""
    config = Config()
    config.set("limit_request_line", 8190)
    config.set("http_parser", "python")
    unreader = IterUnreader(iter([data]))
    responses = []
    for _ in range(count):
        request: Any = Request(config, unreader, ("203.0.113.9", 1))
        body = request.body.read()
        fields = [(name.lower(), value) for name, value in request.headers]
        responses.append((request.method, request.path or "/", request.query, fields, body))
    return responses, unreader.read() or b""


def encoded(request: bytes) -> bytes:
    """A request with the raw bytes of its target percent-encoded: gunicorn refuses them, we encode them ourselves."""
    method, target, rest = request.split(b" ", 2)
    return b" ".join((method, re.sub(rb"[\x80-\xff]", lambda raw: b"%%%02X" % raw[0][0], target), rest))


def check(data: bytes, source: random.Random) -> int:
    """Compare the two readings of a stream; the number of requests that both accept. Raises AssertionError."""
    messages, refused, ends = ours(data, ())
    for cuts in (sorted(source.sample(range(len(data) + 1), min(len(data), 5))), range(1, len(data))):
        assert ours(data, cuts) == (messages, refused, ends), "segments change the reading"
    accepted, rest = [encoded(data[start:end]) for start, end in pairwise(ends)], data[ends[-1] :]
    responses, left = theirs(b"".join(accepted) + rest, len(messages))
    assert left == rest
    for message, (method, path, query, fields, body) in zip(messages, responses, strict=True):
        mine = [(name, value) for name, value in message.head.fields if "_" not in name]
        assert (message.head.method, message.head.path, message.head.query) == (method, path, query)
        assert mine == [(name, value) for name, value in fields if "_" not in name]
        assert message.body == body
    return len(messages)


def run(seed: int, *, streams: int = sys.maxsize, seconds: float = float("inf")) -> tuple[int, int]:
    """Try so many streams or for so long: how many were tried, and how many requests were accepted by both."""
    ends_at, tried, accepted = time.monotonic() + seconds, 0, 0
    while tried < streams and time.monotonic() < ends_at:
        source = random.Random(f"{seed}/{tried}")
        data = stream(source)
        try:
            accepted += check(data, source)
        except Exception as error:
            raise AssertionError(f"seed {seed}, stream {tried}: {data!r}") from error
        tried += 1
    return tried, accepted


def main() -> None:
    """Run for so long and print what was tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.framing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    tried, accepted = run(options.seed, seconds=options.seconds)
    print(f"framing: seed {options.seed}, {tried} streams, {accepted} requests read alike by both, 0 differences")


if __name__ == "__main__":
    main()
