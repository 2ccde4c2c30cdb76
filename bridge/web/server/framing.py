"""Where an HTTP/1 request ends, told from the bytes that have come so far.

Only that: gunicorn's parser judges the request. What is not understood here is handed on as it is.
https://www.rfc-editor.org/rfc/rfc9112 sections 6 and 7.
"""

from __future__ import annotations

import re
from typing import Final

MOST_HEAD: Final = 64 * 1024
MOST_BODY: Final = 16 * 1024 * 1024
"""Who announces or sends more is handed on at once, to be refused."""

_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?=\r\n)")
_CODING: Final = re.compile(rb"\r\ntransfer-encoding:")
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?=\r\n)")
_EXPECT: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)")
_CHUNK: Final = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]*\r\n")


class Gathered:
    """The bytes of one connection that were not handed on yet.

    `expects` turns true when the client waits to be told to go on; `whole` tells whether what `take` gave last was a
    whole request, or was handed on because nothing could be said about its end.
    """

    __slots__ = ("_at", "_body", "_chunked", "_data", "expects", "whole")

    def __init__(self) -> None:
        self._data = bytearray()
        self._start()

    def _start(self) -> None:
        self._body: int | None = None
        self._chunked = False
        self._at = 0
        self.expects = False
        self.whole = True

    def __len__(self) -> int:
        return len(self._data)

    def add(self, data: bytes) -> bool:
        """Add what has come; whether there is something to hand on."""
        self._data += data
        if self._body is None and not self._read_head():
            if len(self._data) <= MOST_HEAD:
                return False
            self.whole = False
            return True
        if self._chunked:
            return self._walk_chunks()
        return not self.whole or len(self._data) >= self._at

    def take(self) -> bytes:
        """The request; what came after it starts the next one."""
        whole, end = self.whole, self._at if self.whole else len(self._data)
        taken = bytes(self._data[:end])
        del self._data[:end]
        self._start()
        self.whole = whole
        return taken

    def _read_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n", max(0, self._at - 3))
        self._at = len(self._data)
        if end < 0:
            return False
        self._body = end + 4
        head = bytes(self._data[: end + 2]).lower()
        lengths, codings = _LENGTH.findall(head), len(_CODING.findall(head))
        self._chunked = codings == 1 and not lengths and _CHUNKED.search(head) is not None
        length = int(lengths[0]) if len(lengths) == 1 and not codings else 0
        if length > MOST_BODY or len(lengths) > 1 or (codings and not self._chunked):
            self.whole, length = False, 0
        self._at = self._body + length
        self.expects = self.whole and (length > 0 or self._chunked) and _EXPECT.search(head) is not None
        if self.expects:
            self._forget_expectation()
        return True

    def _forget_expectation(self) -> None:
        """It is met here; the parser is not to meet it again. The name keeps its length."""
        at = bytes(self._data[: self._body]).lower().index(b"\r\nexpect:")
        self._data[at + 2 : at + 8] = b"X-Met-"

    def _walk_chunks(self) -> bool:
        """Go on to the end of the last chunk that is there; whether the request ends there."""
        while True:
            if self._at - (self._body or 0) > MOST_BODY:
                self.whole = False
                return True
            line = _CHUNK.match(self._data, self._at)
            if line is None:
                return self._is_no_chunk()
            size = int(line[1], 16)
            if size == 0:
                return self._end_after_trailer(line.end())
            if line.end() + size + 2 > len(self._data):
                return False
            self._at = line.end() + size + 2

    def _is_no_chunk(self) -> bool:
        """Whether what follows can be no chunk: then it is handed on, to be refused."""
        if len(self._data) - self._at < 1024 and b"\n" not in self._data[self._at :]:
            return False
        self.whole = False
        return True

    def _end_after_trailer(self, start: int) -> bool:
        end = self._data.find(b"\r\n\r\n", start - 2)
        if end < 0:
            return False
        self._at = end + 4
        return True
