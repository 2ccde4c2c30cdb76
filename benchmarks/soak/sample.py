"""What is looked at every few seconds: memory of the service's processes, size of the database, time of a look."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bridge.outbox.operator import status
from bridge.outbox.queue import lanes, ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bridge.outbox import Outbox

PARTS: Final = ("supervisor", "receiver", "deliverer", "admin")
TABLES: Final = ("requests", "events", "deliveries", "payloads", "calls", "attempts", "counters", "apis", "lanes")
CAP: Final = 400

_SIZES: Final = """\
SELECT relname AS name, pg_total_relation_size(relid) AS size, n_dead_tup AS dead, autovacuum_count AS vacuums
FROM pg_stat_user_tables WHERE relname = ANY(%s)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look. Memory (RSS by part, its worker processes included) and sizes in bytes; `look_ms` is how long it took
    to see what is due and what the ledger allows, `waiting` how many deliveries are open (counted up to a cap).
    """

    at: float
    memory: Mapping[str, int]
    sizes: Mapping[str, int]
    dead: Mapping[str, int] = field(default_factory=dict)
    vacuums: int = 0
    look_ms: float
    waiting: int

    @property
    def size(self) -> int:
        """The database's."""
        return sum(self.sizes.values())


def take(store: Outbox, service_pid: int) -> Sample:
    """Look now. Raises OutboxError."""
    started = time.perf_counter()
    lanes(store, "default", "trigger", cap=CAP)
    ledger(store, "default", "trigger")
    look_ms = (time.perf_counter() - started) * 1000
    kept: dict[str, Any] = _file(Path(store.name)) if store.is_file else _tables(store)
    return Sample(at=time.time(), memory=_memory(service_pid), look_ms=look_ms, waiting=_waiting(store), **kept)


def _file(path: Path) -> dict[str, Any]:
    files = {"file": path, "log": path.with_name(f"{path.name}-wal")}
    return {"sizes": {name: file.stat().st_size for name, file in files.items()}}


def _tables(store: Outbox) -> dict[str, Any]:
    with store.read() as transaction:
        rows = transaction.connection.execute(_SIZES, (list(TABLES),)).fetchall()
    return {
        "sizes": {row["name"]: int(row["size"]) for row in rows},
        "dead": {row["name"]: int(row["dead"]) for row in rows},
        "vacuums": sum(int(row["vacuums"]) for row in rows),
    }


def _waiting(store: Outbox) -> int:
    found = [lane for api in status(store).apis for lane in api.lanes]
    return sum(sum(lane.pending.values()) + lane.claimed + lane.blocked for lane in found)


def _memory(service_pid: int) -> dict[str, int]:
    found = dict.fromkeys(PARTS, 0)
    for pid, part in _processes(service_pid):
        found[part] += _rss(pid)
    return found


def _processes(service_pid: int) -> Iterator[tuple[int, str]]:
    """The supervisor, its parts, and the processes of these."""
    yield service_pid, "supervisor"
    for part in _children(service_pid):
        words = Path(f"/proc/{part}/cmdline").read_bytes().split(b"\0")
        name = words[words.index(b"part") + 1].decode()
        yield part, name
        for child in _children(part):
            yield child, name


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _rss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
