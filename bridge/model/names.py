"""The ids that people see and paste."""

from __future__ import annotations


def event_name(event_id: int) -> str:
    """The id of an event as people see it: `evt_12`."""
    return f"evt_{event_id}"


def delivery_name(delivery_id: int) -> str:
    """The id of a delivery as people see it: `dlv_12`."""
    return f"dlv_{delivery_id}"


def call_name(call_id: int) -> str:
    """The id of a call as people see it: `call_12`."""
    return f"call_{call_id}"
