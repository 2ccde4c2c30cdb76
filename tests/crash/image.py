"""What a disk holds after the power failed: what was synced for certain, and of the rest what chance leaves.

A disk owes a file what was written before a sync of that file started, once the sync has ended. Of everything written
later it may have kept anything: none of it (`synced`), or some of it, torn (`torn`). A file that is new is owed when
its folder was synced after that. A file that was deleted is gone at once. Sectors are whole and old or whole and new:
that much SQLite asks of a disk as well. https://www.sqlite.org/atomiccommit.html (section 2) https://www.sqlite.org/psow.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.crash.trace import Kind, Operation

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

SECTOR = 512
PAGE = 4096


class Disk:
    """A disk to which operations are done in their order; asked for instants, each later than the one before."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._next = 0
        self._files: dict[str, _File] = {}
        self._folder_syncs: list[Operation] = []

    def pass_to(self, instant: int) -> None:
        """Let everything happen that was started before an instant."""
        while self._next < len(self._operations) and self._operations[self._next].started < instant:
            self._do(self._operations[self._next])
            self._next += 1
        for file in self._files.values():
            file.settle(instant)

    def synced(self, instant: int) -> dict[str, bytes]:
        """The least that the disk may hold if the power fails at the instant last passed to: files by their paths."""
        return {path: bytes(file.content) for path, file in self._owed(instant)}

    def torn(self, instant: int, chance: random.Random) -> dict[str, bytes]:
        """That, and by chance some of what no sync covers yet: whole pages of it, and pages torn between sectors."""
        contents = {}
        for path, file in self._owed(instant):
            content = bytearray(file.content)
            for operation in file.floating:
                for part in _kept(operation, chance):
                    _apply(part, content)
            contents[path] = bytes(content)
        return contents

    def _do(self, operation: Operation) -> None:
        match operation.kind:
            case Kind.FOLDER_SYNCED:
                self._folder_syncs.append(operation)
            case Kind.UNLINKED:
                self._files.pop(operation.path, None)
            case Kind.SYNCED:
                if operation.path in self._files:
                    self._files[operation.path].syncs.append(operation)
            case Kind.WRITTEN | Kind.CUT:
                file = self._files.setdefault(operation.path, _File(made=operation.ended))
                file.floating.append(operation)

    def _owed(self, instant: int) -> Iterator[tuple[str, _File]]:
        named = max((sync.started for sync in self._folder_syncs if sync.ended <= instant), default=0)
        return ((path, file) for path, file in self._files.items() if file.made <= named)


class _File:
    """One file: what is safe of it, what is not yet, and the syncs that have not ended."""

    def __init__(self, made: int) -> None:
        self.made = made
        self.content = bytearray()
        self.floating: list[Operation] = []
        self.syncs: list[Operation] = []

    def settle(self, instant: int) -> None:
        """Keep for certain what a sync covers that has ended."""
        covered = max((sync.started for sync in self.syncs if sync.ended <= instant), default=0)
        self.syncs = [sync for sync in self.syncs if sync.ended > instant]
        for operation in self.floating:
            if operation.ended <= covered:
                _apply(operation, self.content)
        self.floating = [operation for operation in self.floating if operation.ended > covered]


def lying(operations: Sequence[Operation], lag_ns: int) -> list[Operation]:
    """The same on a disk that says that it has synced a file so much earlier than it has."""
    return [replace(one, ended=one.ended + lag_ns) if one.kind is Kind.SYNCED else one for one in operations]


def _apply(operation: Operation, content: bytearray) -> None:
    if operation.kind is Kind.CUT:
        del content[operation.offset :]
        content.extend(bytes(operation.offset - len(content)))
        return
    content.extend(bytes(max(0, operation.offset - len(content))))
    content[operation.offset : operation.offset + len(operation.data)] = operation.data


def _kept(operation: Operation, chance: random.Random) -> Iterator[Operation]:
    """What is left by chance of an operation that nothing has synced: of each page all, nothing, or some sectors."""
    if operation.kind is Kind.CUT:
        if chance.random() < 0.5:
            yield operation
        return
    end = operation.offset + len(operation.data)
    page = operation.offset
    while page < end:
        next_page = min(end, (page // PAGE + 1) * PAGE)
        share = chance.choice((0.0, 0.5, 1.0))
        yield from (part for part in _sectors(operation, page, next_page) if chance.random() < share)
        page = next_page


def _sectors(operation: Operation, start: int, end: int) -> Iterator[Operation]:
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        data = operation.data[start - operation.offset : stop - operation.offset]
        yield Operation(
            kind=Kind.WRITTEN,
            path=operation.path,
            started=operation.started,
            ended=operation.ended,
            offset=start,
            data=data,
        )
        start = stop
