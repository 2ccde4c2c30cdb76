"""Ids that never change once committed (of hooks, accounts, APIs and lanes), looked up once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction

MAX_KNOWN = 10_000


def known_id(outbox: Outbox, kind: str, name: object, make: Callable[[Transaction], int]) -> int:
    """The id of what has this name among its kind; `make` finds it, or makes it if it is new.

    It is made in a transaction of its own, so that none waits for it.
    """
    known = outbox.known_ids.get((kind, name))
    if known is None:
        with outbox.write() as transaction:
            known = make(transaction)
        if len(outbox.known_ids) > MAX_KNOWN:
            outbox.known_ids.clear()
        outbox.known_ids[kind, name] = known
    return known
