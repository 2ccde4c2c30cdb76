"""The product itself: `leadbridge serve` over the demo's mappings and a SQLite file, with its sandbox."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.peers.flask_peers import THREADS, WORKERS
from benchmarks.peers.peer import Peer, Running
from benchmarks.peers.webhooks import SECRET
from bridge.demo.stage import stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def leadbridge() -> Peer:
    """The product on SQLite."""
    return Peer(
        name="leadbridge, SQLite",
        setup="signature, JSON, consent, mapping, idempotency key, request, event and two deliveries in "
        f"one commit; {WORKERS} workers of {THREADS} threads; the deliverer and its sandbox run next to it",
        synced="all",
        start=_leadbridge,
    )


@contextmanager
def _leadbridge(folder: Path) -> Iterator[Running]:
    database = folder / "leadbridge.db"
    settings = {
        "TYPEFORM_SECRET": SECRET,
        "LEADBRIDGE_WORKERS": str(WORKERS),
        "LEADBRIDGE_THREADS": str(THREADS),
        "LEADBRIDGE_DATABASE_URL": f"sqlite:///{database}",
    }
    with stage(settings=settings) as running:
        port = urlsplit(running.hooks_url).port or 0
        yield Running(port=port, group=running.service_pid, stored=partial(_accepted, database))


def _accepted(database: Path) -> set[str]:
    """The ids of the accepted events: the names in their leads' addresses."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT lead FROM events WHERE state = 1").fetchall()
    return {lead.partition("@")[0] for (lead,) in rows}
