"""The head of an HTTP/1 request, read strictly. There is no second reading: what is not understood here is refused.

https://www.rfc-editor.org/rfc/rfc9112 (HTTP/1.1) and https://www.rfc-editor.org/rfc/rfc9110 sections 5 and 10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_REQUEST_LINE: Final = 8190
MAX_FIELD: Final = 8190
MAX_FIELDS: Final = 100

_REQUEST_LINE: Final = re.compile(r"([A-Z0-9!$%&'*+\-.^_`|~]{3,20}) ([\x21-\x7e\x80-\xff]+) HTTP/(\d)\.(\d)")
_TARGET: Final = re.compile(
    r"(?:(?i:https?)://[\w.\-]+(?::\d{1,5})?(?=[/?#]|\Z)|(?=/))(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.ASCII,
)
_RAW: Final = re.compile(r"[\x80-\xff]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_SINGLE: Final = ("content-length", "transfer-encoding", "host", "content-type")
_NOT_IN_TRAILER: Final = frozenset((*_SINGLE, "trailer", "te", "authorization"))

ON_REFUSED: Final = "leadbridge.on_refused"
"""The name in `app.extensions` of what is called with (RefusedError, address) for what never reached the app."""

UNREAD_HEADERS: Final = "leadbridge.unread_headers"
"""The name in the environ of the names of headers that were left out, in one text."""

Fields = list[tuple[str, str]]


class RefusedError(Exception):
    """What a client sent is not taken: `status` answers it, and `kind` names the reason without a byte of its text."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request's head. Field names are in lower case, values are decoded as Latin-1 (PEP 3333).

    `target` is as it came but for raw bytes from 0x80 up, which are percent-encoded; `path` and `query` are its parts.
    `length` is the body's, None for a body in chunks.
    """

    method: str
    target: str
    path: str
    query: str
    version: str
    fields: Fields
    length: int | None
    expects_continue: bool
    keep_alive: bool


def read_head(data: bytes) -> Head:
    """Read a head, given without the empty line that ends it. Raises RefusedError."""
    line, _, rest = data.decode("latin-1").partition("\r\n")
    fields = read_fields(rest)
    method, target, version = _request_line(line)
    values = dict(fields)
    if len(values) < len(fields):
        _check_repeated([name for name, _ in fields])
    parts = _TARGET.fullmatch(target)
    if parts is None and (method, target) != ("OPTIONS", "*"):
        raise RefusedError(400, "target")
    return Head(
        method=method,
        target=target,
        path=(parts["path"] or "/") if parts else target,
        query=(parts["query"] or "") if parts else "",
        version=version,
        fields=fields,
        length=_length(values, version),
        expects_continue=_expects_continue(values) and version == "1.1",
        keep_alive=_keep_alive(values, version, [name for name, _ in fields].count("connection")),
    )


def read_fields(text: str) -> Fields:
    """Read lines of `name: value`. Raises RefusedError."""
    if _CONTROL.search(text.replace("\r\n", "")):
        raise RefusedError(400, "control character")
    fields = []
    for line in text.split("\r\n") if text else ():
        name, colon, value = line.partition(":")
        if len(line) + 2 > MAX_FIELD:
            raise RefusedError(431, "header too long")
        if not colon:
            raise RefusedError(400, "header without colon")
        fields.append((_field_name(name), value.strip(" \t")))
    if len(fields) > MAX_FIELDS:
        raise RefusedError(431, "too many headers")
    return fields


def check_trailer(data: bytes) -> None:
    """Check the trailer of a body in chunks, which is dropped. Raises RefusedError."""
    if any(name in _NOT_IN_TRAILER for name, _ in read_fields(data.decode("latin-1"))):
        raise RefusedError(400, "trailer")


def _field_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise RefusedError(400, "header name")
    return name.lower()


def _request_line(line: str) -> tuple[str, str, str]:
    if len(line) > MAX_REQUEST_LINE:
        raise RefusedError(414, "target too long")
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise RefusedError(400, "request line")
    method, target, major, minor = found.groups()
    if major != "1" or minor not in "01":
        raise RefusedError(505, "version")
    return method, _RAW.sub(lambda raw: f"%{ord(raw[0]):02X}", target), f"1.{minor}"


def _check_repeated(names: list[str]) -> None:
    for name in _SINGLE:
        if names.count(name) > 1:
            raise RefusedError(400, f"repeated {name}")
    if names.count("expect") > 1:
        raise RefusedError(417, "expect")


def _length(values: dict[str, str], version: str) -> int | None:
    """The body's length, None when it comes in chunks."""
    length, coding = values.get("content-length"), values.get("transfer-encoding")
    if coding is not None:
        if length is not None or version == "1.0":
            raise RefusedError(400, "transfer-encoding")
        if coding.lower() != "chunked":
            raise RefusedError(501, "transfer-encoding")
        return None
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        raise RefusedError(400, "content-length")
    return int(length)


def _expects_continue(values: dict[str, str]) -> bool:
    expected = values.get("expect")
    if expected is not None and expected.lower() != "100-continue":
        raise RefusedError(417, "expect")
    return expected is not None


def _keep_alive(values: dict[str, str], version: str, count: int) -> bool:
    """Whether another request may follow. Who names `connection` more than once is not asked twice."""
    options = [option.strip().lower() for option in values.get("connection", "").split(",")]
    return count < 2 and "close" not in options and (version == "1.1" or "keep-alive" in options)
