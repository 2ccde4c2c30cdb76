"""The mapping sets that were ever active: events refer to theirs, and a restart finds the last good one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.outbox.engine.transaction import from_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.outbox.engine.database import Outbox


def store_mapping_set(outbox: Outbox, content: bytes) -> int:
    """Store a mapping set and activate it; its id. The same content again is the same set."""
    digest = hashlib.sha256(content).digest()
    with outbox.write() as transaction:
        transaction.run("add_mapping_set", digest=digest, content=content, now=transaction.now())
        row = transaction.row("mapping_set_id", digest=digest)
        mapping_set_id = int(row["id"]) if row else 0
        transaction.run("activate", mapping_set_id=mapping_set_id)
    return mapping_set_id


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingSet:
    """A mapping set that was ever active: its content, when (ms UTC) it first was, and whether it is now."""

    set_id: int
    content: bytes
    stored_at: int
    is_active: bool


def mapping_sets(outbox: Outbox) -> Iterator[MappingSet]:
    """Every mapping set, oldest first, one at a time."""
    last = 0
    while True:
        with outbox.read() as transaction:
            row = transaction.row("mapping_sets", after=last)
        if row is None:
            return
        last = row["id"]
        yield from_row(MappingSet, row, set_id=last, is_active=bool(row["is_active"]))


def request_reload(outbox: Outbox) -> None:
    """Ask every process on every host to reload its mappings and secrets."""
    with outbox.write() as transaction:
        transaction.run("request_reload")


def active_mapping_set(outbox: Outbox) -> tuple[int, bytes] | None:
    """The id and the content of the mapping set active, None when there never was one."""
    with outbox.read() as transaction:
        row = transaction.row("active_mapping_set")
    return (row["id"], row["content"]) if row else None


def active_generation(outbox: Outbox) -> tuple[int, int] | None:
    """A number that grows with every change and every requested reload, and the id of the active set: cheap to poll.

    None when there never was one.
    """
    with outbox.read() as transaction:
        row = transaction.row("active_generation")
    return (row["generation"], row["mapping_set_id"]) if row else None
