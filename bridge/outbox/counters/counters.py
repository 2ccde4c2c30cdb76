"""Totals that are counted as things happen, because counting rows takes longer the more there are."""

from __future__ import annotations

import json
import threading
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.model import DeadReason, EventState
    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Transaction

MAX_KNOWN: Final = 4_096

Labels = tuple[tuple[str, str], ...]


class CounterDeltas(Counter[tuple[str, Labels]]):
    """What one transaction adds to the totals."""

    def note(self, name: str, count: int = 1, **labels: str) -> None:
        """Add to one total."""
        self[name, tuple(sorted(labels.items()))] += count

    def note_dead(self, api: str, reason: DeadReason, count: int = 1) -> None:
        """Deliveries to an API that were given up: they reached an end, and are dead now."""
        self.note("deliveries", count, api=api, state="dead", reason=reason.value)
        self.note("dead", count, api=api, reason=reason.value)

    def note_mapped_again(self, hook: str, before: EventState, after: EventState) -> None:
        """A stored event of a hook that is in another state from now on."""
        self.note("remapped", -1, hook=hook, state=before.name.lower())
        self.note("remapped", hook=hook, state=after.name.lower())


def add(outbox: Outbox, transaction: Transaction, deltas: CounterDeltas) -> None:
    """Add a tally to the totals.

    To be the last statement of its transaction: these few rows are shared by all, and who waits for one while
    others wait for what it holds itself would wait for ever.
    """
    row = shard(outbox)
    transaction.run_many(
        "add_to_counter",
        [
            {"name": name, "labels": as_text(labels), "shard": row, "count": count}
            for (name, labels), count in sorted(deltas.items())
            if count
        ],
    )


def shard(outbox: Outbox) -> int:
    """Which of a total's rows this thread adds to."""
    return threading.get_ident() // 64 % outbox.shards


@lru_cache(MAX_KNOWN)
def event_labels(hook: str, state: EventState) -> Labels:
    """Under what an event of a hook is counted."""
    return ("hook", hook), ("state", state.name.lower())


@lru_cache(MAX_KNOWN)
def as_text(labels: Labels) -> str:
    """Labels as they are stored."""
    return json.dumps(dict(labels))


def totals(outbox: Outbox) -> Mapping[tuple[str, Labels], int]:
    """Every total by its name and its labels (pairs in the order of their names).

    `events` by hook and state; `deliveries` that reached an end, by api, state and reason; `dead` is how many are
    dead now, by api and reason; `remapped` how `events` differ from what they are since, by hook and state;
    `resent_in_doubt` how many leads went out again after a call without an answer, by api.
    """
    with outbox.read() as transaction:
        return {
            (row["name"], tuple(json.loads(row["labels"]).items())): int(row["total"])
            for row in transaction.rows("totals")
        }
