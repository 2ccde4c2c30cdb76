"""Which processes share this outbox, and by what name it is known to itself."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.errors import OutboxVersionError
from bridge.model import MINUTE_MS
from bridge.outbox.engine.transaction import from_row

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox

SEEN_MS = 5 * MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One running process."""

    role: str
    host: str
    pid: int
    seen_at: int


def this_process() -> str:
    """What this process calls itself where it holds something: `host:pid`."""
    return f"{socket.gethostname()}:{os.getpid()}"


def heartbeat(outbox: Outbox, *, role: str, host: str, pid: int) -> None:
    """Say that a process runs; to be called every few seconds to minutes. Forgets those not seen for long."""
    with outbox.write() as transaction:
        now = transaction.now()
        transaction.run("heartbeat", role=role, host=host, pid=pid, now=now)
        transaction.run("forget_processes", before=now - 12 * SEEN_MS)


def processes(outbox: Outbox, *, within_ms: int = SEEN_MS) -> tuple[Process, ...]:
    """The processes seen within this time."""
    with outbox.read() as transaction:
        rows = transaction.rows("processes", since=transaction.now() - within_ms)
    return tuple(from_row(Process, row) for row in rows)


def identity(outbox: Outbox) -> bytes:
    """32 random bytes made with the outbox: the key under which leads are named in logs."""
    found: bytes = outbox.of_this_process("identity", lambda: _identity(outbox))
    return found


def _identity(outbox: Outbox) -> bytes:
    with outbox.read() as transaction:
        row = transaction.row("identity")
    if row is None:
        raise OutboxVersionError("the outbox has no identity; run `leadbridge migrate`")
    return bytes(row["identity"])
