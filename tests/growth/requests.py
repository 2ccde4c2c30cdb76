"""Requests before anybody knows what they are: where they end, their heads, and whether they are verified.

Every scheme of every preset is found in the product, so that a scheme that is added is among them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flask import Request as HttpRequest

from bridge import config, intake
from bridge.errors import IntakeError, SignatureError
from bridge.web.request import request_of
from bridge.web.server.framing import Gathered
from bridge.web.server.message import RefusedError
from bridge.web.server.wsgi import base_environ, environ_of
from bridge.web.trusted_proxy import client_of
from tests.growth.bodies import FORM, JSON, NOW, Subject
from tests.unit.presets.forgeries import URL
from tests.unit.presets.test_forgeries import RSA_KEY, SCHEMES, SECRET, genuine_request, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bridge.intake.verification.scheme import Scheme
    from bridge.model import Request

PUMPS: Final = (",", " ", "=", "a", ".", ":", "%41", "t=1,", "v1,AAAA ", "v1=00,", "A" * 86 + "== ", '"', "\t")


def of_scheme(name: str) -> Iterator[Subject]:
    """An authentic request of a scheme with each of its parts longer: its headers, its address and its body."""
    scheme = SCHEMES[name]
    secrets = secrets_of(scheme, SECRET, RSA_KEY)
    genuine = genuine_request(scheme, secrets)
    run = partial(_verify, scheme, secrets)
    read = {*genuine.headers, "authorization", "content-encoding"}
    for header in sorted(read):
        for pump in (*PUMPS, f", {genuine.headers.get(header, '')}", f" {genuine.headers.get(header, '')}"):
            yield Subject(
                name=f"{name}: {header}: {pump[:12]!r}", make=partial(_header, genuine, header, pump), run=run
            )
    yield Subject(name=f"{name}: headers", make=partial(_headers, genuine), run=run)
    yield Subject(name=f"{name}: query", make=partial(_query, genuine), run=run)
    for kind, more in ((JSON, b' {"a":['), (JSON, b"\\u0041"), (FORM, b"a=%41&"), (FORM, b"%"), ("", b".")):
        yield Subject(name=f"{name}: body {more!r}", make=partial(_body, genuine, kind, more), run=run)


def _verify(scheme: Scheme, secrets: Any, request: Request) -> None:
    with suppress(SignatureError):
        intake.verify(request, scheme, secrets, now=NOW, public_url=URL)


def _header(genuine: Request, header: str, pump: str, n: int) -> Request:
    return replace(genuine, headers={**genuine.headers, header: genuine.headers.get(header, "") + pump * n})


def _headers(genuine: Request, n: int) -> Request:
    return replace(genuine, headers={**genuine.headers, **{f"x-{i}": "v" * 20 for i in range(n)}})


def _query(genuine: Request, n: int) -> Request:
    return replace(
        genuine, url=genuine.url + "&a=%2F%3A" * n, query={**genuine.query, **{f"a{i}": "/:" for i in range(n)}}
    )


def _body(genuine: Request, kind: str, pump: bytes, n: int) -> Request:
    headers = {**genuine.headers, "content-type": kind}
    return replace(genuine, headers=headers, body=genuine.body + pump * n * 10)


POST: Final = b"POST /hooks/x HTTP/1.1\r\nHost: h\r\n"
CHUNKS: Final = POST + b"Transfer-Encoding: chunked\r\n\r\n"
STREAMS: Final[dict[str, Callable[[int], bytes]]] = {
    "many headers": lambda n: POST + b"".join(b"X-%d: v\r\n" % i for i in range(n)) + b"\r\n",
    "one header again": lambda n: POST + b"X: v\r\n" * n + b"\r\n",
    "headers not read": lambda n: POST + b"".join(b"X_%d: v\r\n" % i for i in range(n)) + b"\r\n",
    "lengths": lambda n: POST + b"Content-Length: 5\r\n" * n + b"\r\n",
    "list of lengths": lambda n: POST + b"Content-Length: 5" + b", 5" * n + b"\r\n\r\n",
    "list of codings": lambda n: POST + b"Transfer-Encoding: chunked" + b", chunked" * n + b"\r\n\r\n",
    "list of connections": lambda n: POST + b"Connection: a" + b", close " * n + b"\r\n\r\n",
    "expectations": lambda n: POST + b"Expect: 100-continue" + b", 100-continue" * n + b"\r\n\r\n",
    "blank value": lambda n: POST + b"X:" + b" \t" * n + b"\r\n\r\n",
    "folded lines": lambda n: POST + b"X: a" + b"\r\n b" * n + b"\r\n\r\n",
    "no colon": lambda n: POST + b"x" * n * 10 + b"\r\n\r\n",
    "long name": lambda n: POST + b"x-" * n * 10 + b": v\r\n\r\n",
    "long path": lambda n: b"POST /hooks/x" + b"/%2e" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "raw path": lambda n: b"POST /hooks/x" + b"\xfc" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "absolute path": lambda n: b"POST http://h" + b".h" * n + b"/hooks/x?" + b"#" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "long host": lambda n: b"POST /hooks/x HTTP/1.1\r\nHost: h" + b".h-" * n + b":1\r\n\r\n",
    "many parameters": lambda n: b"POST /hooks/x?" + b"a[b]=%41&" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "long method": lambda n: b"A" * n * 10 + b" /hooks/x HTTP/1.1\r\n\r\n",
    "long version": lambda n: b"POST /hooks/x HTTP/" + b"1." * n + b"\r\n\r\n",
    "no line end": lambda n: POST + b"X: " + b"a\n" * n,
    "empty lines": lambda n: b"\r\n" * n + POST + b"\r\n",
    "body": lambda n: POST + b"Content-Length: %d\r\n\r\n" % (n * 10) + b"b" * n * 10,
    "chunks of a byte": lambda n: CHUNKS + b"1\r\na\r\n" * n + b"0\r\n\r\n",
    "chunk extensions": lambda n: CHUNKS + b"1;a=b;c\r\na\r\n" * n + b"0\r\n\r\n",
    "long extension": lambda n: CHUNKS + b"1" + b';a="\\"";b ;' * n + b"\r\na\r\n0\r\n\r\n",
    "long size": lambda n: CHUNKS + b"0" * n + b"1\r\na\r\n0\r\n\r\n",
    "trailer": lambda n: CHUNKS + b"0\r\n" + b"X: y\r\n" * n + b"\r\n",
    "long trailer": lambda n: CHUNKS + b"0\r\nX: " + b"y" * n * 10 + b"\r\n\r\n",
    "many requests": lambda n: (POST + b"Content-Length: 3\r\n\r\nabc") * n,
    "many in chunks": lambda n: (CHUNKS + b"1\r\na\r\n0\r\n\r\n") * n,
}  # fmt: skip
"""What a client may send over one connection."""

SEGMENTS: Final = {"whole": 10**9, "by 7 bytes": 7, "by a byte": 1}


class Searched(bytearray):
    """Bytes in which a search counts as the bytes that it passes."""

    def find(self, part: Any, start: Any = 0, end: Any = None, /) -> int:
        """As that of bytes."""
        found = re.compile(re.escape(part)).search(self, start, len(self) if end is None else end)
        passed = bytes(self[start : found.end() if found else end])
        return passed.find(part) + start if found else min(passed.find(part), -1)


def streams() -> Iterator[Subject]:
    """Everything in STREAMS, arriving in segments of every kind; and forwarded addresses."""
    for name, make in STREAMS.items():
        for segments, size in SEGMENTS.items():
            yield Subject(name=f"{name} {segments}", make=make, run=partial(_receive, size))
    hops: dict[str, Callable[[int], str]] = {
        "trusted": lambda n: "127.0.0.1, " * n,
        "blank": lambda n: " ," * n,
        "many": lambda n: ", ".join(f"10.0.{i // 250}.{i % 250}" for i in range(n)),
    }
    networks = SETTINGS.trusted_proxies
    for name, text in hops.items():
        yield Subject(name=f"forwarded {name}", make=text, run=lambda given: client_of("127.0.0.1", given, networks))


SETTINGS: Final = config.load({"LEADBRIDGE_DATABASE_URL": "sqlite:///growth.db"})


def _receive(size: int, sent: bytes) -> None:
    """All requests of a connection, up to what the pipeline is given, as the worker has them."""
    gathered = Gathered(10_000_000)
    gathered._data = Searched()
    base = base_environ(("127.0.0.1", 80), multiprocess=False)
    with suppress(RefusedError, IntakeError):
        for at in range(0, len(sent), size):
            gathered.add(sent[at : at + size])
            while message := gathered.next():
                environ = environ_of(message, ("127.0.0.1", 1), base)
                request_of("x", HttpRequest(environ), now=NOW, settings=SETTINGS)
