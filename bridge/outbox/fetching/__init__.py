"""Events that are completed by what their sender's API answers: claims, backlog, pauses."""

from __future__ import annotations

from bridge.outbox.fetching.claims import (
    FetchBacklog,
    Fetching,
    claim_fetches,
    fetch_backlogs,
    fetched_of,
    hooks_to_fetch,
    put_back,
    store_fetched,
)
from bridge.outbox.fetching.pauses import FetchPause, fetch_pauses, pause_fetches, resume_fetches, take_fetch_probe

__all__ = [
    "FetchBacklog",
    "FetchPause",
    "Fetching",
    "claim_fetches",
    "fetch_backlogs",
    "fetch_pauses",
    "fetched_of",
    "hooks_to_fetch",
    "pause_fetches",
    "put_back",
    "resume_fetches",
    "store_fetched",
    "take_fetch_probe",
]
