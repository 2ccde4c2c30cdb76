"""What a peer is, and how its processes are started, waited for and killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from benchmarks.peers.webhooks import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60


class PeerError(Exception):
    """A peer cannot be measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A peer that takes webhooks: its port, the process group of all its processes, and the ids it has stored."""

    port: int
    group: int
    stored: Callable[[], set[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One row of the table.

    `setup` says how it is set up, `synced` what is on disk, safe from a power cut, when it answers. `start` runs it
    on what is in a folder, until the context ends, and raises PeerError. `is_killed`: whether it is worth killing.
    """

    name: str
    setup: str
    synced: str
    start: Callable[[Path], AbstractContextManager[Running]]
    is_killed: bool = True


@contextmanager
def processes(
    command: Sequence[str], port: int, folder: Path, *, environ: Mapping[str, str] | None = None, prints: bytes = b""
) -> Iterator[int]:
    """Start a command as a process group and wait until it takes a webhook; the group is killed at the end.

    Yields the group. What the command prints goes to `log` in the folder; it is not ready before `prints` is there.
    Raises PeerError when it does not start.
    """
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | dict(environ or {}), start_new_session=True
        )
    try:
        _wait_until_taken(port, process, folder / "log", prints)
        yield process.pid
    finally:
        kill(process.pid)
        process.wait()


def kill(group: int) -> None:
    """SIGKILL for every process of a group. Nothing happens when none is left."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def ids_in_lines(path: Path) -> set[str]:
    """The ids of the webhooks in a file that has one body a line; a torn line does not count."""
    found: set[str] = set()
    for line in path.read_bytes().splitlines() if path.exists() else ():
        with suppress(orjson.JSONDecodeError):
            found.add(orjson.loads(line)["event_id"])
    return found


def _wait_until_taken(port: int, process: subprocess.Popen[bytes], log: Path, prints: bytes) -> None:
    request = prepare(1).requests[0]
    deadline = time.monotonic() + START_SECONDS
    while prints not in log.read_bytes() or not _is_taken(port, request):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise PeerError(f"{process.args!r} took no webhook; the end of what it printed:\n{tail}")
        time.sleep(0.05)


def _is_taken(port: int, request: bytes) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=5) as connection:
            connection.sendall(request)
            return connection.recv(64).startswith(b"HTTP/1.1 2")
    except OSError:
        return False
