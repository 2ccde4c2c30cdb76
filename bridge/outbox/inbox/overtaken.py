"""What comes later than something newer: an older state of a person must not be written over the newer one.

There are two looks, for two questions. This one is about a whole update when it comes: where a later state went, or
will go, to each of its targets, journeys among them, nothing is to be delivered, so it is stored as `overtaken`, and
`replay --overtaken` finds it. The other one, `overtaken_in_call` of `precedence`, is about one delivery just before its
call, and is what order rests on: it also sees what two hosts stored at the same moment, and the contrary of a state.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from bridge.model import EventState, Kind
from bridge.outbox.inbox.duplicates import OVERTAKEN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from bridge.outbox.engine.transaction import Transaction
    from bridge.outbox.inbox.rows import EventRow, RequestRow


def settle_late(transaction: Transaction, requests: Sequence[RequestRow]) -> list[RequestRow]:
    """Requests with those of their updates ignored that are overtaken by what is stored, or by one before them here."""
    before: dict[tuple[int, str], list[EventRow]] = defaultdict(list)
    return [_settled(transaction, one, before) if any(map(is_dated, one.events)) else one for one in requests]


def settle_one(transaction: Transaction, hook_id: int, event: EventRow) -> EventRow:
    """The same for one event whose key is new."""
    late = is_dated(event) and is_overtaken(transaction, hook_id, event)
    return event.ignored(OVERTAKEN) if late else event


def _settled(
    transaction: Transaction, request: RequestRow, before: dict[tuple[int, str], list[EventRow]]
) -> RequestRow:
    events = []
    for event in request.events:
        others = before[request.hook_id, event.lead]
        late = is_dated(event) and is_overtaken(transaction, request.hook_id, event, others)
        events.append(event.ignored(OVERTAKEN) if late else event)
        others.append(events[-1])
    return request._replace(events=tuple(events))


def is_dated(event: EventRow) -> bool:
    """An update with its sender's time: it may be overtaken by one with another key."""
    return event.kind is Kind.UPDATE and event.sent_at is not None


def is_overtaken(transaction: Transaction, hook_id: int, event: EventRow, others: Collection[EventRow] = ()) -> bool:
    """Whether all that an accepted event would deliver went out, or will, from a later state of the same person.

    Judged by the sender's time; without one, the order of receipt counts. An event with a target that nothing later has
    is not overtaken: a person who asked for two lists is on both. Nor is a withdrawal: that is seen before its call.
    `others` are those of the person not stored yet.
    """
    if event.state is not EventState.ACCEPTED or event.sent_at is None or not event.lead or event.withdraws:
        return False
    rows = transaction.rows("later_lanes_of_lead", hook_id=hook_id, lead=event.lead, sent_at=event.sent_at)
    later = {row["lane_id"] for row in rows}
    newer = [one for one in others if one.sent_at is not None and one.sent_at > event.sent_at]
    later |= {delivery.lane_id for one in newer for delivery in one.deliveries}
    return all(one.lane_id in later for one in event.deliveries)
