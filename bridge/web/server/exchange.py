"""gunicorn's request and answer, without what is the same each time."""

from __future__ import annotations

from functools import lru_cache
from time import time
from typing import Any, Final

from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import Response
from gunicorn.util import http_date

PEERS: Final = 1_000
"""So many addresses are remembered with whether they are trusted."""

_trusted: Final[dict[str, bool]] = {}


class Heard(Request):
    """A request; whether its peer is a trusted proxy is worked out once for each address."""

    def _peer_is_trusted_proxy(self) -> bool:
        address = self.peer_addr[0] if isinstance(self.peer_addr, tuple) else ""
        known = _trusted.get(address)
        if known is None:
            known = bool(super()._peer_is_trusted_proxy())  # type: ignore[misc]  # old stubs
            if len(_trusted) < PEERS:
                _trusted[address] = known
        return known


class Parser(RequestParser):
    """Reads requests of this kind."""

    mesg_class = Heard


class Reply(Response):
    """An answer; the date in its head is written once a second."""

    def default_headers(self) -> list[str]:
        """The lines that every answer starts with."""
        version = ".".join(map(str, self.req.version or (1, 1)))
        connection = "close" if self.should_close() else "keep-alive"
        lines = f"HTTP/{version} {self.status}\r\nServer: {self.version}\r\nDate: {_date(int(time()))}\r\n"
        chunked = "Transfer-Encoding: chunked\r\n" if self.chunked else ""
        return [f"{lines}Connection: {connection}\r\n{chunked}"]


@lru_cache(maxsize=2)
def _date(second: int) -> Any:
    return http_date(second)
