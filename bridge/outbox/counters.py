"""Totals that are kept as things happen, because counting rows takes longer the more there are."""

from __future__ import annotations

import json
import threading
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.outbox.database import Outbox, Transaction

Labels = tuple[tuple[str, str], ...]


class Tally(Counter[tuple[str, Labels]]):
    """What one transaction adds to the totals."""

    def note(self, name: str, count: int = 1, **labels: str) -> None:
        """Add to one total."""
        self[name, tuple(sorted(labels.items()))] += count


def add(outbox: Outbox, transaction: Transaction, tally: Tally) -> None:
    """Add a tally to the totals.

    To be the last statement of its transaction: these few rows are shared by all, and who waits for one while
    others wait for what it holds itself would wait for ever.
    """
    shard = threading.get_ident() // 64 % outbox.shards
    transaction.run_many(
        "add_to_counter",
        [
            {"name": name, "labels": json.dumps(dict(labels)), "shard": shard, "count": count}
            for (name, labels), count in sorted(tally.items())
            if count
        ],
    )


def totals(outbox: Outbox) -> Mapping[tuple[str, Labels], int]:
    """Every total by its name and its labels (pairs in the order of their names).

    `events` by hook and state; `deliveries` that reached an end, by api, state and reason; `dead` is how many are
    dead now, by api and reason.
    """
    with outbox.read() as transaction:
        return {
            (row["name"], tuple(json.loads(row["labels"]).items())): int(row["total"])
            for row in transaction.rows("totals")
        }
