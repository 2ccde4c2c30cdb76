"""The tricks of forgers with the bytes of a request: a signature or token at a place, or in a form, where it is none.

`forged` makes streams in which nothing may be accepted. `respelt` makes streams that say what the sender said in
another way: each request in them is refused, or is the one that was signed.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bridge.errors import IntakeError
from bridge.intake.verification.scheme import HmacScheme, OneOf, SignedToken
from bridge.web.request import request_of
from bridge.web.server.framing import Gathered
from bridge.web.server.message import RefusedError
from bridge.web.server.wsgi import base_environ, environ_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Request as HttpRequest

    from bridge.config import Settings
    from bridge.intake.verification.scheme import Scheme
    from bridge.model import Request

Lines = list[tuple[str, str]]
CONTROLS: Final = "\x00\x01\x08\x0a\x0b\x0c\x0d\x1b\x7f"
OTHER_HOSTS: Final = (
    ("Host", "eve.example"),
    ("Forwarded", "host=eve.example"),
    ("X-Forwarded-Host", "eve.example"),
    ("X-Forwarded-Proto", "http"),
    ("X-Original-URL", "/hooks/autumn"),
    ("X-Rewrite-URL", "/hooks/autumn"),
)
OWN_FIELDS: Final = frozenset(("content-type", "content-length", "host"))


def wire(
    request: Request,
    lines: Sequence[tuple[str, str]] = (),
    *,
    body: bytes | None = None,
    target: str = "",
    method: str = "",
    framing: str = "Content-Length: {}",
    after: bytes = b"",
) -> bytes:
    """A request as bytes: `lines` are its headers next to the content type, `framing` says how long the body is."""
    body = request.body if body is None else body
    target = target or target_of(request)
    given = (("Host", "hooks.example.com"), ("Content-Type", request.headers["content-type"]), *lines)
    head = [f"{method or request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given)]
    return "\r\n".join([*head, framing.format(len(body)), "\r\n"]).encode("latin-1") + body + after


def target_of(request: Request) -> str:
    """Path and query, as they stand in the first line."""
    parts = urlsplit(request.url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def received(
    stream: bytes, settings: Settings, now: int, http: Callable[[dict[str, object]], HttpRequest]
) -> list[Request]:
    """The requests to the hook that the receiver finds in a stream. `http` makes a request of Flask of an environ."""
    found, gathered = [], Gathered(settings.max_body)
    gathered.add(stream)
    base = base_environ(("127.0.0.1", 80), multiprocess=False)
    try:
        while message := gathered.next():
            environ = environ_of(message, ("203.0.113.9", 1), base)
            if environ["PATH_INFO"] == "/hooks/spring":
                found.append(request_of("spring", http(environ), now=now, settings=settings))
    except (RefusedError, IntakeError):
        pass
    return found


def signed_headers(genuine: Request) -> Lines:
    """The headers that the sender's side added."""
    return [(name, value) for name, value in genuine.headers.items() if name not in OWN_FIELDS]


def forged(scheme: Scheme, genuine: Request) -> Iterator[tuple[str, bytes]]:
    """Streams in which nothing may be accepted, each with the name of its trick."""
    signed = signed_headers(genuine)
    for at, (name, value) in enumerate(signed):
        others = [*signed[:at], *signed[at + 1 :]]
        for trick, lines in _misplaced(name, value):
            yield trick, wire(genuine, [*others, *lines])
        for framing in ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nTrailer: " + name):
            chunks = b"%x\r\n%s\r\n0\r\n%s: %s\r\n\r\n" % (
                len(genuine.body), genuine.body, name.encode(), value.encode("latin-1"),
            )  # fmt: skip
            yield "in the trailer", wire(genuine, others, body=chunks, framing=framing)
        before = f"GET /livez HTTP/1.1\r\nHost: x\r\n{name}: {value}\r\n\r\n".encode("latin-1")
        yield "in the request before", before + wire(genuine, others)
        yield "in the request behind", wire(genuine, others) + before
        yield "behind the head", wire(genuine, others, body=f"{name}: {value}\r\n\r\n".encode("latin-1") + genuine.body)
    if signs_body(scheme):
        yield from _doubled(genuine, signed)
        yield from _other_bodies(genuine, signed)


def signs_body(scheme: Scheme) -> bool:
    """Whether the body itself is signed."""
    single = scheme.versions[0].scheme if isinstance(scheme, OneOf) else scheme
    return isinstance(single, HmacScheme | SignedToken)


def _misplaced(name: str, value: str) -> Iterator[tuple[str, Lines]]:
    """What stands in the place of a header that authenticates, and does not."""
    yield "left out", []
    yield "another name", [(name.replace("-", "_") if "-" in name else f"{name}_", value)]
    for odd in ("{} ", " {}", "{}\t", "{}\x00", "{}\xa0", "\xef\xbb\xbf{}"):
        yield "another name", [(odd.format(name), value)]
    yield "in a cookie", [("Cookie", f"{name}={value}")]
    middle = len(value) // 2
    for odd in (f"\r\n {value}", f"\r\n\t{value}", f"{value[:middle]}\r\n {value[middle:]}", f"{value}\r\n "):
        yield "a folded line", [(name, odd)]
    yield "a folded line", [("X", f"a\r\n {name}: {value}")]
    for end in ("\n", "\r", "\r\r\n", "\n\r"):
        yield "a line end of its own", [("X", f"a{end}{name}: {value}")]
    for control in CONTROLS:
        for odd in (f"{control}{value}", f"{value}{control}", f"{value[:middle]}{control}{value[middle:]}"):
            yield "a control character", [(name, odd)]
    encoded = base64.b64encode(value.encode()).decode()
    for odd in (encoded, f"=?utf-8?B?{encoded}?=", value.encode().hex(), "".join(f"%{ord(one):02X}" for one in value)):
        yield "in another encoding", [(name, odd)]
    for odd in (f"{value[:middle]} {value[middle:]}", f"{value[:middle]}={value[middle:]}", f"{value};q=1"):
        yield "a word too many", [(name, odd)]
    for odd in (f'"{value}"', f"'{value}'", f"<{value}>", f"({value})"):
        yield "in quotes", [(name, odd)]


def _doubled(genuine: Request, signed: Lines) -> Iterator[tuple[str, bytes]]:
    """The right headers next to wrong ones, in every order and as lists, with a body that they are not of."""
    eve = genuine.body.replace(b"Ada", b"Eve") if b"Ada" in genuine.body else b"A" + genuine.body[1:]
    for at, (name, value) in enumerate(signed):
        wrong = value[:-4] + ("0000" if value[-4:] != "0000" else "1111")
        others = [*signed[:at], *signed[at + 1 :]]
        for both in ((value, wrong), (wrong, value), (value, value), (value, ""), ("", value)):
            yield "a repeated header", wire(genuine, [*others, *((name, one) for one in both)], body=eve)
            for joint in (",", ", ", ";", " "):
                yield "a list of two", wire(genuine, [*others, (name, joint.join(both))], body=eve)
    yield "a repeated head", wire(genuine, [*signed, *signed], body=eve)


def _other_bodies(genuine: Request, signed: Lines) -> Iterator[tuple[str, bytes]]:
    """The right headers with two bodies, or with a body whose end is given in two ways."""
    body, eve = genuine.body, b'{"who":"Eve"}'
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(eve), eve)
    yield "a second body", wire(genuine, signed, body=body + eve)
    yield "a second body", wire(genuine, signed, body=eve + body)
    yield "a second body", wire(genuine, signed, body=body + b"\n" + eve)
    for framing in (
        f"Content-Length: {len(body)}\r\nContent-Length: {len(eve)}",
        f"Content-Length: {len(body)}, {len(eve)}",
        f"Content-Length: {len(body)}\r\nTransfer-Encoding: chunked",
        f"Transfer-Encoding: chunked\r\nContent-Length: {len(body)}",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding:\x0bchunked",
        f"Content-Length: +{len(eve)}",
        f"Content-Length: {len(eve)}\x00",
    ):
        for sent in (eve + body, chunked + body, body + eve):
            yield "two ends of a body", wire(genuine, signed, body=sent, framing=framing)


def respelt(genuine: Request) -> Iterator[tuple[str, bytes]]:
    """Streams that say the same in another way, or say it next to something else."""
    signed = signed_headers(genuine)
    for pad in (" ", "\t", "  \t ", "\x85", "\xa0"):
        yield "blanks around", wire(genuine, [(name, f"{pad}{value}{pad}") for name, value in signed])
    yield "capitals", wire(genuine, [(name.upper(), value) for name, value in signed])
    for name, value in signed:
        for other in (value.upper(), value.rstrip("="), value + "==", value.translate(str.maketrans("+/", "-_"))):
            yield "another spelling", wire(genuine, [pair if pair[0] != name else (name, other) for pair in signed])
        yield "a repeated header", wire(genuine, [*signed, (name, value)])
    for method in ("PUT", "PATCH", "GET", "HEAD", "DELETE"):
        yield "another method", wire(genuine, signed, method=method)
        for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
            yield "another method", wire(genuine, [*signed, (name, method)])
    here = target_of(genuine)
    bare, joint = here.partition("?")[0], "&" if "?" in here else "?"
    changed = ("http://eve.example{}", "{}#x", "//x/..{}", "{};x", "{}%23", "{}" + joint + "email=eve%40example.com")
    for target in (*(one.format(here) for one in changed), here.replace("spring", "%73pring"), f"{bare}?", bare):
        yield "another address", wire(genuine, signed, target=target)
    for name, value in OTHER_HOSTS:
        yield "another host", wire(genuine, [*signed, (name, value)])
    eve = wire(genuine, body=b'{"who":"Eve"}')
    yield "a request behind", wire(genuine, signed, after=eve)
    yield "a request behind", wire(genuine, signed, after=b'{"who":"Eve"}')
    chunks = b"".join(b"1;x=y\r\n%c\r\n" % byte for byte in genuine.body) + b"0\r\n\r\n"
    yield "chunks", wire(genuine, signed, body=chunks, framing="Transfer-Encoding: chunked", after=eve)
    for coding in ("identity", "x", "gzip", ""):
        yield "a coding that is not used", wire(genuine, [*signed, ("Content-Encoding", coding)])
