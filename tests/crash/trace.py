"""What processes did to the outbox's files, as the library in benchmarks/disk wrote it down."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RECORD = struct.Struct("=QQQQII")


class Kind(IntEnum):
    """What was done; as `enum kind` in benchmarks/disk/shim.c."""

    WRITTEN = 1
    CUT = 2
    SYNCED = 3
    UNLINKED = 4
    FOLDER_SYNCED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing done to a file, or the sync of its folder; times in ns of CLOCK_MONOTONIC.

    `offset` is where `data` was written, or the new length of a file that was cut.
    """

    kind: Kind
    path: str
    started: int
    ended: int
    offset: int = 0
    data: bytes = b""


def read_traces(folder: Path) -> list[Operation]:
    """Everything that all processes did, in the order in which it was started."""
    operations = [one for path in folder.iterdir() for one in _operations(path.read_bytes())]
    return sorted(operations, key=lambda one: one.started)


def _operations(trace: bytes) -> Iterator[Operation]:
    at = 0
    while at < len(trace):
        started, ended, offset, data_length, path_length, kind = _RECORD.unpack_from(trace, at)
        data_at = at + _RECORD.size + path_length
        path = trace[at + _RECORD.size : data_at].decode()
        at = data_at + data_length
        yield Operation(kind=Kind(kind), path=path, started=started, ended=ended, offset=offset, data=trace[data_at:at])
