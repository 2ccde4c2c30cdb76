"""What a person asks of the outbox, and does with it: status, search, timeline, retry, replay, cancel."""

from __future__ import annotations

from bridge.outbox.operator.cancel import cancel, dismiss
from bridge.outbox.operator.replay import journeys_of_changes, store_replay
from bridge.outbox.operator.retry import retry
from bridge.outbox.operator.search import Chosen, Page, Selector, bounds, chosen, newest
from bridge.outbox.operator.similar_leads import MOST_LIKE, lead_that, leads_like, near_spellings
from bridge.outbox.operator.status import ApiStatus, LaneStatus, Status, events_an_hour, status
from bridge.outbox.operator.timeline import (
    AttemptStory,
    DeliveryStory,
    EventStory,
    StoredRequest,
    find_events,
    request_of,
)

__all__ = [
    "MOST_LIKE",
    "ApiStatus",
    "AttemptStory",
    "Chosen",
    "DeliveryStory",
    "EventStory",
    "LaneStatus",
    "Page",
    "Selector",
    "Status",
    "StoredRequest",
    "bounds",
    "cancel",
    "chosen",
    "dismiss",
    "events_an_hour",
    "find_events",
    "journeys_of_changes",
    "lead_that",
    "leads_like",
    "near_spellings",
    "newest",
    "request_of",
    "retry",
    "status",
    "store_replay",
]
