"""A load generator in a process of its own: so many connections, each sending its next request once it is answered.

Run it as `python -m benchmarks.load HOST PORT CONNECTIONS SECONDS` with a pickled list of whole HTTP requests on
standard input; no request is sent twice. It prints one JSON object.
"""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one round measured: answers a second, and how long an answer took (ms). `statuses` counts the answers.

    `taken` are the positions in the list of the requests that were answered with success.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    statuses: dict[str, int]
    taken: list[int]


def drive(host: str, port: int, *, connections: int, seconds: float, requests: Sequence[bytes]) -> Result:
    """Run one round in another process. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "benchmarks.load", host, str(port), str(connections), str(seconds)]
    ended = subprocess.run(command, input=pickle.dumps(list(requests)), capture_output=True, check=True)
    return Result(**orjson.loads(ended.stdout))


@dataclass(kw_only=True)
class _Round:
    requests: Iterator[tuple[int, bytes]]
    ends_at: float
    open: int
    over: asyncio.Event = field(default_factory=asyncio.Event)
    took: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    taken: list[int] = field(default_factory=list)

    def next_request(self) -> tuple[int, bytes] | None:
        return next(self.requests, None) if time.perf_counter() < self.ends_at else None

    def close_one(self) -> None:
        self.open -= 1
        if not self.open:
            self.over.set()


class _Connection(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, round_: _Round) -> None:
        self._round = round_
        self._buffer = bytearray()
        self._sent_at = 0.0
        self._position = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_HEAD_END)
        if end < 0:
            return
        if len(self._buffer) < end + len(_HEAD_END) + _content_length(self._buffer[:end]):
            return
        self._round.took.append(time.perf_counter() - self._sent_at)
        status = self._buffer[9:12].decode()
        self._round.statuses[status] += 1
        if status.startswith("2"):
            self._round.taken.append(self._position)
        self._buffer.clear()
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._round.statuses["lost"] += 1
        self._round.close_one()

    def _send(self) -> None:
        numbered = self._round.next_request()
        assert self._transport is not None
        if numbered is None:
            self._transport.close()
            return
        self._position, request = numbered
        self._sent_at = time.perf_counter()
        self._transport.write(request)


def _content_length(head: bytearray) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])


async def _run(host: str, port: int, connections: int, seconds: float, requests: Sequence[bytes]) -> Result:
    started = time.perf_counter()
    round_ = _Round(requests=enumerate(requests), ends_at=started + seconds, open=connections)
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(round_), host, port)
    await round_.over.wait()
    took = sorted(round_.took)
    elapsed = time.perf_counter() - started
    return Result(
        rate=len(took) / elapsed,
        p50_ms=took[len(took) // 2] * 1000,
        p99_ms=took[len(took) * 99 // 100] * 1000,
        statuses=dict(round_.statuses),
        taken=round_.taken,
    )


def main() -> None:
    """Read the requests, run the round, print the result."""
    host, port, connections, seconds = sys.argv[1:]
    requests: list[bytes] = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own parent wrote it
    result = asyncio.run(_run(host, int(port), int(connections), float(seconds), requests))
    sys.stdout.buffer.write(orjson.dumps(result))


if __name__ == "__main__":
    main()
