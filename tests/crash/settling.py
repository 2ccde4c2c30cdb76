"""Waiting until every delivery has reached its end, for as long as the outbox shows that it comes nearer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bridge.errors import LeadbridgeError
from bridge.model import DeadReason, DeliveryState
from bridge.outbox import open_outbox
from bridge.outbox.operator import find_events, status
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from bridge.outbox import Outbox
    from bridge.outbox.operator import DeliveryStory


def settle(database_url: str, *, patience_seconds: float = PATIENCE_SECONDS) -> list[str]:
    """Wait while deliveries are open; those that stay open although nothing keeps them back, one text each.

    A lead that lost several calls to kills waits for minutes by the retry rule, longer than any fixed wait; so the
    patience counts from the last change, or from when the last of them is due.
    """
    before: Any = None
    deadline = 0.0
    while work := _ask(database_url, _open_work):
        if work != before:
            before, deadline = work, time.monotonic() + patience_seconds
        elif time.monotonic() > deadline:
            seconds, left = _ask(database_url, _left) or (0.0, ["the outbox cannot be read"])
            if seconds <= 0:
                return left
            deadline = time.monotonic() + seconds + patience_seconds
        time.sleep(0.2)
    return []


def is_through(delivery: DeliveryStory) -> bool:
    """Whether it ended as it should: delivered, or given up since the person withdrew."""
    return delivery.state is DeliveryState.DELIVERED or delivery.reason is DeadReason.WITHDRAWN


def shown(delivery: DeliveryStory) -> str:
    """A delivery that did not end as it should, for a report."""
    last = delivery.attempts[-1].result if delivery.attempts else "none"
    return (
        f"delivery {delivery.delivery_id} to {delivery.target.api}: {delivery.state.name} {delivery.reason or ''}, "
        f"{delivery.attempts_count} attempts, the last {last}, available at {delivery.available_at}, "
        f"held: {delivery.held_reason or 'no'}"
    )


def _ask(database_url: str, question: Any) -> Any:
    """The answer over a connection of its own; a text while the database cannot be asked."""
    try:
        store = open_outbox(database_url)
        try:
            return question(store)
        finally:
            store.close()
    except LeadbridgeError:
        return None if question is _left else "unavailable"


def _open_work(store: Outbox) -> Any:
    """What is open, lane by lane; empty when everything has reached an end."""
    return [
        (api.api, api.breaker_until, api.locked_until, lane)
        for api in status(store, cap=1_000_000).apis
        for lane in api.lanes
        if lane.pending or lane.claimed or lane.blocked
    ]


def _left(store: Outbox) -> tuple[float, list[str]]:
    """In how many seconds the last open delivery may go, and all of them."""
    ends = (DeliveryState.DELIVERED, DeliveryState.DEAD)
    found = [one for story in find_events(store, limit=1_000_000) for one in story.deliveries if one.state not in ends]
    seconds = (max((one.available_at for one in found), default=0) - store.now()) / 1000
    return seconds, [shown(one) for one in found]
