"""Gathers one whole request from the bytes of a connection, in time that is linear in their number.

The one place that says where a request ends. Whatever is behind it gets the head's parts and the joined body.
https://www.rfc-editor.org/rfc/rfc9112 sections 2.2, 6 and 7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bridge.web.server.message import RefusedError, check_trailer, read_head

if TYPE_CHECKING:
    from bridge.web.server.message import Head

MAX_HEAD: Final = 64 * 1024
MAX_TRAILER: Final = 64 * 1024
MAX_SIZE_LINE: Final = 1024
"""Bytes of a chunk's size line with its extensions and its line end."""

_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_QUOTED: Final = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_SIZE: Final = re.compile(
    rb"([0-9a-fA-F]{1,8})(?:[ \t]*;[ \t]*" + _TOKEN + rb"(?:[ \t]*=[ \t]*(?:" + _TOKEN + rb"|" + _QUOTED + rb"))?)*\r\n"
)
_BAD_LINE_END: Final = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)|\x00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request. Where `too_large`, `size` is what it announced or had sent, and its body was not gathered."""

    head: Head
    body: bytes
    size: int
    too_large: bool = False


class Gathered:
    """The bytes of one connection that were not answered yet."""

    __slots__ = ("_body", "_data", "_empty_line", "_head", "_in_trailer", "_left", "_max_body", "_scanned")

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._data = bytearray()
        self._start()

    def _start(self) -> None:
        self._head: Head | None = None
        self._body = bytearray()
        self._left = -1  # bytes of the current chunk that are missing; -1 before its size line
        self._in_trailer = self._empty_line = False
        self._scanned = 0

    def __len__(self) -> int:
        """The bytes held."""
        return len(self._data) + len(self._body)

    @property
    def started(self) -> bool:
        """Whether a part of a request is here."""
        return bool(self._data) or self._head is not None

    @property
    def waits_for_continue(self) -> bool:
        """Whether the client sends the body only when it is asked to."""
        return self._head is not None and self._head.expects_continue

    def add(self, data: bytes) -> None:
        """Add what has come."""
        self._data += data

    def next(self) -> Message | None:
        """The next whole request, None when more has to come. Raises RefusedError, after which nothing may follow."""
        head = self._head = self._head or self._read_head()
        if head is None:
            return None
        if head.length is None:
            return self._next_chunked(head)
        if head.length > self._max_body:
            return Message(head=head, body=b"", size=head.length, too_large=True)
        if len(self._data) < head.length:
            return None
        body = bytes(self._data[: head.length])
        del self._data[: head.length]
        self._start()
        return Message(head=head, body=body, size=len(body))

    def _read_head(self) -> Head | None:
        if self._data[:2] == b"\r\n" and not self._empty_line:  # one empty line may stand before a request
            self._empty_line = True
            del self._data[:2]
        end = self._section_end(MAX_HEAD, "head too long")
        if end < 0:
            return None
        head = read_head(bytes(self._data[:end]))
        del self._data[: end + 4]
        self._scanned = 0
        return head

    def _section_end(self, most: int, kind: str) -> int:
        """Where the empty line after the lines at the start of the data starts; -1 when it has not come."""
        end = self._data.find(b"\r\n\r\n", max(0, self._scanned - 3))
        if end > most or (end < 0 and len(self._data) > most + 3):
            raise RefusedError(431, kind)
        if end < 0 and _BAD_LINE_END.search(self._data, max(0, self._scanned - 1)):
            raise RefusedError(400, "line end")
        self._scanned = len(self._data)
        return end

    def _next_chunked(self, head: Head) -> Message | None:
        """Join the chunks that have come."""
        if not self._in_trailer and not self._join_chunks():
            return None
        if self._left > self._max_body:
            return Message(head=head, body=b"", size=self._left, too_large=True)
        if not self._end_trailer():
            return None
        body = bytes(self._body)
        self._start()
        return Message(head=head, body=body, size=len(body))

    def _join_chunks(self) -> bool:
        """Take the chunks out of the data; whether the last one or one too many was found."""
        at = 0
        try:
            while True:
                if self._left < 0:
                    line = self._size_line(at)
                    if line is None:
                        return False
                    at, self._left = line.end(), int(line[1], 16)
                    if not self._left:
                        self._in_trailer = True
                        return True
                    if len(self._body) + self._left > self._max_body:
                        self._left += len(self._body)
                        return True
                end = at + self._left
                if len(self._data) < end + 2:
                    return False
                if self._data[end : end + 2] != b"\r\n":
                    raise RefusedError(400, "chunk end")
                self._body += self._data[at:end]
                at, self._left = end + 2, -1
        finally:
            del self._data[:at]

    def _size_line(self, at: int) -> re.Match[bytes] | None:
        end = self._data.find(b"\n", at + self._scanned, at + MAX_SIZE_LINE)
        if end < 0 and len(self._data) - at < MAX_SIZE_LINE:
            self._scanned = len(self._data) - at
            return None
        self._scanned = 0
        line = _SIZE.match(self._data, at, end + 1)
        if line is None:
            raise RefusedError(400, "chunk size")
        return line

    def _end_trailer(self) -> bool:
        """Whether the trailer, which may be empty, has come to its end."""
        if self._data[:2] == b"\r\n":
            del self._data[:2]
            return True
        end = self._section_end(MAX_TRAILER, "trailer too long")
        if end < 0:
            return False
        check_trailer(bytes(self._data[:end]))
        del self._data[: end + 4]
        return True
