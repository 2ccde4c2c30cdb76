"""The value objects that every part of the bridge shares. They hold data, and what follows from it alone.

Times are integers, milliseconds since 1970-01-01 UTC, and their names end in `_at` or `_until`.
"""

from __future__ import annotations

from bridge.model.alarm import Alarm, AlarmSeverity
from bridge.model.call import (
    Effect,
    Lane,
    Ledger,
    Outcome,
    OutcomeStatus,
    ParametersIn,
    Response,
    SideEffect,
    Slot,
    Transition,
    allowed_calls,
)
from bridge.model.delivery import (
    DEFAULT_ACCOUNT,
    PATIENCE_MS,
    Claim,
    ClaimedDelivery,
    DeadReason,
    DeliveryState,
    NewDelivery,
    NewEvent,
    NewRequest,
    OnDoubt,
    Order,
    Priority,
    Receipt,
    Target,
)
from bridge.model.durations import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from bridge.model.event import WHOLE_REQUEST, Answer, Contact, Event, EventState, Kind, Question, Request
from bridge.model.limits import (
    DEFAULT_LIMITS,
    LARGEST_BODY,
    SMALLEST_BODY,
    Limits,
    limits_for,
)
from bridge.model.names import call_name, delivery_name, event_name, pull_command
from bridge.model.problem import Edit, Problem, Severity, internal_problem
from bridge.model.role import Role
from bridge.model.value_object import value_object

__all__ = [
    "DAY_MS",
    "DEFAULT_ACCOUNT",
    "DEFAULT_LIMITS",
    "HOUR_MS",
    "LARGEST_BODY",
    "MINUTE_MS",
    "PATIENCE_MS",
    "SECOND_MS",
    "SMALLEST_BODY",
    "WHOLE_REQUEST",
    "Alarm",
    "AlarmSeverity",
    "Answer",
    "Claim",
    "ClaimedDelivery",
    "Contact",
    "DeadReason",
    "DeliveryState",
    "Edit",
    "Effect",
    "Event",
    "EventState",
    "Kind",
    "Lane",
    "Ledger",
    "Limits",
    "NewDelivery",
    "NewEvent",
    "NewRequest",
    "OnDoubt",
    "Order",
    "Outcome",
    "OutcomeStatus",
    "ParametersIn",
    "Priority",
    "Problem",
    "Question",
    "Receipt",
    "Request",
    "Response",
    "Role",
    "Severity",
    "SideEffect",
    "Slot",
    "Target",
    "Transition",
    "allowed_calls",
    "call_name",
    "delivery_name",
    "event_name",
    "internal_problem",
    "limits_for",
    "pull_command",
    "value_object",
]
