"""The senders, in a process of their own: so many signed webhooks a second, whatever the answers take.

`start` runs it as `python -m benchmarks.soak.client HOST PORT RATE SECONDS FIRST` with the secret on standard input.
Each answer is a line of output: when its webhook was due (seconds since the epoch), how long after that it was answered
(milliseconds), the status (0: none), and the webhook's number. The time counts from when it was due, so that a server
that stands still is seen in all the webhooks that it keeps waiting.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import orjson

from bridge.demo.webhooks import webhooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bridge.demo.stage import Stage

ANSWER_SECONDS: Final = 30.0
IDLE_SECONDS: Final = 0.5
"""A connection that waited longer is not used again: the server may just close it."""

_HEAD_END: Final = b"\r\n\r\n"


class Answer(NamedTuple):
    """One webhook: when it was due (seconds since the epoch), how long its answer took, its status, its number."""

    due: float
    took_ms: float
    status: int
    number: int

    @classmethod
    def read(cls, line: str) -> Answer:
        """From a line of the client's output."""
        due, took, status, number = line.split()
        return cls(float(due), float(took), int(status), int(number))

    @property
    def is_taken(self) -> bool:
        """Whether the service has promised to keep it."""
        return 200 <= self.status < 300


def start(service: Stage, output: Path, *, rate: float, seconds: float, first: int = 0) -> subprocess.Popen[bytes]:
    """Start to post to a service, the webhooks numbered from `first` on, the answers into a file."""
    parts = urlsplit(service.hooks_url)
    words = [str(parts.hostname), str(parts.port), str(rate), str(seconds), str(first)]
    command = [sys.executable, "-m", "benchmarks.soak.client", *words]
    with output.open("wb") as lines:
        client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=lines)
    assert client.stdin is not None
    with client.stdin as secret:
        secret.write(service.secrets["TYPEFORM_SECRET"].encode() + b"\n")
    return client


def address_of(number: int) -> str:
    """The lead of a webhook."""
    return f"lead{number}@example.com"


def webhook_maker(secret: str) -> Callable[[int], bytes]:
    """A function from a number to a whole HTTP request: a signed Typeform webhook of a person of its own."""
    template = next(webhook.body for webhook in webhooks() if webhook.hook == "typeform")
    event_id = orjson.loads(template)["event_id"].encode()

    def make(number: int) -> bytes:
        body = template.replace(event_id, b"soak%d" % number).replace(b"Ada@example.com", address_of(number).encode())
        signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        head = (
            "POST /hooks/typeform HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Typeform-Signature: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return make


class _Senders:
    """Connections that are kept, and what is printed."""

    def __init__(self, host: str, port: int, make: Callable[[int], bytes]) -> None:
        self._host = host
        self._port = port
        self._make = make
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, number: int, due: float) -> None:
        """Post one webhook and print what came of it."""
        try:
            status = await asyncio.wait_for(self._answer(number), ANSWER_SECONDS)
        except (OSError, EOFError, TimeoutError) as error:
            print(f"webhook {number}: {type(error).__name__}", file=sys.stderr)
            status = 0
        print(f"{due:.3f} {(time.time() - due) * 1000:.2f} {status} {number}", flush=True)

    async def _answer(self, number: int) -> int:
        reader, writer = await self._connection()
        try:
            writer.write(self._make(number))
            head = await reader.readuntil(_HEAD_END)
            await reader.readexactly(_content_length(head))
        except BaseException:
            writer.close()
            raise
        self._idle.append((time.monotonic(), reader, writer))
        return int(head[9:12])

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if time.monotonic() - since < IDLE_SECONDS:
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port)


def _content_length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0])


async def _run(senders: _Senders, rate: float, seconds: float, first: int) -> None:
    started, parent = time.time(), os.getppid()
    in_flight: set[asyncio.Task[None]] = set()
    for number in range(int(rate * seconds)):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.time()))
        if os.getppid() != parent:  # nobody reads the answers any more
            return
        task = asyncio.create_task(senders.post(first + number, due))
        in_flight.add(task)
        task.add_done_callback(in_flight.discard)
    await asyncio.gather(*in_flight)


def main() -> None:
    """Read the options and post."""
    host, port, rate, seconds, first = sys.argv[1:]
    make = webhook_maker(sys.stdin.readline().strip())
    asyncio.run(_run(_Senders(host, int(port), make), float(rate), float(seconds), int(first)))


if __name__ == "__main__":
    main()
