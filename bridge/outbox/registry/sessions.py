"""The console's sessions that have neither ended nor expired. A copy of a cookie is worth nothing without its row here.

Secrets are stored as digests, so that whoever reads the outbox or a backup of it cannot sign in. Times are ms UTC.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.outbox.engine.database import Outbox


def start_session(outbox: Outbox, secret: str, *, now: int, until: int) -> None:
    """Store a session, and remove those that have expired."""
    with outbox.write() as transaction:
        transaction.run("purge_sessions", now=now)
        transaction.run("start_session", digest=_digest(secret), until=until)


def end_session(outbox: Outbox, secret: str) -> None:
    """End a session on all hosts; without effect where there is none."""
    with outbox.write() as transaction:
        transaction.run("end_session", digest=_digest(secret))


def is_open_session(outbox: Outbox, secret: str, *, now: int) -> bool:
    """Whether a session of this secret was started, and has neither ended nor expired."""
    with outbox.read() as transaction:
        return transaction.row("open_session", digest=_digest(secret), now=now) is not None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
