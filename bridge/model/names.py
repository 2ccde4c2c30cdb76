"""The ids that people see and paste."""

from __future__ import annotations

from bridge.model.delivery import DEFAULT_ACCOUNT


def event_name(event_id: int) -> str:
    """The id of an event as people see it: `evt_12`."""
    return f"evt_{event_id}"


def delivery_name(delivery_id: int) -> str:
    """The id of a delivery as people see it: `dlv_12`."""
    return f"dlv_{delivery_id}"


def call_name(call_id: int) -> str:
    """The id of a call as people see it: `call_12`."""
    return f"call_{call_id}"


def pull_command(account: str) -> str:
    """The command that reads an account again, as it must be written for this one."""
    return "leadbridge pull" if account == DEFAULT_ACCOUNT else f"leadbridge pull --account {account}"
