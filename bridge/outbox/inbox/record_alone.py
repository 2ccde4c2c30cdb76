"""One request in a transaction of its own: where an event's key came before, or a row was refused among others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.errors import OutboxUnavailableError
from bridge.model import EventState, Receipt
from bridge.outbox.counters import counters
from bridge.outbox.engine.transaction import from_row
from bridge.outbox.inbox import insert
from bridge.outbox.inbox.batch import Stored
from bridge.outbox.inbox.duplicates import MAY_HAVE_RETURNED, OVERTAKEN, Known, Relation, relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.outbox.engine.database import Outbox
    from bridge.outbox.engine.transaction import Row, Transaction
    from bridge.outbox.inbox.rows import DeliveryRow, EventRow, RequestRow

TRIES = 5
"""Each failed try means that another process changed the same event in between."""

REPLACED = "replaced"
"""The reason of a refused or fetching event whose place another one has taken."""

UNCHANGED = "unchanged"
"""The reason of a fetched event of which nothing differs from what was delivered."""


def record_alone(outbox: Outbox, request: RequestRow, stored: Stored | None = None) -> Stored:
    """Store a request, or find the events that came before its own; it is whole.

    `stored` is what has been stored of it already. Raises OutboxUnavailableError, and OutboxError when the database
    refused a row.
    """
    done = stored.receipts if stored is not None else (None,) * len(request.events)
    with outbox.write() as transaction:
        recorder = _Recorder(transaction, request, request.request_id if stored is None else stored.request_id)
        receipts = recorder.record(done)
        counters.add(outbox, transaction, recorder.counts)
    return Stored(recorder.request_id, receipts)


def settle_fetched(transaction: Transaction, event_id: int, event: EventRow) -> EventRow:
    """A fetched event as it is to be stored: what it would deliver is known only now, and so whether that differs."""
    own = transaction.needed_row("key_of_event", event_id=event_id)
    hook_id = own["hook_id"]
    event = event._replace(key=own["key"] or "")
    transaction.row("lock_key", hook_id=hook_id, key=event.key)
    rows = transaction.rows("events_of_key", hook_id=hook_id, key=event.key)
    others = [one for one in map(_known, rows) if one.event_id != event_id and one.state is EventState.ACCEPTED]
    before = next((one for one in others if one.lead == event.lead), None)
    if event.state is not EventState.ACCEPTED or not others:
        return event
    if before is not None and before.outcome == event.outcome and not event.withdraws:
        return event.ignored(UNCHANGED)
    return _without_started(transaction, hook_id, event)


class _Recorder:
    """Records the events of one request; the request itself with the first of them that is stored."""

    def __init__(self, transaction: Transaction, request: RequestRow, request_id: int | None) -> None:
        self.counts = counters.CounterDeltas()
        self._transaction = transaction
        self._request = request
        self.request_id = request_id

    def record(self, done: Sequence[Receipt | None]) -> tuple[Receipt, ...]:
        """A receipt per event. Two requests with the same two keys meet them in the same order: neither waits."""
        receipts = dict(enumerate(done))
        for index in sorted(receipts, key=lambda index: self._request.events[index].key):
            receipts[index] = receipts[index] or self._record(self._request.events[index])
        return tuple([receipt for receipt in receipts.values() if receipt])

    def _record(self, event: EventRow) -> Receipt:
        hook_id, now = self._request.hook_id, self._transaction.now()
        self._transaction.row("lock_key", hook_id=hook_id, key=event.key)
        for _ in range(TRIES):
            current = self._transaction.row("current_of_key", hook_id=hook_id, key=event.key)
            if current is None:
                event_id = self._add(event)
                if event_id is not None:
                    return Receipt(event_id=event_id, state=event.state, reason=event.reason)
            elif current["key_until"] is not None and current["key_until"] <= now:
                self._transaction.run("free_key", hook_id=hook_id, key=event.key)
            else:
                return self._record_second(event)
        raise OutboxUnavailableError("the same event is being stored by several others; try again")

    def _record_second(self, event: EventRow) -> Receipt:
        """Store an event whose key came before, where it is a change; the lock on the current one is held."""
        hook_id = self._request.hook_id
        rows = self._transaction.rows("events_of_key", hook_id=hook_id, key=event.key)
        known = [_known(row) for row in rows]
        found, first = relation(event, known)
        if found is Relation.SAME and event.withdraws and self._has_consented_since(event, first):
            found = Relation.CHANGE
        if found is Relation.SAME and self._may_have_returned(event, first):
            undecided = next((one for one in known if one.reason == MAY_HAVE_RETURNED.code), None)
            if undecided is not None:
                return self._count_again(undecided)
            found, event = Relation.CHANGE, event.refused(MAY_HAVE_RETURNED)
        if found is Relation.SAME:
            return self._count_again(first)
        if found is Relation.CHANGE:
            self._replace(known[0])
        elif found is Relation.OLDER:
            event = event.ignored(OVERTAKEN)
        event = _without_started(self._transaction, hook_id, event)
        event_id = self._add(event, is_current=found is Relation.CHANGE)
        if event_id is None:
            raise OutboxUnavailableError("the same event is being stored by another process; try again")
        return Receipt(event_id=event_id, state=event.state, reason=event.reason, update=True)

    def _has_consented_since(self, event: EventRow, first: Known) -> bool:
        """Whether the lead came back after a withdrawal that is now repeated word for word: then it is another one."""
        parameters = {"hook_id": self._request.hook_id, "lead": event.lead, "sent_at": event.sent_at}
        return self._transaction.row("consent_since", event_id=first.event_id, **parameters) is not None

    def _may_have_returned(self, event: EventRow, first: Known) -> bool:
        """Whether the lead withdrew after a consent that is now repeated word for word, and no id says which it is."""
        if event.has_id or event.withdraws or event.state is not EventState.ACCEPTED:
            return False
        return self._transaction.row("withdrew_since", event_id=first.event_id) is not None

    def _count_again(self, first: Known) -> Receipt:
        self._transaction.run("count_again", event_id=first.event_id, now=self._transaction.now())
        self.counts.note("events", hook=self._request.hook, state="duplicate")
        return Receipt(event_id=first.event_id, state=first.state, reason=first.reason, duplicate=True)

    def _replace(self, current: Known) -> None:
        """Let another event stand for the key. One that waits for a person or for answers does so no more."""
        self._transaction.run("give_key_away", event_id=current.event_id)
        if current.state in (EventState.REFUSED, EventState.FETCHING):
            self._transaction.run("settle_replaced", event_id=current.event_id, reason=REPLACED)
            self.counts.note_mapped_again(self._request.hook, current.state, EventState.IGNORED)

    def _add(self, event: EventRow, *, is_current: bool = True) -> int | None:
        """Add an event with its deliveries; its id, None when its key is taken."""
        ids = insert.take_ids(
            self._transaction, requests=int(self.request_id is None), events=1, deliveries=len(event.deliveries)
        )
        request_id = ids.requests[0] if self.request_id is None else self.request_id
        event_id = ids.events[0]
        if not insert.add_events(self._transaction, [(event_id, request_id, event)], are_current=is_current):
            return None
        if self.request_id is None:
            insert.add_requests(self._transaction, [(request_id, self._request)])
            self.request_id = request_id
        insert.add_deliveries(self._transaction, [(event_id, event.deliveries)], ids, self.counts)
        self.counts.note("events", hook=self._request.hook, state=event.state.name.lower())
        return event_id


def _without_started(transaction: Transaction, hook_id: int, event: EventRow) -> EventRow:
    """An event without the journeys that an earlier one of its key has started, or will: a change starts none twice."""
    if all(one.order for one in event.deliveries):
        return event
    rows = transaction.rows("journeys_of_key", hook_id=hook_id, key=event.key)
    started = {(row["lane_id"], row["lead"]) for row in rows}
    left = [place for place, one in enumerate(event.deliveries) if (one.lane_id, one.lead) not in started]
    places = {place: number for number, place in enumerate(left)}
    return event._replace(deliveries=tuple(_renumbered(event.deliveries[place], places) for place in left))


def _renumbered(delivery: DeliveryRow, places: dict[int, int]) -> DeliveryRow:
    return delivery._replace(waits_for=None if delivery.waits_for is None else places.get(delivery.waits_for))


def _known(row: Row) -> Known:
    return from_row(
        Known,
        row,
        event_id=row["id"],
        state=EventState(row["state"]),
        lead=row["lead"] or "",
        inputs=bytes(row["inputs"] or b""),
        outcome=bytes(row["outcome"] or b""),
    )
