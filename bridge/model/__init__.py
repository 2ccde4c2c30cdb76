"""The nouns that every part of the bridge shares. They hold data and nothing else.

Times are integers, milliseconds since 1970-01-01 UTC, and their names end in `_at` or `_until`.
"""

from __future__ import annotations

from bridge.model.call import Aftermath, Effect, Lane, Ledger, Move, Outcome, Reading, Slot, Verdict
from bridge.model.delivery import (
    DEFAULT_ACCOUNT,
    Claim,
    ClaimedDelivery,
    DeadReason,
    DeliveryClass,
    DeliveryState,
    NewDelivery,
    NewEvent,
    NewRequest,
    OnDoubt,
    Receipt,
    Target,
)
from bridge.model.event import Answer, Contact, Event, EventState, Kind, Question, Request
from bridge.model.names import call_name, delivery_name, event_name
from bridge.model.noun import noun
from bridge.model.problem import Problem, Severity

__all__ = [
    "DEFAULT_ACCOUNT",
    "Aftermath",
    "Answer",
    "Claim",
    "ClaimedDelivery",
    "Contact",
    "DeadReason",
    "DeliveryClass",
    "DeliveryState",
    "Effect",
    "Event",
    "EventState",
    "Kind",
    "Lane",
    "Ledger",
    "Move",
    "NewDelivery",
    "NewEvent",
    "NewRequest",
    "OnDoubt",
    "Outcome",
    "Problem",
    "Question",
    "Reading",
    "Receipt",
    "Request",
    "Severity",
    "Slot",
    "Target",
    "Verdict",
    "call_name",
    "delivery_name",
    "event_name",
    "noun",
]
