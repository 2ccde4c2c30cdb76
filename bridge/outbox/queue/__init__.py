"""Deliveries on their way to Zoho: lanes, claims, leases, the ledger of calls and what a finished call changes."""

from __future__ import annotations

from bridge.outbox.queue.call_ledger import count_call, ledger
from bridge.outbox.queue.claim import claim, traceparents
from bridge.outbox.queue.finish import finish
from bridge.outbox.queue.lanes import hold_lane, lanes, next_due_at, pending_apis, probe_api, release_lane
from bridge.outbox.queue.leases import return_leases
from bridge.outbox.queue.unchanged import settle_unchanged

__all__ = [
    "claim",
    "count_call",
    "finish",
    "hold_lane",
    "lanes",
    "ledger",
    "next_due_at",
    "pending_apis",
    "probe_api",
    "release_lane",
    "return_leases",
    "settle_unchanged",
    "traceparents",
]
