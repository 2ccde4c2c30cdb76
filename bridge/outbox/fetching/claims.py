"""Events that wait for answers of their sender's API: claimed, returned, completed.

A claim is a lease on the event's `fetch_at`: whoever ends in between loses nothing, since the event is due again when
the lease is over, and a late one finds another time there and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge.model import EventState
from bridge.outbox.counters import counters
from bridge.outbox.engine.transaction import from_row
from bridge.outbox.inbox.record_alone import settle_fetched
from bridge.outbox.inbox.rows import event_row
from bridge.outbox.operator import replay as replaying
from bridge.outbox.registry.hooks import hook_id

if TYPE_CHECKING:
    from bridge.model import NewEvent
    from bridge.outbox.engine.database import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchClaim:
    """A claimed event: `tries` counts this one, `until` is the end of the lease, `fetched` what is there already."""

    event_id: int
    item: int
    hook: str
    received_at: int
    tries: int
    until: int
    fetched: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchBacklog:
    """The events of a hook that wait for their answers, as many as were counted, and when the oldest came."""

    hook: str
    events: int
    oldest_at: int


def hooks_to_fetch(outbox: Outbox) -> tuple[str, ...]:
    """The hooks that have an event which may be fetched now."""
    with outbox.read() as transaction:
        return tuple(row["name"] for row in transaction.rows("hooks_to_fetch", now=transaction.now()))


def fetch_backlogs(outbox: Outbox, *, cap: int) -> tuple[FetchBacklog, ...]:
    """What waits for answers, by hook, each count up to `cap`."""
    with outbox.read() as transaction:
        rows = transaction.rows("fetch_backlogs", cap=cap)
    return tuple(from_row(FetchBacklog, row, hook=row["name"]) for row in rows)


def claim_fetches(outbox: Outbox, hook: str, *, limit: int, lease_ms: int) -> tuple[FetchClaim, ...]:
    """Claim events of a hook whose answers may be fetched now, those due longest first. Each claim is a try."""
    with outbox.write() as transaction:
        now = transaction.now()
        due = transaction.rows("due_fetches", hook=hook, now=now, limit=limit)
        until = now + lease_ms
        transaction.run_many("claim_fetch", [{"event_id": row["id"], "until": until} for row in due])
    return tuple(
        FetchClaim(
            event_id=row["id"],
            item=row["item"],
            hook=hook,
            received_at=row["received_at"],
            tries=row["fetch_tries"] + 1,
            until=until,
            fetched=bytes(row["content"] or b""),
        )
        for row in due
    )


def return_fetch(
    outbox: Outbox, fetching: FetchClaim, *, at: int, counts: bool, fetched: bytes = b"", notes: bytes | None = None
) -> bool:
    """Give a claimed event back, to be tried from `at` on; False when the claim was lost meanwhile.

    With `counts` False it was no try. `fetched` is stored of what was answered, `notes` replace the event's.
    """
    with outbox.write() as transaction:
        done = transaction.run(
            "return_fetch",
            event_id=fetching.event_id,
            until=fetching.until,
            at=at,
            uncounted=int(not counts),
            notes=notes,
        )
        if done and fetched:
            transaction.run("store_fetched", event_id=fetching.event_id, content=fetched)
    return bool(done)


def complete_fetch(
    outbox: Outbox, fetching: FetchClaim, event: NewEvent, *, fetched: bytes, mapping_set_id: int | None
) -> bool:
    """Give a claimed event what its mapping made of it, with its deliveries; False when the claim was lost meanwhile.

    `fetched` is stored for a replay. The event's key stays as it was.
    """
    row = event_row(outbox, event, fetching.received_at, hook_id(outbox, fetching.hook), mapping_set_id)
    deltas = counters.CounterDeltas()
    deltas.note("remapped", -1, hook=fetching.hook, state=EventState.FETCHING.name.lower())
    with outbox.write() as transaction:
        row = settle_fetched(transaction, fetching.event_id, row)
        deltas.note("events", hook=fetching.hook, state=row.state.name.lower())
        columns = replaying.columns_of(event) | {"state": int(row.state), "reason": row.reason}
        parameters = {"event_id": fetching.event_id, "until": fetching.until, "mapping_set_id": mapping_set_id}
        if not transaction.run("complete_fetch", **parameters, **columns):
            return False
        if fetched:
            transaction.run("store_fetched", event_id=fetching.event_id, content=fetched)
        before = transaction.rows("states_of_event", event_id=fetching.event_id)
        deltas.update(replaying.add_replayed(transaction, fetching.event_id, row.deliveries, before))
        counters.add(outbox, transaction, deltas)
    outbox.notify()
    return True


def fetched_of(outbox: Outbox, event_id: int) -> bytes:
    """What the sender of an event was asked for, a JSON object by step; nothing if it was not."""
    with outbox.read() as transaction:
        row = transaction.row("fetched_of", event_id=event_id)
    return bytes(row["content"]) if row else b""
